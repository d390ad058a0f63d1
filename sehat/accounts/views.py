"""Staff login, logout and the way to one's first page."""

from typing import Any, cast

from django.contrib.auth import logout as end_login
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from sehat.accounts.forms import LoginForm
from sehat.accounts.models import Staff
from sehat.accounts.rules import FIRST_PAGE, Role
from sehat.live.sessions import PATIENT_KEY


class Login(auth_views.LoginView):
    """Username and password; django-axes locks out after five wrong tries."""

    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in; a patient signed in to the same browser stays so."""
        patient = self.request.session.get(PATIENT_KEY)
        response = super().form_valid(form)
        if patient:
            self.request.session[PATIENT_KEY] = patient
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again, as a refused request."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


@require_POST
def logout(request: HttpRequest) -> HttpResponseRedirect:
    """End the staff login of this browser, not the patient's."""
    patient = request.session.get(PATIENT_KEY)
    end_login(request)
    if patient:
        request.session[PATIENT_KEY] = patient
    return redirect("accounts:login")


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponseRedirect:
    """To the first page of the role."""
    staff = cast(Staff, request.user)
    return redirect(FIRST_PAGE[Role(staff.role)] if staff.role else "admin:index")

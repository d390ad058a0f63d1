"""Staff login in one step or two, logout, and the way to one's first page."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sehat.accounts import entry, queries, services, showing
from sehat.accounts.forms import LoginCodeForm, LoginForm
from sehat.accounts.models import Staff
from sehat.accounts.rules import CODE_MINUTES, FIRST_PAGE, SET_UP_MINUTES, Role
from sehat.kernel.clock import now as clock


class Login(auth_views.LoginView):
    """Username and password; django-axes locks out after five wrong tries."""

    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in; or ask for the code first, or have the code set up where it is required."""
        staff, then = form.get_user(), self.get_redirect_url()
        has_code = queries.has_second_factor(staff)
        if not has_code and not settings.SECOND_FACTOR_REQUIRED:
            return redirect(entry.sign_in(self.request, staff, then=then))
        entry.knock(self.request, staff, then=then, now=clock())
        return redirect("accounts:login_code" if has_code else "accounts:login_set_up")

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again, as a refused request."""
        response = super().form_invalid(form)
        response.status_code = 422
        return response


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """After the password of who has a second factor: the code."""
    staff = entry.at_door(request, minutes=CODE_MINUTES, now=clock())
    if staff is None:
        return entry.too_late(request)

    def then(given: dict[str, Any]) -> HttpResponse:
        services.prove_code(staff=staff, code=given["code"], now=clock())
        return redirect(entry.sign_in(request, staff))

    return showing.ask(request, LoginCodeForm(request.POST or None), "accounts/login_code.html", then)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def login_set_up(request: HttpRequest) -> HttpResponse:
    """After the password of who has none, where one is required: it is set up, and then the login is done."""
    staff = entry.at_door(request, minutes=SET_UP_MINUTES, now=clock())
    if staff is None:
        return entry.too_late(request)
    if queries.has_second_factor(staff):
        return redirect("accounts:login_code")
    return showing.set_up(request, staff, ask_password=False, done=lambda: entry.sign_in(request, staff))


@require_POST
def logout(request: HttpRequest) -> HttpResponseRedirect:
    """End the staff login of this browser, not the patient's."""
    entry.sign_out(request)
    return redirect("accounts:login")


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponseRedirect:
    """To the first page of the role."""
    staff = cast(Staff, request.user)
    return redirect(FIRST_PAGE[Role(staff.role)] if staff.role else "admin:index")


@require_GET
def office_login(request: HttpRequest) -> HttpResponse:
    """In the place of the administration's own login, which would ask for no code: it leads to the one for all."""
    if getattr(request.user, "is_staff", False):
        return redirect("admin:index")
    return render(request, "admin/login.html", {"next": request.GET.get("next", "")})

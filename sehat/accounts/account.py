"""My account: who I am, another password, the code at login."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from sehat.accounts import entry, queries, services, showing
from sehat.accounts.forms import ChangePasswordForm, ProofForm
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.kernel.clock import now as clock


@require_GET
@role_required()
def account(request: StaffRequest) -> HttpResponse:
    """Who is signed in, and what one may change about the own login."""
    has_code = queries.has_second_factor(request.user)
    context = {
        "has_code": has_code,
        "left": queries.recovery_codes_left(request.user) if has_code else 0,
        "required": settings.SECOND_FACTOR_REQUIRED,
        "done": request.GET.get("done", ""),
    }
    return render(request, "accounts/account.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@role_required()
def password(request: StaffRequest) -> HttpResponse:
    """Another password; this browser stays signed in."""
    staff = request.user

    def then(given: dict[str, Any]) -> HttpResponse:
        services.prove_password(staff=staff, password=given["password"], now=clock())
        services.change_password(staff=staff, password=given["new"])
        return _done(request, "password")

    return showing.ask(request, ChangePasswordForm(request.POST or None, staff=staff), "accounts/password.html", then)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@role_required()
def set_up(request: StaffRequest) -> HttpResponse:
    """The code at login, by an app on the telephone."""
    if queries.has_second_factor(request.user):
        return redirect("accounts:account")

    def done() -> str:
        update_session_auth_hash(request, request.user)
        return resolve_url("accounts:account")

    return showing.set_up(request, request.user, ask_password=True, done=done)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@role_required()
def renew(request: StaffRequest) -> HttpResponse:
    """New recovery codes."""

    def proved() -> HttpResponse:
        fresh = services.renew_recovery_codes(staff=request.user)
        return showing.recovery_codes(request, fresh, onward=resolve_url("accounts:account"))

    return _prove(request, "accounts/renew.html", proved)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@role_required()
def turn_off(request: StaffRequest) -> HttpResponse:
    """No code at login any more; where one is required, it is set up anew at once, on another telephone."""

    def proved() -> HttpResponse:
        staff = request.user
        services.turn_off(staff=staff)
        if not settings.SECOND_FACTOR_REQUIRED:
            return _done(request, "off")
        entry.sign_out(request)
        entry.knock(request, staff, then="", now=clock())
        return redirect("accounts:login_set_up")

    return _prove(request, "accounts/turn_off.html", proved)


def _prove(request: StaffRequest, template: str, proved: Callable[[], HttpResponse]) -> HttpResponse:
    """Ask who has a second factor for password and code; `proved` answers once they are right."""
    staff = request.user
    if not queries.has_second_factor(staff):
        return redirect("accounts:account")

    def then(given: dict[str, Any]) -> HttpResponse:
        services.prove_password(staff=staff, password=given["password"], now=clock())
        services.prove_code(staff=staff, code=given["code"], now=clock())
        return proved()

    context = {"required": settings.SECOND_FACTOR_REQUIRED}
    return showing.ask(request, ProofForm(request.POST or None), template, then, context)


def _done(request: StaffRequest, what: str) -> HttpResponse:
    """Other sessions have ended; this one goes on, under a new key."""
    update_session_auth_hash(request, request.user)
    return redirect(reverse("accounts:account", query={"done": what}))

"""What the pages of the login and of the account share: a form and its refusals, setting up, recovery codes."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sehat.accounts import codes, entry, services
from sehat.accounts.errors import WrongCode, WrongPassword
from sehat.accounts.forms import CodeForm, ProofForm
from sehat.accounts.models import Staff
from sehat.kernel.clock import now as clock
from sehat.kernel.errors import Refusal

BESIDE: dict[type[Refusal], str] = {WrongPassword: "password", WrongCode: "code"}
"""Refusals that stand beside a field; all others stand above the form."""


def ask(
    request: HttpRequest,
    form: forms.Form,
    template: str,
    then: Callable[[dict[str, Any]], HttpResponse],
    context: Mapping[str, object] | None = None,
) -> HttpResponse:
    """Show the form; once it is sent and right, `then` does its work and answers, or its refusal stands in the form."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return then(form.cleaned_data)
            except Refusal as refusal:
                form.add_error(BESIDE.get(type(refusal)), str(refusal))
                status = refusal.status
    return render(request, template, {"form": form, **(context or {})}, status=status)


def set_up(request: HttpRequest, staff: Staff, *, ask_password: bool, done: Callable[[], str]) -> HttpResponse:
    """Show the key, take the first code, show the recovery codes. `done` says where to go on."""
    key = entry.new_key(request, staff)

    def then(given: dict[str, Any]) -> HttpResponse:
        if ask_password:
            services.prove_password(staff=staff, password=given["password"], now=clock())
        fresh = services.set_up(staff=staff, key=key, code=given["code"], now=clock())
        entry.forget_new_key(request)
        return recovery_codes(request, fresh, onward=done(), first=True)

    address = codes.address_of(key, staff.username)
    context = {
        "address": address,
        "picture": codes.picture_of(address),
        "key": codes.to_type(key),
        "at_door": not ask_password,
    }
    form = (ProofForm if ask_password else CodeForm)(request.POST or None)
    return ask(request, form, "accounts/set_up.html", then, context)


def recovery_codes(request: HttpRequest, fresh: list[str], *, onward: str, first: bool = False) -> HttpResponse:
    """The one page on which they ever stand: an answer that is stored nowhere."""
    grouped = [f"{code[:4]} {code[4:8]} {code[8:]}" for code in fresh]
    context = {"codes": grouped, "onward": onward, "first": first}
    return render(request, "accounts/recovery_codes.html", context)

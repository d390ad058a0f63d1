"""What the pages of the login and of the account share: a refusal beside its field, setting up, recovery codes."""

from collections.abc import Callable

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


def refuse(form: forms.Form, refusal: Refusal) -> int:
    """Put the refusal into the form; return the status to answer with."""
    form.add_error(BESIDE.get(type(refusal)), str(refusal))
    return refusal.status


def set_up(request: HttpRequest, staff: Staff, *, ask_password: bool, done: Callable[[], str]) -> HttpResponse:
    """Show the key, take the first code, show the recovery codes. `done` says where to go on."""
    key = entry.new_key(request, staff)
    form: CodeForm = (ProofForm if ask_password else CodeForm)(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if ask_password:
                    services.prove_password(staff=staff, password=form.cleaned_data["password"], now=clock())
                fresh = services.set_up(staff=staff, key=key, code=form.cleaned_data["code"], now=clock())
            except Refusal as refusal:
                status = refuse(form, refusal)
            else:
                entry.forget_new_key(request)
                return recovery_codes(request, fresh, onward=done(), first=True)
    address = codes.address_of(key, staff.username)
    context = {
        "form": form,
        "address": address,
        "picture": codes.picture_of(address),
        "key": codes.to_type(key),
        "at_door": not ask_password,
    }
    return render(request, "accounts/set_up.html", context, status=status)


def recovery_codes(request: HttpRequest, fresh: list[str], *, onward: str, first: bool = False) -> HttpResponse:
    """The one page on which they ever stand: an answer that is stored nowhere."""
    grouped = [f"{code[:4]} {code[4:8]} {code[8:]}" for code in fresh]
    context = {"codes": grouped, "onward": onward, "first": first}
    return render(request, "accounts/recovery_codes.html", context)

"""HQ's own page for the keys of its machines."""

from http import HTTPStatus

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from sehat.accounts.rules import Role
from sehat.accounts.sessions import StaffRequest, role_required
from sehat.api import keys
from sehat.api.models import HqKey
from sehat.api.rules import KEY_DAYS, NAME_LENGTH, USUAL_KEY_DAYS
from sehat.kernel.clock import now

SHOWN = 100


class KeyForm(forms.Form):
    """What the key is for, and for how long."""

    name = forms.CharField(
        label=_("Name"), max_length=NAME_LENGTH, help_text=_("Which machine it is for, and who looks after it.")
    )
    days = forms.TypedChoiceField(
        label=_("Counts for"),
        coerce=int,
        choices=[(days, format_lazy(_("{days} days"), days=days)) for days in KEY_DAYS],
        initial=USUAL_KEY_DAYS,
    )


@require_http_methods(["GET", "POST"])
@role_required(Role.HQ)
def hq_keys(request: StaffRequest) -> HttpResponse:
    """The keys, newest first; a new one is shown in the answer to the form, and never again."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    made = None
    if request.method == "POST" and form.is_valid():
        made = keys.make(**form.cleaned_data, by=request.user, now=now())
        form = KeyForm()
    moment = now()
    rows = HqKey.objects.select_related("made_by", "revoked_by").order_by("-id")[:SHOWN]
    context = {
        "form": form,
        "made": made,
        "rows": [(row, row.counts(moment)) for row in rows],
        "wide": True,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "api/hq_keys.html", context, status=status)


@require_POST
@role_required(Role.HQ)
def revoke_hq_key(request: StaffRequest, handle: str) -> HttpResponse:
    """It opens nothing from now on; pressed twice, it is revoked once."""
    key = HqKey.objects.filter(handle=handle).first()
    if key is None:
        raise Http404
    keys.revoke(key=key, by=request.user, now=now())
    return redirect("api:hq_keys")

"""The form that brings a token, and the login with it."""

from datetime import date
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from sehat.clinic import queries as clinic
from sehat.clinic.models import Opd
from sehat.kernel.phones import ascii_digits
from sehat.registration.forms import MobileField, PatientForm
from sehat.registration.models import Patient
from sehat.tokens import queries, records
from sehat.tokens.models import RED_FLAGS, FollowUp
from sehat.tokens.records import CleanFile, RecordRefused, TooManyRecords
from sehat.tokens.rules import RedFlag, read_code


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class RecordsField(forms.FileField):
    """Up to three health records; gives `CleanFile`s, or one sentence for every file that is refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=_SeveralFiles(attrs={"accept": records.ACCEPT}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Clean each file; all or none is taken."""
        uploads: list[UploadedFile] = [upload for upload in data or [] if upload]
        if len(uploads) > records.MOST_RECORDS:
            raise forms.ValidationError(str(TooManyRecords(most=records.MOST_RECORDS)))
        clean: list[CleanFile] = []
        wrong: list[str] = []
        for upload in uploads:
            try:
                clean.append(records.take(upload))
            except RecordRefused as refusal:
                wrong.append(str(refusal))
        if wrong:
            raise forms.ValidationError(wrong)
        return clean


class WalkInField(forms.ChoiceField):
    """One of the OPDs that take a token without referral."""

    opds: list[Opd]

    def offer(self, opds: list[Opd]) -> None:
        """These may be chosen."""
        self.opds, self.choices = opds, [(opd.pk, str(opd)) for opd in opds]

    def clean(self, value: Any) -> Opd:
        """The OPD whose key was sent."""
        chosen = super().clean(value)
        return next(opd for opd in self.opds if str(opd.pk) == chosen)


class AgreeForm(forms.Form):
    """The consent alone, as an app asks for it with the details."""

    agree = forms.BooleanField(
        label=_("I agree"),
        error_messages={
            "required": _("Please read the text above and tick “I agree”. Without it no doctor may see you.")
        },
    )


class DetailsForm(PatientForm):
    """The patient's details, and what the visit is for."""

    complaint = forms.CharField(
        label=_("Complaint"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("In a few words: what troubles you?"),
        error_messages={"required": _("Please say in a few words what troubles you.")},
    )
    duration = forms.CharField(
        label=_("Since when"), max_length=60, required=False, help_text=_("For example: 3 days.")
    )
    opd = WalkInField(
        label=_("OPD"),
        help_text=_("A specialist is seen after the General OPD, by referral of its doctor."),
        error_messages={
            "required": _("Please choose the OPD."),
            "invalid_choice": _("Please choose one of the list."),
        },
    )
    red_flags = forms.TypedMultipleChoiceField(
        label=_("Do you have any of these now?"),
        choices=RED_FLAGS,
        coerce=RedFlag,
        empty_value=[],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Leave all of them empty if none fits."),
    )
    follow_up = forms.ModelChoiceField(
        label=_("Is this the follow-up that a doctor asked for?"),
        queryset=FollowUp.objects.none(),
        required=False,
        empty_label=_("No, something new"),
        help_text=_("You will be seen by the same doctor, if on duty."),
    )
    records = RecordsField(
        label=_("Health records"),
        required=False,
        help_text=_(
            "Old prescriptions, reports, pictures: up to 3 files (pdf, jpg, jpeg, jfif, gif, bmp, png), each "
            "under 5 MB. Ex-servicemen and dependents: please add a picture of the card."
        ),
    )
    agree = AgreeForm.declared_fields["agree"]

    def __init__(self, *args: Any, patient: Patient | None = None, today: date, **kwargs: Any) -> None:
        super().__init__(*args, patient=patient, today=today, **kwargs)
        self.opds = clinic.walk_ins()
        cast(WalkInField, self.fields["opd"]).offer(self.opds)
        if patient and queries.has_follow_up(patient, today=today):
            rights = queries.follow_ups_of(patient, today=today)
            cast(forms.ModelChoiceField[FollowUp], self.fields["follow_up"]).queryset = rights
        else:
            del self.fields["follow_up"]

    def clean(self) -> dict[str, Any]:
        """A follow-up goes to the OPD of its doctor, whatever was chosen beside it."""
        data = super().clean()
        if right := data.get("follow_up"):
            data["opd"] = right.opd
        return data


class LoginForm(forms.Form):
    """Mobile and token number."""

    use_required_attribute = False
    mobile = MobileField()
    token = forms.CharField(
        label=_("Token Number"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("As in the SMS, e.g. G042-8317."),
        error_messages={
            "required": _("Please enter the token number from the SMS."),
            "max_length": _("This is no token number. It looks like G042-8317 and is in the SMS."),
        },
    )

    def clean_token(self) -> str:
        """The token number as it is stored, however it was typed."""
        code = read_code(ascii_digits(self.cleaned_data["token"]))
        if code is None:
            raise forms.ValidationError(_("This is no token number. It looks like G042-8317 and is in the SMS."))
        return code

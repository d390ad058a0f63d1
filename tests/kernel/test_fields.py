"""A field is drawn by what it shows, and what one person typed is shown to nobody else."""

import pytest
from django import forms
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from pytest_django.asserts import assertHTMLEqual

from sehat.kernel import fields

NASTY = '"><script>alert(1)</script>'


class Example(forms.Form):
    name = forms.CharField(label=_("Name"), help_text="As <b>on</b> your card.")
    state = forms.ChoiceField(label="State", choices=[("", "Choose"), ("G", "Goa"), ("K", "Kerala")])
    gender = forms.ChoiceField(label="Gender", choices=[("", "?"), ("f", "Female")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="I agree", help_text="Once.", required=False)
    key = forms.CharField(widget=forms.HiddenInput)


@pytest.mark.parametrize(
    ("name", "html"),
    [
        (
            "name",
            '<div class="field"><label for="id_name" class="required">Name</label>'
            '<p class="hint" id="id_name_helptext">As &lt;b&gt;on&lt;/b&gt; your card.</p>'
            '<input type="text" name="name" required aria-describedby="id_name_helptext" id="id_name"></div>',
        ),
        (
            "state",
            '<div class="field"><label for="id_state" class="required">State</label>'
            '<select name="state" required id="id_state"><option value="" selected>Choose</option>'
            '<option value="G">Goa</option><option value="K">Kerala</option></select></div>',
        ),
        (
            "gender",
            '<fieldset class="field"><legend class="required">Gender</legend><div class="choices">'
            '<label class="choice" for="id_gender_1"><input type="radio" name="gender" value="f" required '
            'id="id_gender_1"> <span>Female</span></label></div></fieldset>',
        ),
        (
            "agree",
            '<div class="field"><div class="choice"><input type="checkbox" name="agree" '
            'aria-describedby="id_agree_helptext" id="id_agree"><label for="id_agree">I agree</label></div>'
            '<p class="hint" id="id_agree_helptext">Once.</p></div>',
        ),
        ("key", '<input type="hidden" name="key" id="id_key">'),
    ],
)
def test_an_empty_field(name: str, html: str) -> None:
    for _time in range(2):
        assertHTMLEqual(fields.draw(Example()[name]), html)


def test_a_wrong_field_says_why() -> None:
    html = fields.draw(Example({"state": NASTY})["state"])
    assert '<div class="field wrong">' in html
    assert 'aria-invalid="true"' in html
    assert '<p class="error" id="id_state_error">Select a valid choice.' in html
    assert "<script" not in html
    assert "wrong" not in fields.draw(Example()["state"])


def test_what_was_typed_is_shown_to_who_typed_it() -> None:
    assert "<script" not in fields.draw(Example({"name": NASTY})["name"])
    assert 'value="Asha"' in fields.draw(Example({"name": "Asha"})["name"])
    assert "Asha" not in fields.draw(Example()["name"])
    assert '<option value="K" selected>' in fields.draw(Example({"state": "K"})["state"])
    assert '<option value="K" selected>' not in fields.draw(Example()["state"])


def test_each_form_has_its_own_labels_choices_and_attributes() -> None:
    before, other = Example(), Example(prefix="other")
    fields.draw(before["state"])
    changed = Example()
    changed.fields["state"].label = "Country"
    changed.fields["state"].choices = [("N", "Nepal")]  # type: ignore[attr-defined]
    changed.fields["name"].disabled = True
    changed.fields["name"].widget.attrs["maxlength"] = "9"
    assert "Country" in fields.draw(changed["state"]) and "Nepal" in fields.draw(changed["state"])
    assert "disabled" in fields.draw(changed["name"]) and 'maxlength="9"' in fields.draw(changed["name"])
    assert "disabled" not in fields.draw(before["name"])
    assert 'name="other-state"' in fields.draw(other["state"])
    with translation.override("hi"):
        assert "नाम" in fields.draw(before["name"])


def test_a_box_that_no_form_has() -> None:
    for drawn in (
        fields.box("dose", "Dose", NASTY, ident="id_dose", fault=NASTY, maxlength=40),
        fields.choice("food", NASTY, NASTY, [(NASTY, NASTY)], ident="id_food"),
    ):
        assert "<script" not in drawn
        assert "&lt;script&gt;" in drawn

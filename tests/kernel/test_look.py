"""What every page stands on: fonts, fields, error pages, compression."""

import re
from pathlib import Path

import brotli
import pytest
from django import forms
from django.test import Client, RequestFactory
from django.utils.translation import override
from django.views.defaults import bad_request, server_error
from fontTools.ttLib import TTFont
from pytest_django.asserts import assertInHTML

from sehat.kernel import fields, fonts


def test_fonts_hold_every_letter_and_are_made_once(tmp_path: Path) -> None:
    fonts.build(tmp_path)
    sizes = {cut.name: (tmp_path / f"{cut.name}.woff2").stat().st_size for cut in fonts.CUTS}
    assert sizes["latin"] + sizes["devanagari"] < 61_000, "interface.md: 100 KB for a page, fonts included"
    for cut in fonts.CUTS:
        font = TTFont(tmp_path / f"{cut.name}.woff2")
        assert set(cut.letters) <= set(font.getBestCmap()), cut.name
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    fonts.build(tmp_path)
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    (tmp_path / "latin.woff2").unlink()
    fonts.build(tmp_path)
    assert (tmp_path / "latin.woff2").exists()


class Example(forms.Form):
    name = forms.CharField(label="Name", help_text="As on your card.")
    email = forms.EmailField(label="Email", required=False)
    gender = forms.ChoiceField(label="Gender", choices=[("f", "Female"), ("m", "Male")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="I agree")
    record = forms.FileField(label="Record", required=False)


def field(form: forms.Form, name: str) -> str:
    return fields.draw(form[name])


def test_a_field_has_label_hint_and_star() -> None:
    html = field(Example(), "name")
    assert '<label for="id_name" class="required">Name</label>' in html
    assert '<p class="hint" id="id_name_helptext">As on your card.</p>' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert '<label for="id_email">Email</label>' in field(Example(), "email")


@pytest.mark.parametrize("name", ["name", "gender", "agree"])
def test_an_error_stands_beside_its_field(name: str) -> None:
    html = field(Example({}), name)
    assert f'<p class="error" id="id_{name}_error">This field is required.</p>' in html
    assert f"id_{name}_error" in html.split("aria-describedby=")[1].split(">")[0]


def test_radios_have_a_legend_and_labels() -> None:
    html = field(Example(), "gender")
    assertInHTML('<legend class="required">Gender</legend>', html)
    assertInHTML(
        '<label class="choice" for="id_gender_0">'
        '<input type="radio" name="gender" value="f" id="id_gender_0" required> <span>Female</span></label>',
        html,
    )


def test_what_was_typed_is_escaped() -> None:
    assert "<script>" not in field(Example({"name": "<script>"}), "name")


def test_error_pages_need_no_database_and_speak_hindi() -> None:
    """The `db` fixture is missing on purpose: any query would fail the test."""
    request = RequestFactory().get("/")
    with override("hi"):
        broken, bad = server_error(request), bad_request(request, ValueError())
    assert (broken.status_code, bad.status_code) == (500, 400)
    assert "हमारी ओर से कुछ गड़बड़ हो गई" in broken.content.decode()


def test_an_unknown_address_is_answered_in_the_readers_language(client: Client, db: None) -> None:
    response = client.get("/nowhere/", headers={"Accept-Language": "hi"})
    assert response.status_code == 404
    assert "यह पेज नहीं है" in response.content.decode()


def test_a_page_travels_compressed_to_who_can_read_it(client: Client, db: None) -> None:
    plain = client.get("/privacy/")
    packed = client.get("/privacy/", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert b"<h1>Privacy</h1>" in brotli.decompress(packed.content)
    assert int(packed.headers["Content-Length"]) == len(packed.content) < len(plain.content) * 0.6


@pytest.mark.django_db
def test_every_page_gives_htmx_its_csrf_token(client: Client) -> None:
    body = re.search(r"<body[^>]*>", client.get("/").content.decode())
    assert body is not None
    assert re.search(r"""\shx-headers='{"X-CSRFToken": "\w{64}"}'""", body[0])

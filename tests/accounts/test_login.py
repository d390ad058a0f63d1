"""The login in two steps: who has given the password only is nobody yet."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from sehat.accounts import codes, queries, services
from sehat.accounts.models import Staff
from sehat.live import sessions
from sehat.live.sessions import PATIENT_KEY
from sehat.registration.models import Patient
from tests.accounts.app import App
from tests.accounts.conftest import BACKEND, CODE, LOGIN, SET_UP, GiveApp, give_password, signed_in


def _session(client: Client) -> str:
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


def _wait(client: Client, **time: int) -> None:
    """The person at the door has let that time go by."""
    session = client.session
    said = session["staff_at_door"]
    session["staff_at_door"] = said | {"at": said["at"] - timedelta(**time).total_seconds()}
    session.save()


def test_without_a_second_factor_the_password_is_enough(client: Client, rao: Staff) -> None:
    assert give_password(client) == "/staff/"
    assert signed_in(client)


def test_the_password_alone_signs_nobody_in(client: Client, rao: Staff, raos_app: App) -> None:
    assert give_password(client) == CODE
    assert not signed_in(client)
    assert client.get("/desk/").headers["Location"] == "/staff/login/?next=/desk/"
    page = client.get(CODE).content.decode()
    assert 'inputmode="numeric" autocomplete="one-time-code"' in page
    assert "autofocus" in page


def test_password_and_code_do(client: Client, rao: Staff, raos_app: App) -> None:
    give_password(client)
    before = _session(client)
    answer = client.post(CODE, {"code": raos_app.code()})
    assert answer.headers["Location"] == "/staff/"
    assert signed_in(client)
    assert _session(client) != before
    assert "staff_at_door" not in client.session


def test_the_session_gets_a_new_key_at_each_step(client: Client, rao: Staff, raos_app: App, asha: Patient) -> None:
    client.post("/language/", {"language": "en"})
    session = client.session
    session[PATIENT_KEY] = asha.pk
    session.save()
    planted = session.session_key
    client.cookies[django_settings.SESSION_COOKIE_NAME] = planted or ""
    give_password(client)
    at_door = _session(client)
    client.post(CODE, {"code": raos_app.code()})
    assert len({planted, at_door, _session(client)}) == 3


@pytest.mark.parametrize("typed", ["{0}{1}", "{0} {1}", " {0}-{1} "])
def test_a_code_may_be_typed_in_groups(client: Client, rao: Staff, raos_app: App, typed: str) -> None:
    give_password(client)
    code = raos_app.code()
    client.post(CODE, {"code": typed.format(code[:3], code[3:])})
    assert signed_in(client)


def test_and_in_the_digits_of_hindi(client: Client, rao: Staff, raos_app: App) -> None:
    give_password(client)
    client.post(CODE, {"code": raos_app.code().translate(str.maketrans("0123456789", "०१२३४५६७८९"))})
    assert signed_in(client)


def test_a_recovery_code_does_too_once(client: Client, rao: Staff, raos_app: App) -> None:
    give_password(client)
    paper = raos_app.paper[0]
    client.post(CODE, {"code": f"{paper[:4]} {paper[4:8]} {paper[8:]}"})
    assert signed_in(client)
    again = Client()
    give_password(again)
    assert again.post(CODE, {"code": paper}).status_code == 422


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "12" * 200])
def test_what_is_no_code_is_told(client: Client, rao: Staff, raos_app: App, code: str) -> None:
    give_password(client)
    answer = client.post(CODE, {"code": code})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not signed_in(client)


def test_five_wrong_codes_lock_and_the_page_says_for_how_long(client: Client, rao: Staff, raos_app: App) -> None:
    give_password(client)
    for _ in range(5):
        answer = client.post(CODE, {"code": raos_app.wrong()})
        assert answer.status_code == 422
        assert "This code does not count" in answer.content.decode()
    answer = client.post(CODE, {"code": raos_app.code()})
    assert answer.status_code == 429
    assert "Please try again in 15 minutes." in answer.content.decode()
    assert not signed_in(client)


def test_after_five_minutes_the_password_is_asked_again(client: Client, rao: Staff, raos_app: App) -> None:
    give_password(client, then="/desk/")
    _wait(client, minutes=4, seconds=50)
    assert client.get(CODE).status_code == 200
    _wait(client, seconds=20)
    answer = client.post(CODE, {"code": raos_app.code()})
    assert answer.headers["Location"] == f"{LOGIN}?late=1&next={quote('/desk/', safe='')}"
    assert "That took too long" in client.get(answer.headers["Location"]).content.decode()
    assert not signed_in(client)
    assert client.get(CODE).headers["Location"] == LOGIN  # and the door is shut


@pytest.mark.parametrize("path", [CODE, SET_UP])
def test_nobody_is_at_the_door_without_a_password(client: Client, db: None, path: str) -> None:
    for answer in (client.get(path), client.post(path, {"code": "123456"})):
        assert answer.headers["Location"] == LOGIN


@pytest.mark.parametrize(
    ("then", "goes"),
    [
        ("/office/board/?opd=G", "/office/board/?opd=G"),
        ("https://elsewhere.example/", "/staff/"),
        ("//elsewhere.example", "/staff/"),
        ("javascript:alert(1)", "/staff/"),
    ],
)
def test_it_goes_on_to_what_was_wanted_if_it_is_ours(
    client: Client, rao: Staff, raos_app: App, then: str, goes: str
) -> None:
    give_password(client, then=then)
    assert client.post(CODE, {"code": raos_app.code()}).headers["Location"] == goes


def test_a_patient_in_the_same_browser_stays(client: Client, rao: Staff, raos_app: App, asha: Patient) -> None:
    session = client.session
    session[PATIENT_KEY] = asha.pk
    session.save()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = session.session_key or ""
    give_password(client)
    assert client.session[PATIENT_KEY] == asha.pk
    client.post(CODE, {"code": raos_app.code()})
    assert client.session[PATIENT_KEY] == asha.pk
    client.post("/staff/logout/")
    assert client.session[PATIENT_KEY] == asha.pk


def test_who_changed_the_password_or_left_meanwhile_is_turned_away(client: Client, rao: Staff, raos_app: App) -> None:
    give_password(client)
    services.change_password(staff=rao, password="another-long-password")
    assert client.post(CODE, {"code": raos_app.code()}).headers["Location"].startswith(LOGIN)
    give_password(client, password="another-long-password")
    Staff.objects.update(is_active=False)
    assert client.post(CODE, {"code": raos_app.code()}).headers["Location"].startswith(LOGIN)
    assert not signed_in(client)


def test_the_door_of_one_opens_for_nobody_else(
    client: Client, rao: Staff, raos_app: App, ama_clerk: Staff, give_app: GiveApp
) -> None:
    other = give_app(ama_clerk)
    give_password(client)
    assert client.post(CODE, {"code": other.code()}).status_code == 422
    assert not signed_in(client)


def test_a_socket_sees_a_stranger(client: Client, rao: Staff, raos_app: App) -> None:
    give_password(client)
    assert sessions._read(_session(client)).staff is None
    client.post(CODE, {"code": raos_app.code()})
    assert sessions._read(_session(client)).staff == rao.pk


class TestDjangosOwnDoors:
    """Django's admin brings a login and a change of the password of its own, which would ask for less."""

    def test_its_login_takes_no_password(self, hq: Staff) -> None:
        for client in (Client(), Client(enforce_csrf_checks=True)):
            answer = client.post("/admin/login/", {"username": "hq", "password": "a-long-enough-password"})
            assert answer.status_code in {403, 405}
            assert not signed_in(client)

    def test_its_change_of_the_password_is_ours(self, client: Client, hq: Staff) -> None:
        client.force_login(hq, BACKEND)
        for answer in (client.get("/admin/password_change/"), client.post("/admin/password_change/", {})):
            assert answer.headers["Location"] == "/staff/account/password/"


class TestRequired:
    """`SEHAT_SECOND_FACTOR=required`: who has none sets it up after the password, and does nothing else before."""

    @pytest.fixture(autouse=True)
    def _required(self, settings: Settings) -> None:
        settings.SECOND_FACTOR_REQUIRED = True

    def _key(self, client: Client, rao: Staff) -> App:
        sealed = client.session["staff_new_key"]
        key = codes.opened(sealed, rao.pk)
        assert key
        return App(key)

    def test_it_is_set_up_and_then_the_login_is_done(self, client: Client, rao: Staff) -> None:
        assert give_password(client, then="/staff/account/") == SET_UP
        assert not signed_in(client)
        page = client.get(SET_UP).content.decode()
        app = self._key(client, rao)
        assert codes.to_type(app.key) in page
        assert client.post(SET_UP, {"code": app.wrong()}).status_code == 422
        assert codes.to_type(app.key) in client.get(SET_UP).content.decode()
        assert not signed_in(client)
        answer = client.post(SET_UP, {"code": app.code()})
        assert answer.status_code == 200
        assert 'href="/staff/account/"' in answer.content.decode()
        assert signed_in(client)
        assert "staff_new_key" not in client.session
        assert queries.recovery_codes_left(rao) == 10

    def test_who_has_one_gives_the_code_and_sets_up_no_other(self, client: Client, rao: Staff, raos_app: App) -> None:
        assert give_password(client) == CODE
        assert client.get(SET_UP).headers["Location"] == CODE
        assert client.post(SET_UP, {"code": raos_app.code()}).headers["Location"] == CODE
        assert not signed_in(client)

    def test_no_code_opens_the_door_of_who_has_none(self, client: Client, rao: Staff) -> None:
        give_password(client)
        client.get(SET_UP)
        assert client.post(CODE, {"code": self._key(client, rao).code()}).status_code == 422
        assert not signed_in(client)

    def test_there_is_half_an_hour_to_fetch_an_app(self, client: Client, rao: Staff) -> None:
        give_password(client)
        _wait(client, minutes=29)
        assert client.get(SET_UP).status_code == 200
        _wait(client, minutes=2)
        assert client.get(SET_UP).headers["Location"] == f"{LOGIN}?late=1"

    def test_who_was_signed_in_by_password_alone_before_is_not_any_more(self, rao: Staff, settings: Settings) -> None:
        client = Client()
        settings.SECOND_FACTOR_REQUIRED = False
        give_password(client)
        assert signed_in(client)
        settings.SECOND_FACTOR_REQUIRED = True
        assert not signed_in(client)
        assert sessions._read(_session(client)).staff is None

    def test_after_it_was_taken_away_it_is_set_up_anew(
        self, client: Client, rao: Staff, raos_app: App, hq: Staff
    ) -> None:
        services.take_away(staff=rao, by=hq)
        assert give_password(client) == SET_UP


def test_a_key_of_another_person_is_not_offered(
    client: Client, rao: Staff, ama_clerk: Staff, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    give_password(client)
    client.get(SET_UP)
    raos = client.session["staff_new_key"]
    give_password(client, "ama")
    client.get(SET_UP)
    assert codes.opened(client.session["staff_new_key"], ama_clerk.pk)
    assert client.session["staff_new_key"] != raos


def test_half_a_login_leaves_no_trace_of_the_code(
    client: Client, rao: Staff, raos_app: App, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    give_password(client)
    typed = raos_app.code()
    client.post(CODE, {"code": typed})
    said = caplog.text + "".join(capfd.readouterr())
    assert typed not in said
    assert codes.to_type(raos_app.key).replace(" ", "") not in said

"""My account: another password, the code at login; other sessions end, this one goes on."""

import base64
import re

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from sehat.accounts import codes, queries
from sehat.accounts.models import Staff
from sehat.audit.models import Entry
from sehat.live import sessions
from sehat.live.sessions import PATIENT_KEY
from sehat.live.warden import SIGNED_OUT
from sehat.registration.models import Patient
from tests.accounts.app import App
from tests.accounts.conftest import BACKEND, LOGIN, SET_UP, GiveApp, give_password, signed_in
from tests.conftest import PASSWORD
from tests.live.test_ending import closed_with

ACCOUNT = "/staff/account/"
CHANGE = "/staff/account/password/"
CODE = "/staff/account/code/"
RENEW = "/staff/account/code/recovery/"
OFF = "/staff/account/code/off/"
NEW = "three-green-parrots"


@pytest.fixture
def here(rao: Staff) -> Client:
    """Dr Rao's browser."""
    client = Client()
    client.force_login(rao, BACKEND)
    return client


@pytest.fixture
def elsewhere(rao: Staff) -> Client:
    """Where Dr Rao is signed in too, and forgot it."""
    client = Client()
    client.force_login(rao, BACKEND)
    return client


def _session(client: Client) -> str:
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


def _change(client: Client, old: str = PASSWORD, new: str = NEW, again: str | None = None) -> tuple[int, str]:
    answer = client.post(CHANGE, {"password": old, "new": new, "again": new if again is None else again})
    return answer.status_code, answer.content.decode()


def _codes(page: str) -> list[str]:
    return [code.replace(" ", "") for code in re.findall(r"\d{4} \d{4} \d{4}", page)]


def test_it_says_who_one_is(here: Client) -> None:
    page = here.get(ACCOUNT).content.decode()
    for text in ("Arvind Rao", "rao", "Doctor", "English", "Change password", "Set up the code"):
        assert text in page


@pytest.mark.parametrize(
    ("username", "path"),
    [("rao", "/desk/"), ("pharmacist", "/pharmacy/"), ("ama", "/office/ama/"), ("commandant", "/office/board/")],
)
def test_the_way_there_is_on_every_first_page(
    client: Client, rao: Staff, pharmacist: Staff, ama_clerk: Staff, commandant: Staff, username: str, path: str
) -> None:
    client.force_login(Staff.objects.get(username=username), BACKEND)
    answer = client.get("/staff/", follow=True)
    assert answer.request["PATH_INFO"] == path
    page = answer.content.decode()
    assert f'href="{ACCOUNT}"' in page
    assert 'action="/staff/logout/"' in page


class TestPassword:
    """The old one is asked; the new one is held to Django's validators."""

    def test_it_is_changed_and_this_browser_stays(self, here: Client, elsewhere: Client) -> None:
        before = _session(here)
        assert _change(here)[0] == 302
        assert signed_in(here)
        assert _session(here) != before
        assert not signed_in(elsewhere)
        assert give_password(Client()) == "422"
        assert give_password(Client(), password=NEW) == "/staff/"
        assert "Your password is changed." in here.get(f"{ACCOUNT}?done=password").content.decode()

    @pytest.mark.parametrize(
        ("old", "new", "again", "told"),
        [
            ("not-the-password", NEW, NEW, "This is not your password."),
            (PASSWORD, NEW, "three-red-parrots", "This is another password than the one above."),
            (PASSWORD, "short1", "short1", "at least 8 letters"),
            (PASSWORD, "password123", "password123", "Many people use this password."),
            (PASSWORD, "arvindrao", "arvindrao", "too much like your name"),
            ("", NEW, NEW, "Please enter your old password."),
            (PASSWORD, "", "", "Please choose a new password."),
            (PASSWORD, "x" * 200, "x" * 200, "128"),
        ],
    )
    def test_what_is_refused(self, here: Client, old: str, new: str, again: str, told: str) -> None:
        status, page = _change(here, old, new, again)
        assert status == 422
        assert told in page
        assert give_password(Client()) == "/staff/"

    def test_a_password_is_never_in_the_page(self, here: Client) -> None:
        _status, page = _change(here, "not-the-password", NEW)
        assert "not-the-password" not in page
        assert NEW not in page

    def test_guessing_the_old_one_locks(self, here: Client) -> None:
        for _ in range(5):
            assert _change(here, "a-guess")[0] == 422
        status, page = _change(here)
        assert status == 429
        assert "Please try again in 15 minutes." in page

    @pytest.mark.django_db(transaction=True)
    def test_sockets_elsewhere_end(self, here: Client, elsewhere: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
        assert closed_with(_session(elsewhere), lambda: _change(here)) == SIGNED_OUT
        assert sessions._read(_session(elsewhere)).staff is None
        assert sessions._read(_session(here)).staff is not None


class TestCode:
    """Set up by key and first code, with the password; renewed and turned off by password and code."""

    def _app(self, client: Client) -> App:
        """The key as it stands on the page for who types it."""
        page = client.get(CODE).content.decode()
        found = re.search(r'id="key">([A-Z2-7 ]+)<', page)
        assert found
        return App(base64.b32decode(found[1].replace(" ", "")))

    def test_it_is_set_up(self, here: Client, elsewhere: Client, rao: Staff) -> None:
        app = self._app(here)
        assert self._app(here) == app  # the same key as long as it is not set up
        page = here.post(CODE, {"password": PASSWORD, "code": app.code()}).content.decode()
        assert len(_codes(page)) == 10
        assert signed_in(here)
        assert not signed_in(elsewhere)
        assert here.get(CODE).headers["Location"] == ACCOUNT
        assert give_password(Client()) == "/staff/login/code/"
        assert not set(_codes(here.get(ACCOUNT).content.decode()))
        assert "10 recovery codes are left" in here.get(ACCOUNT).content.decode()

    def test_not_without_password_and_code(self, here: Client, rao: Staff) -> None:
        app = self._app(here)
        for password, code in (("a guess", app.code()), (PASSWORD, app.wrong()), ("", app.code()), (PASSWORD, "")):
            assert here.post(CODE, {"password": password, "code": code}).status_code == 422
        assert not queries.has_second_factor(rao)

    def test_recovery_codes_are_renewed(self, rao: Staff, raos_app: App, here: Client) -> None:
        assert here.post(RENEW, {"password": PASSWORD, "code": raos_app.wrong()}).status_code == 422
        page = here.post(RENEW, {"password": PASSWORD, "code": raos_app.paper[0]}).content.decode()
        fresh = _codes(page)
        assert len(fresh) == 10
        assert not set(fresh) & set(raos_app.paper)
        assert signed_in(here)

    def test_it_is_turned_off(self, rao: Staff, raos_app: App, here: Client, elsewhere: Client) -> None:
        for password, code in (("a guess", raos_app.code()), (PASSWORD, raos_app.wrong())):
            assert here.post(OFF, {"password": password, "code": code}).status_code == 422
        assert queries.has_second_factor(rao)
        # A wrong password costs no code.
        assert (
            here.post(OFF, {"password": PASSWORD, "code": raos_app.code()}).headers["Location"] == f"{ACCOUNT}?done=off"
        )
        assert signed_in(here)
        assert not signed_in(elsewhere)
        assert give_password(Client()) == "/staff/"

    @pytest.mark.parametrize("path", [RENEW, OFF])
    def test_there_is_nothing_to_renew_or_turn_off_without_one(self, here: Client, path: str) -> None:
        assert here.get(path).headers["Location"] == ACCOUNT
        assert here.post(path, {"password": PASSWORD, "code": "123456"}).headers["Location"] == ACCOUNT

    def test_where_it_is_required_another_telephone_is_set_up_at_once(
        self, rao: Staff, raos_app: App, here: Client, settings: Settings, asha: Patient
    ) -> None:
        settings.SECOND_FACTOR_REQUIRED = True
        session = here.session
        session[PATIENT_KEY] = asha.pk
        session.save()
        answer = here.post(OFF, {"password": PASSWORD, "code": raos_app.code()})
        assert answer.headers["Location"] == SET_UP
        assert not signed_in(here)
        assert here.session[PATIENT_KEY] == asha.pk
        here.get(SET_UP)
        key = codes.opened(here.session["staff_new_key"], rao.pk)
        assert key
        assert key != raos_app.key
        here.post(SET_UP, {"code": App(key).code()})
        assert signed_in(here)


class TestOffice:
    """HQ in the administration."""

    LIST = "/admin/accounts/staff/"

    @pytest.fixture
    def office(self, hq: Staff) -> Client:
        """HQ's browser."""
        client = Client()
        client.force_login(hq, BACKEND)
        return client

    def _take(self, office: Client, *people: Staff, sure: bool) -> str:
        asked: dict[str, object] = {"action": "take_code_away", "_selected_action": [one.pk for one in people]}
        return office.post(self.LIST, asked | ({"sure": "1"} if sure else {}), follow=True).content.decode()

    def test_a_lost_telephone(self, office: Client, rao: Staff, raos_app: App, here: Client) -> None:
        assert "These people log in by password alone afterwards" in self._take(office, rao, sure=False)
        assert queries.has_second_factor(rao)
        assert signed_in(here)
        assert "The code was taken from 1 person." in self._take(office, rao, sure=True)
        assert not queries.has_second_factor(rao)
        assert not signed_in(here)

    def test_not_their_own(self, office: Client, hq: Staff, give_app: GiveApp) -> None:
        give_app(hq)
        office.force_login(Staff.objects.get(pk=hq.pk), BACKEND)
        assert "Your own code at login is turned off under My account" in self._take(office, hq, sure=True)
        assert queries.has_second_factor(hq)

    def test_nobody_else_may(self, client: Client, rao: Staff, raos_app: App, ama_clerk: Staff) -> None:
        client.force_login(ama_clerk, BACKEND)
        self._take(client, rao, sure=True)
        assert queries.has_second_factor(rao)

    def test_the_list_says_who_has_one(self, office: Client, rao: Staff, raos_app: App) -> None:
        page = office.get(self.LIST).content.decode()
        assert page.count("icon-yes.svg") == page.count("icon-no.svg") + 2  # active: two yes; code: one yes, one no
        assert "rao" in office.get(f"{self.LIST}?second_factor_at__isempty=0").content.decode()

    def test_a_password_set_by_hq_is_audited_and_the_own_needs_the_old(
        self, office: Client, hq: Staff, rao: Staff
    ) -> None:
        new = {"usable_password": "true", "password1": NEW, "password2": NEW}
        office.post(f"{self.LIST}{rao.pk}/password/", new)
        entry = Entry.objects.get(action="password.set")
        assert (entry.actor, entry.subject) == (f"accounts.staff:{hq.pk}", f"accounts.staff:{rao.pk}")
        assert give_password(Client(), password=NEW) == "/staff/"
        for own in (f"{hq.pk}", f"0{hq.pk}"):
            assert office.post(f"{self.LIST}{own}/password/", new).headers["Location"] == CHANGE
        assert give_password(Client(), "hq") == "/staff/"


def test_no_query_more_on_ordinary_pages(here: Client, rao: Staff, give_app: GiveApp) -> None:
    with CaptureQueriesContext(connection) as without:
        here.get("/desk/state/")
    give_app(rao)
    client = Client()
    client.force_login(Staff.objects.get(pk=rao.pk), BACKEND)
    with CaptureQueriesContext(connection) as with_code:
        client.get("/desk/state/")
    assert 0 < len(with_code) == len(without)


def test_the_login_page_is_where_strangers_are_led(client: Client, db: None) -> None:
    for path in (ACCOUNT, CHANGE, CODE, RENEW, OFF):
        assert client.get(path).headers["Location"] == f"{LOGIN}?next={path}"
        assert client.post(path).status_code == (405 if path == ACCOUNT else 404)

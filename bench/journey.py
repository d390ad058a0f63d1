"""One whole consultation as two browsers ask for it: every page, form, fragment and socket message, no pictures.

What browsers fetch once and keep (styles, scripts, fonts) is left out; it is weighed in `tests/journey`.
"""

import io
import json
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx2
import pikepdf
from websockets.sync.client import ClientConnection, connect

SOCKETS = "ws"
CANDIDATES, LINES, MEDICINES = 20, 10, 4
PDF_BYTES = 200_000
SDP = "v=0\r\n" + "a=candidate-like line of a session description\r\n" * 60


class Browser:
    """One person's session: cookies, the CSRF token, what the server answers."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.http = httpx2.Client(base_url=address, timeout=30, follow_redirects=True)

    def get(self, path: str, *, fragment: bool = False) -> str:
        """A page, or an htmx fragment."""
        answer = self.http.get(path, headers={"HX-Request": "true"} if fragment else {})
        return self._text(answer)

    def post(
        self, path: str, data: Mapping[str, object], *, fragment: bool = False, part: str = "", **more: object
    ) -> str:
        """A form; what it leads to. `part`: the part of its page that a script asks for."""
        headers = {"X-CSRFToken": self.http.cookies.get("csrftoken", "")}
        if part:
            headers |= {"X-Part": part, "Accept": "application/json"}
        if fragment:
            headers["HX-Request"] = "true"
        answer = self.http.post(path, data=data, headers=headers, **more)  # type: ignore[arg-type]
        return self._text(answer)

    @staticmethod
    def _text(answer: httpx2.Response) -> str:
        if answer.status_code >= 400:
            raise RuntimeError(f"{answer.url}: {answer.status_code} {answer.text[:2000]}")
        return answer.text

    @contextmanager
    def socket(self, path: str) -> Iterator[ClientConnection]:
        """A live socket with this session, read to the end by a thread of its own."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        headers = {"Cookie": cookies, "Origin": self.address}
        with connect(self.address.replace("http", SOCKETS, 1) + path, additional_headers=headers) as line:
            reader = threading.Thread(target=lambda: [None for _ in line], daemon=True)
            reader.start()
            yield line


def record() -> bytes:
    """A PDF of 200 KB, as a scanner makes them: one page, one stream that cannot be packed."""
    pdf, out = pikepdf.new(), io.BytesIO()
    page = pdf.add_blank_page()
    page.Contents = pdf.make_stream(b"% " + os.urandom(PDF_BYTES).hex().encode()[:PDF_BYTES])
    pdf.save(out, compress_streams=False)
    return out.getvalue()


def doctor_on_duty(address: str) -> Browser:
    """A doctor of the General OPD, logged in: once a shift, so not counted."""
    doctor = Browser(address)
    people = json.loads(doctor.get("/demo/people.json"))["staff"]
    login = next(person for person in people if person["opd"] == "General OPD")
    doctor.get("/staff/login/")
    doctor.post("/staff/login/", {"username": login["username"], "password": login["password"]})
    doctor.post("/desk/available/", {}, fragment=True)
    return doctor


def consultation(address: str, doctor: Browser, mobile: str, pdf: bytes) -> None:
    """From the mobile number to the past consultations, once."""
    patient = Browser(address)
    token = _register(patient, mobile, pdf)
    patient.get("/login/")
    patient.post("/login/", {"mobile": mobile, "token": token})
    patient.get("/history/", fragment=True)
    with patient.socket("/live/waiting/"), doctor.socket("/live/desk/"):
        patient.post("/waiting/join/", {}, fragment=True)
        ref = _call(patient, doctor)
    _consult(patient, doctor, ref)
    _read(patient, mobile)


def _register(patient: Browser, mobile: str, pdf: bytes) -> str:
    patient.get("/register/")
    patient.post("/register/", {"mobile": mobile})
    otp = re.search(r"\b\d{6}\b", _sms(patient, mobile, "otp"))
    patient.post("/register/otp/", {"code": otp[0] if otp else ""})
    patient.get("/register/place/?pincode=110010", fragment=True)
    details = {
        "name": "Mohan Lal Sharma",
        "gender": "male",
        "age": "64",
        "category": "ex",
        "service_number": f"{mobile}N",
        "address": "14 Shanti Vihar",
        "pincode": "110010",
        "state": "Delhi",
        "district": "New Delhi",
        "city": "Delhi Cantt",
        "language": "hi",
        "complaint": "Fever and cough",
        "duration": "3 days",
        "opd": "1",
        "agree": "on",
    }
    done = patient.post("/register/details/", details, files={"records": ("report.pdf", pdf, "application/pdf")})
    token = re.search(r"[A-Z]+\d{3,}-\d{4}", done)
    if token is None:
        raise RuntimeError(f"no token: {done}")
    return token[0]


def _sms(patient: Browser, mobile: str, kind: str) -> str:
    """What stands in the outbox; asking it costs a little that no real patient would."""
    notices = json.loads(patient.get(f"/demo/outbox.json?to={mobile}"))
    return next(str(notice["text"]) for notice in notices if notice["kind"] == kind)


def _call(patient: Browser, doctor: Browser) -> str:
    patient.get("/waiting/")
    patient.post("/waiting/call-now/", {}, fragment=True)
    desk = doctor.get("/desk/state/", fragment=True)
    call = re.search(r'name="call" value="(\d+)"', desk)
    if call is None:
        raise RuntimeError(f"the desk does not ring: {desk}")
    page = doctor.post("/desk/answer/", {"call": call[1]})
    ref = re.search(r'data-ref="([^"]+)"', page)
    if ref is None:
        raise RuntimeError("no consultation page")
    patient.get("/waiting/state/", fragment=True)
    patient.get(f"/consultation/{ref[1]}/")
    return ref[1]


def _consult(patient: Browser, doctor: Browser, ref: str) -> None:
    with (
        patient.socket(f"/live/consultation/{ref}/patient/") as his,
        doctor.socket(f"/live/consultation/{ref}/doctor/") as hers,
    ):
        for line in (his, hers):
            line.send(json.dumps({"kind": "here", "page": "p"}))
        hers.send(json.dumps({"kind": "signal", "description": {"type": "offer", "sdp": SDP}}))
        his.send(json.dumps({"kind": "signal", "description": {"type": "answer", "sdp": SDP}}))
        for number in range(CANDIDATES):
            (his, hers)[number % 2].send(json.dumps({"kind": "signal", "candidate": f"candidate:{number} 1 udp"}))
        doctor.get(f"/consultation/{ref}/history/", fragment=True)
        form = doctor.get(f"/consultation/{ref}/prescription/", fragment=True)
        seen = 0
        for number in range(LINES):
            side, writer = ("patient", patient) if number % 2 else ("doctor", doctor)
            other, reader = ("doctor", doctor) if number % 2 else ("patient", patient)
            said = {"text": f"line {number}", "after": str(seen)}
            writer.post(f"/consultation/{ref}/{side}/say/", said, part="lines")
            fresh = reader.get(f"/consultation/{ref}/{other}/lines/?after={seen}")
            seen = max(map(int, re.findall(r'data-line="(\d+)"', fresh)))
        _prescribe(doctor, ref, form)
        patient.get(f"/consultation/{ref}/patient/state/", fragment=True)
    doctor.post(f"/consultation/{ref}/doctor/end/", {}, part="state")


def _prescribe(doctor: Browser, ref: str, form: str) -> None:
    hidden = dict(re.findall(r'type="hidden" name="(window|version)" value="([^"]*)"', form))
    doctor.get("/search/diagnoses/?q=fever", fragment=True)
    lines = []
    for code in (
        "paracetamol-tablet-500-mg",
        "famotidine-tablet-20-mg",
        "calcium-carbonate-tablet-500-mg",
        "ascorbic-acid-tablet-500-mg",
    )[:MEDICINES]:
        doctor.get("/search/medicines/?q=" + code[:5], fragment=True)
        lines.append(json.dumps({"medicine_code": code, "frequency": "1-0-1", "food": "after", "days": "5"}))
    body = {
        **hidden,
        "complaint": "Fever and cough (3 days)",
        "findings": "Throat red",
        "chosen": ["R50.9"],
        "line": lines,
        "advice": "Rest and warm fluids",
        "confirmed": "on",
    }
    doctor.post(f"/consultation/{ref}/prescription/", {**body, "issue": "1"}, fragment=True)


def _read(patient: Browser, mobile: str) -> None:
    link = re.search(r"https?://[^/]+(/rx/[^/]+/)", _sms(patient, mobile, "prescription_ready"))
    if link is None:
        raise RuntimeError("no link")
    patient.get(link[1])
    pdf = patient.http.get(link[1] + "pdf/")
    if not pdf.content.startswith(b"%PDF"):
        raise RuntimeError(f"no PDF: {pdf.status_code}")
    patient.get("/history/")

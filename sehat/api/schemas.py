"""What goes over the wire. Moments are ISO 8601 with an offset, languages are `hi` and `en`."""

from datetime import date, datetime

from ninja import Field, Schema


class Problem(Schema):
    """Every refusal: `error` for the app, `sentence` for the person, in the language of `Accept-Language`."""

    error: str
    sentence: str
    fields: dict[str, list[str]] | None = None


class MobileIn(Schema):
    """Where the OTP goes."""

    mobile: str = Field(max_length=30, examples=["98765 43210"])


class OtpSent(Schema):
    """`resend_after`: seconds until another one may be asked for."""

    resend_after: int


class CodeIn(Schema):
    """The OTP that came."""

    mobile: str = Field(max_length=30)
    code: str = Field(max_length=20, examples=["123456"])


class SignedIn(Schema):
    """Send `Authorization: Bearer <key>` from here on. `registered`: whether the mobile belongs to a patient."""

    key: str
    expires_at: datetime
    registered: bool


class SignOutIn(Schema):
    """`everywhere`: end every app of this mobile."""

    everywhere: bool = False


class FollowUpOut(Schema):
    """A follow-up that a doctor asked for; `id` goes into the next token."""

    id: int
    doctor: str
    opd: str
    due_on: date
    until: date


class Me(Schema):
    """The patient's own details."""

    patient_id: str
    mobile: str
    name: str
    gender: str
    date_of_birth: date
    only_age_known: bool
    category: str
    service_number: str
    relation: str
    verification: str
    email: str
    address: str
    pincode: str
    state: str
    district: str
    city: str
    language: str
    special_need: str
    follow_ups: list[FollowUpOut]


class MeIn(Schema):
    """Details to register with; of a patient who is known, contact alone counts, and identity is left as it is."""

    name: str = Field("", max_length=200)
    gender: str = Field("", max_length=20)
    date_of_birth: str = Field("", max_length=20, examples=["1960-12-31"])
    age: int | None = Field(None, ge=0, le=200)
    category: str = Field("", max_length=20)
    service_number: str = Field("", max_length=60)
    relation: str = Field("", max_length=20)
    email: str = Field("", max_length=254)
    address: str = Field("", max_length=400)
    pincode: str = Field("", max_length=20)
    state: str = Field("", max_length=100)
    district: str = Field("", max_length=100)
    city: str = Field("", max_length=100)
    language: str = Field("hi", max_length=10)
    special_need: str = Field("", max_length=20)
    agree: bool = False


class Choice(Schema):
    """One value of a list, and how it is said."""

    value: str
    label: str


class Choices(Schema):
    """The lists of the forms, in the language of `Accept-Language`."""

    gender: list[Choice]
    category: list[Choice]
    relation: list[Choice]
    special_need: list[Choice]
    language: list[Choice]
    state: list[Choice]
    red_flags: list[Choice]


class PlaceOut(Schema):
    """Of a pincode: its State and the districts it lies in; of a State: all its districts."""

    state: str
    here: list[str]
    districts: list[str]


class HoursOut(Schema):
    """One opening; `weekday` 0 is Monday. By the clock of India."""

    weekday: int
    opens: str
    closes: str


class OpdOut(Schema):
    """An OPD. `walk_in`: takes a token without referral. `closes` while it is open, else `opens`, where known."""

    code: str
    name: str
    walk_in: bool
    open: bool
    closes: datetime | None
    opens: datetime | None
    hours: list[HoursOut]


class VisitIn(Schema):
    """What a token is taken for. `red_flags` of `GET /choices`: any of them is an emergency."""

    opd: str = Field(max_length=4, examples=["G"])
    complaint: str = Field(max_length=400)
    duration: str = Field("", max_length=100)
    red_flags: list[str] = Field(default_factory=list, max_length=20)
    follow_up: int | None = Field(None, ge=1, lt=2**63)
    agree: bool = False


class WaitOut(Schema):
    """Minutes, from `low` to `high`."""

    low: int
    high: int


class CallOut(Schema):
    """The call that stands: `summoned` (Call Now may be pressed) or `ringing` (pressed)."""

    state: str
    seconds_left: int


class MoveOut(Schema):
    """One row of the token's history, in words."""

    at: datetime
    state: str
    why: str


class TokenOut(Schema):
    """The newest token. `place` counts from 1; `wait` is null where it is not known. `room`: the page of the
    consultation, when the doctor has answered.
    """

    code: str
    opd: str
    state: str
    emergency: bool
    expires_at: datetime
    closing_told: bool
    place: int | None
    ahead: int | None
    wait: WaitOut | None
    doctors_online: int
    call: CallOut | None
    room: str | None
    moves: list[MoveOut]


class RecordOut(Schema):
    """A health record that was taken."""

    name: str
    kind: str
    size: int


class PastOut(Schema):
    """A past consultation with its prescription. `ref` opens its documents, `consultation` takes the feedback."""

    ref: str
    consultation: str
    number: str
    issued_at: datetime
    status: str
    doctor: str
    opd: str


class PastPage(Schema):
    """Newest first; `before` goes on, null at the end."""

    consultations: list[PastOut]
    before: int | None


class CallRow(Schema):
    """A consultation that ended without a prescription, and why; `GET /consultations/{consultation}/fhir` has its
    record.
    """

    consultation: str
    started_at: datetime
    doctor: str
    opd: str
    why: str


class CallPage(Schema):
    """Newest first; `before` goes on, null at the end."""

    calls: list[CallRow]
    before: int | None


class FeedbackIn(Schema):
    """1 to 5 and a line."""

    stars: int = Field(ge=1, le=5)
    text: str = Field("", max_length=400)


class PaperOut(Schema):
    """A prescription (RX), referral letter (RF) or sick-leave advice (SA)."""

    number: str
    status: str


class EndedOut(Schema):
    """A consultation that has ended: no word of the patient, nothing clinical."""

    consultation: str
    opd: str
    doctor: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    papers: list[PaperOut]


class EndedPage(Schema):
    """In the order in which they ended. `since` and `after` of the next request; `more`: there is more already."""

    consultations: list[EndedOut]
    since: datetime
    after: int
    more: bool


class RecordIn(Schema):
    """Which record HQ asks for, and why: by the number of a paper, or a consultation's reference. The reason is kept
    for good, with the name of who asked.
    """

    number: str = Field(max_length=60, examples=["RX-7K3M-9QTD-2"])
    record: str = Field(max_length=20, examples=["consultation"])
    reason: str = Field(max_length=400)

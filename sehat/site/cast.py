"""The people and places of the demo. Every name and number is made up."""

from dataclasses import dataclass
from datetime import date

from sehat.accounts.rules import Role
from sehat.clinic.rules import OpdKind
from sehat.entitlement.rules import Category, Relation
from sehat.registration.rules import Gender

PASSWORD = "sehat-demo-2026"

HOSPITALS = (
    ("Military Hospital Shantipur", "Shantipur", "Delhi", "011-00000001"),
    ("Naval Hospital Sagarpur", "Sagarpur", "Maharashtra", "022-00000002"),
)

OPDS = (
    ("G", "General OPD", "सामान्य ओपीडी", OpdKind.GENERAL),
    ("M", "Medicine", "मेडिसिन", OpdKind.SPECIALIST),
    ("S", "Surgery", "सर्जरी", OpdKind.SPECIALIST),
    ("P", "Paediatrics", "बाल रोग", OpdKind.SPECIALIST),
    ("OG", "Obstetrics & Gynaecology", "प्रसूति एवं स्त्री रोग", OpdKind.SPECIALIST),
    ("E", "ENT", "कान, नाक, गला", OpdKind.SPECIALIST),
    ("OP", "Ophthalmology", "नेत्र रोग", OpdKind.SPECIALIST),
    ("D", "Dermatology", "त्वचा रोग", OpdKind.SPECIALIST),
    ("PS", "Psychiatry", "मनोरोग", OpdKind.SPECIALIST),
    ("OR", "Orthopaedics", "अस्थि रोग", OpdKind.SPECIALIST),
    ("C", "Cardiology", "हृदय रोग", OpdKind.SPECIALIST),
    ("DE", "Dental", "दंत चिकित्सा", OpdKind.SPECIALIST),
)


RUN_BY = {"G": 0, "M": 0, "D": 1}
"""Which hospital runs an OPD, by its place in `HOSPITALS`; the others are HQ's."""

POSTED = {"pharmacist": 0, "commandant": 0}
"""Where staff serve who are no doctors."""

STOREKEEPER = "pharmacist"
"""Whose orders the demo shows."""


STORES = (
    ("Ground floor, beside gate 2", "Mon-Sat 09:00-17:00", True),
    ("OPD block, room 4", "Mon-Sat 08:30-16:30", True),
)
"""The store of each of `HOSPITALS`: where, when, whether it sends home."""


@dataclass(frozen=True)
class DemoDoctor:
    """What a doctor has more than a login."""

    opd: str
    hospital: int
    rank: str
    qualification: str
    registration_number: str
    council: str
    languages: str


@dataclass(frozen=True)
class DemoStaff:
    """One login."""

    username: str
    role: Role
    first_name: str
    last_name: str
    doctor: DemoDoctor | None = None


STAFF = (
    DemoStaff(
        "rao",
        Role.DOCTOR,
        "Arvind",
        "Rao",
        DemoDoctor("G", 0, "Lt Col", "MBBS, MD", "DEMO-10234", "Karnataka Medical Council", "English, Hindi, Kannada"),
    ),
    DemoStaff(
        "iyer",
        Role.DOCTOR,
        "Kavita",
        "Iyer",
        DemoDoctor("G", 0, "Maj", "MBBS", "DEMO-20871", "Tamil Nadu Medical Council", "English, Hindi, Tamil"),
    ),
    DemoStaff(
        "singh",
        Role.DOCTOR,
        "Harpreet",
        "Singh",
        DemoDoctor("G", 1, "Sqn Ldr", "MBBS, DFM", "DEMO-31540", "Punjab Medical Council", "English, Hindi, Punjabi"),
    ),
    DemoStaff(
        "nair",
        Role.SPECIALIST,
        "Suresh",
        "Nair",
        DemoDoctor(
            "M",
            0,
            "Col",
            "MD (Medicine)",
            "DEMO-41902",
            "Kerala State Medical Council",
            "English, Hindi, Malayalam",
        ),
    ),
    DemoStaff(
        "deshmukh",
        Role.SPECIALIST,
        "Anjali",
        "Deshmukh",
        DemoDoctor(
            "D",
            1,
            "Surg Cdr",
            "MD (Dermatology)",
            "DEMO-52317",
            "Maharashtra Medical Council",
            "English, Hindi, Marathi",
        ),
    ),
    DemoStaff("ama", Role.AMA, "Vinod", "Pillai"),
    DemoStaff("pharmacist", Role.PHARMACIST, "Rekha", "Joshi"),
    DemoStaff("commandant", Role.COMMANDANT, "Rajiv", "Menon"),
    DemoStaff("hq", Role.HQ, "Nandini", "Bose"),
)


@dataclass(frozen=True)
class DemoPerson:
    """Somebody entitled. `service_number` is the sponsor's where the person is a dependent."""

    category: Category
    service_number: str
    name: str
    mobile: str
    unit: str = ""


PEOPLE = (
    DemoPerson(Category.SERVING, "JC-481205K", "Ramesh Kumar", "9876543210", "12 Field Regiment"),
    DemoPerson(Category.SERVING, "IC-60417M", "Asha Verma", "9876543211", "7 Signal Regiment"),
    DemoPerson(Category.SERVING, "15483027X", "Sunil Yadav", "9876543212", "12 Field Regiment"),
    DemoPerson(Category.SERVING, "118462W", "Thomas Mathew", "9876543213", "INS Shivalik"),
    DemoPerson(Category.SERVING, "778213B", "Gurpreet Kaur", "9876543214", "4 Wing"),
    DemoPerson(Category.EX, "JC-211984P", "Bhagwan Singh", "9876543215", "retired"),
    DemoPerson(Category.EX, "4057811N", "Mohan Lal Sharma", "9876543216", "retired"),
    DemoPerson(Category.EX, "090571T", "Abdul Rahman", "9876543217", "retired"),
    DemoPerson(Category.DEPENDENT, "JC-481205K", "Meera Kumar", "9876543218"),
    DemoPerson(Category.DEPENDENT, "15483027X", "Sita Yadav", "9876543219"),
    DemoPerson(Category.DEPENDENT, "4057811N", "Kamla Sharma", "9876543220"),
    DemoPerson(Category.DEPENDENT, "118462W", "Anil Mathew", "9876543221"),
)


@dataclass(frozen=True)
class DemoPatient:
    """The sample patient who is registered already and has been seen before."""

    person: DemoPerson
    gender: Gender
    date_of_birth: date
    relation: Relation
    address: str
    pincode: str
    state: str
    district: str
    city: str
    language: str


PATIENT = DemoPatient(
    person=PEOPLE[10],
    gender=Gender.FEMALE,
    date_of_birth=date(1957, 4, 12),
    relation=Relation.SPOUSE,
    address="14 Shanti Vihar",
    pincode="110010",
    state="Delhi",
    district="South West",
    city="Delhi Cantt",
    language="hi",
)


@dataclass(frozen=True)
class DemoMedicine:
    """One line: a label of the formulary, dose as spoken, frequency in short hand, days."""

    label: str
    frequency: str
    days: int
    food: str = ""
    dose: str = ""


@dataclass(frozen=True)
class DemoVisit:
    """One past consultation of the sample patient."""

    days_ago: int
    doctor: str
    complaint: str
    duration: str
    findings: str
    diagnosis: str
    medicines: tuple[DemoMedicine, ...]
    advice: str


VISITS = (
    DemoVisit(
        190,
        "iyer",
        "Cough and sore throat",
        "3 days",
        "Throat red, no fever, chest clear",
        "J02.9",
        (
            DemoMedicine("Paracetamol tablet 500 mg", "SOS max 3", 3),
            DemoMedicine("Cetirizine tablet 10 mg", "0-0-1", 5),
        ),
        "Warm salt water gargles three times a day.",
    ),
    DemoVisit(
        97,
        "rao",
        "Pain in both knees on climbing stairs",
        "2 months",
        "No swelling, no redness, walks without help",
        "M17.9",
        (
            DemoMedicine("Paracetamol tablet 650 mg", "1-0-1", 5, "after"),
            DemoMedicine("Calcium carbonate tablet 500 mg", "0-1-0", 30, "after"),
        ),
        "Knee exercises twice a day; no sitting on the floor.",
    ),
    DemoVisit(
        14,
        "rao",
        "Fever with body ache",
        "2 days",
        "Temperature 101 F, chest clear, no rash",
        "R50.9",
        (DemoMedicine("Paracetamol tablet 500 mg", "1-1-1", 3, "after"),),
        "Plenty of water; come back if the fever lasts longer than three days.",
    ),
)

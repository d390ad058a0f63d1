"""Who the robots are: made once, used again, known by their mobiles and usernames. Every name is made up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice

from sehat.accounts.models import Staff
from sehat.accounts.rules import Role
from sehat.clinic.models import Doctor, Hospital, Opd
from sehat.entitlement.models import RegisterEntry
from sehat.entitlement.rules import Category, Relation
from sehat.registration import queries as registered
from sehat.registration import services as registration
from sehat.registration.models import Patient
from sehat.registration.rules import Gender, SpecialNeed
from sehat.site.cast import DemoMedicine

MOBILES = "600007"
"""How every sample patient's mobile begins; four digits follow."""
SPONSORS = 5000
"""So much higher are the numbers of the sponsors of dependents."""
USERNAMES = "sample-doctor-"
OPD = "G"

MEN = ("Arjun", "Ravi", "Deepak", "Manoj", "Joseph", "Imran", "Harish", "Balbir", "Tashi", "Prakash")
WOMEN = ("Lakshmi", "Pooja", "Farida", "Mary", "Simran", "Rekha", "Ananya", "Bina", "Geeta", "Dolma")
FAMILIES = ("Thapa", "Patil", "Reddy", "Chauhan", "Das", "Pillai", "Gill", "Khan", "Negi", "Bora", "Naik")
DOCTORS = (
    ("Maj", "Vikram", "Shekhawat", "Rajasthan Medical Council", "English, Hindi"),
    ("Lt Col", "Shalini", "Kulkarni", "Maharashtra Medical Council", "English, Hindi, Marathi"),
    ("Surg Lt Cdr", "Rohan", "D’Souza", "Goa Medical Council", "English, Hindi"),
    ("Wg Cdr", "Meenakshi", "Sundaram", "Tamil Nadu Medical Council", "English, Hindi, Tamil"),
    ("Capt", "Tenzin", "Lepcha", "Sikkim Medical Council", "English, Hindi, Nepali"),
)


@dataclass(frozen=True)
class Case:
    """What a sample patient comes with, in both languages, and what a sample doctor makes of it (list O only)."""

    complaint: dict[str, str]
    duration: dict[str, str]
    findings: str
    diagnosis: str
    medicines: tuple[DemoMedicine, ...]
    advice: str


CASES = (
    Case(
        {"en": "Fever with body ache", "hi": "बुखार और बदन दर्द"},
        {"en": "2 days", "hi": "2 दिन"},
        "No rash, no breathlessness, as told",
        "R50.9",
        (DemoMedicine("Paracetamol tablet 500 mg", "1-1-1", 3, "after"),),
        "Plenty of water; come back if the fever lasts longer than three days.",
    ),
    Case(
        {"en": "Cold and sneezing", "hi": "सर्दी और छींकें"},
        {"en": "3 days", "hi": "3 दिन"},
        "No fever, as told",
        "J00",
        (DemoMedicine("Cetirizine tablet 10 mg", "0-0-1", 5),),
        "Steam twice a day.",
    ),
    Case(
        {"en": "Cough", "hi": "खाँसी"},
        {"en": "4 days", "hi": "4 दिन"},
        "No blood, no breathlessness, as told",
        "R05",
        (DemoMedicine("Ambroxol tablet 30 mg", "1-0-1", 5, "after"),),
        "Come back if it lasts longer than two weeks.",
    ),
    Case(
        {"en": "Pain in both knees", "hi": "दोनों घुटनों में दर्द"},
        {"en": "2 months", "hi": "2 महीने"},
        "No swelling, walks without help, as told",
        "M17.9",
        (DemoMedicine("Paracetamol tablet 650 mg", "1-0-1", 5, "after"),),
        "Knee exercises twice a day.",
    ),
    Case(
        {"en": "Constipation", "hi": "कब्ज़"},
        {"en": "1 week", "hi": "1 हफ़्ता"},
        "No pain, no blood, as told",
        "K59.0",
        (DemoMedicine("Bisacodyl tablet 5 mg", "0-0-1", 3),),
        "More water, fruit and vegetables; a walk every day.",
    ),
    Case(
        {"en": "Mild headache after long duty", "hi": "लंबी ड्यूटी के बाद हल्का सिरदर्द"},
        {"en": "1 day", "hi": "1 दिन"},
        "No fever, no vomiting, sees clearly, as told",
        "R51",
        (),
        "Rest and water; come back if it does not go within two days.",
    ),
)


def case_of(patient: Patient) -> Case:
    """The same patient comes with the same complaint."""
    return CASES[int(patient.mobile[len(MOBILES) :]) % len(CASES)]


def is_robot(patient: Patient) -> bool:
    """Whether it is a sample patient."""
    return patient.mobile.startswith(MOBILES)


def is_robot_doctor(doctor: Doctor) -> bool:
    """Whether it is a sample doctor; the doctor's login is read with the row."""
    return doctor.staff.username.startswith(USERNAMES)


def mobile(number: int) -> str:
    """The mobile of the sample patient of that number."""
    return f"{MOBILES}{number:04d}"


def patient(number: int, *, now: datetime) -> Patient:
    """The sample patient of that number, registered on the first visit."""
    return registered.patient_of(mobile(number)) or _register(number, now)


def _register(number: int, now: datetime) -> Patient:
    is_woman = number % 2 == 0
    # Every fifth a veteran, every tenth of whom is above 70; every sixth a soldier's wife.
    category = Category.EX if number % 5 == 3 else Category.DEPENDENT if number % 6 == 2 else Category.SERVING
    age = 57 + number % 20 if category is Category.EX else 24 + number * 7 % 25
    name = f"{(WOMEN if is_woman else MEN)[number // 2 % len(MEN)]} {FAMILIES[number % len(FAMILIES)]}"
    service_number = f"90{number:05d}R"
    _put_into_register(number, name, service_number, category)
    return registration.register(
        mobile=mobile(number),
        identity=registration.Identity(
            name=name,
            gender=Gender.FEMALE if is_woman else Gender.MALE,
            date_of_birth=(now - timedelta(days=366 * age)).date().replace(month=1 + number % 12, day=1 + number % 28),
            only_age_known=False,
            category=category,
            service_number=service_number,
            relation=Relation.SPOUSE if category is Category.DEPENDENT else None,
        ),
        contact=registration.Contact(
            email="",
            address=f"Quarter {number + 1}, Shanti Vihar",
            pincode="110010",
            state="Delhi",
            district="South West",
            city="Delhi Cantt",
            language="hi" if number % 3 else "en",
            special_need=SpecialNeed.DISABILITY if number % 12 == 7 else "",
        ),
        now=now,
    )


def _put_into_register(number: int, name: str, service_number: str, category: Category) -> None:
    is_dependent = category is Category.DEPENDENT
    sponsor = f"{MEN[number % len(MEN)]} {name.split()[-1]}"
    RegisterEntry.objects.get_or_create(
        service_number=service_number,
        defaults={
            "name": sponsor if is_dependent else name,
            "mobile": mobile(number + SPONSORS if is_dependent else number),
            "category": Category.SERVING if is_dependent else category,
        },
    )


def doctors(count: int) -> list[Doctor]:
    """So many sample doctors of the General OPD; nobody can log in as one."""
    opd = Opd.objects.get(code=OPD)
    hospitals = cycle(Hospital.objects.order_by("pk")[:2])
    return [_doctor(number, opd, hospital) for number, hospital in enumerate(islice(hospitals, count), start=1)]


def _doctor(number: int, opd: Opd, hospital: Hospital) -> Doctor:
    rank, first, last, council, languages = DOCTORS[(number - 1) % len(DOCTORS)]
    username = f"{USERNAMES}{number}"
    found = Doctor.objects.filter(staff__username=username).first()
    if found is not None:
        return found
    staff = Staff(username=username, role=Role.DOCTOR, first_name=first, last_name=last)
    staff.set_unusable_password()
    staff.save()
    return Doctor.objects.create(
        staff=staff,
        hospital=hospital,
        opd=opd,
        rank=rank,
        qualification="MBBS",
        registration_number=f"DEMO-{90000 + number}",
        council=council,
        languages=languages,
        contact=hospital.phone,
    )

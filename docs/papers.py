"""Takes the pictures of the signed papers in `docs/pictures/` anew: prescriptions short, long, in Hindi and with
extreme names, a referral letter, a sick-leave advice. `make pictures` runs it; it needs poppler's pdftoppm.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django  # noqa: E402

django.setup()

from PIL import Image  # noqa: E402

from sehat.consultation.models import Consultation  # noqa: E402
from sehat.consultation.rules import Mode  # noqa: E402
from sehat.letters import sheets  # noqa: E402
from sehat.letters.models import KIND_OF, Letter  # noqa: E402
from sehat.letters.rules import Reason, Rest, Urgency  # noqa: E402
from sehat.letters.writing import Content, ReferralLetter, SickLeave  # noqa: E402
from sehat.papers import signing  # noqa: E402
from sehat.prescription import document  # noqa: E402
from sehat.prescription.diagnoses import classification  # noqa: E402
from sehat.prescription.writing import Clinical, Written  # noqa: E402
from tests.prescription.test_document import EIGHT, NOW, PEOPLE, _sheet  # noqa: E402

DOTS = 80  # an inch
PATIENT: Any = PEOPLE["patient"]
DOCTOR: Any = PEOPLE["doctor"]
FEVER = classification().get("R50.9")
assert FEVER is not None

SHORT = Written(
    complaint="Fever and body ache (3 days)",
    findings="Throat red, chest clear",
    diagnoses=(FEVER,),
    lines=EIGHT[:2],
    advice="Rest\nDrink plenty of water",
    red_flags="Breathlessness\nFever for more than three days",
    follow_up_on=date(2026, 11, 30),
    clinical=Clinical(
        history="Diabetes for six years",
        allergies=("sulphonamides",),
        in_use=("Metformin 500 mg",),
        vitals={"temperature": 100.4, "pulse": 96, "systolic": 128, "diastolic": 82, "oxygen": 97},
    ),
)
HINDI = replace(
    SHORT,
    complaint="तीन दिन से तेज़ बुखार और बदन दर्द",
    findings="गला लाल है, सीना साफ़ है",
    advice="आराम करें\nख़ूब पानी पिएँ\nतला-भुना न खाएँ",
    red_flags="साँस फूलना\nतीन दिन से ज़्यादा बुखार",
    clinical=Clinical(allergies=("सल्फ़ा की दवाएँ",), history="छह साल से शुगर"),
)
LONG_NAME = "Venkatanarasimharajuvaripetanarasimhachandrashekharasubrahmanyeshwaraprasadarao"
REFERRAL = ReferralLetter(
    department="Surgery",
    hospital="Command Hospital, Shantipur",
    urgency=Urgency.TODAY,
    reason="Pain in the right lower abdomen since yesterday, worse on coughing.\nAppendicitis to be excluded, please.",
    diagnosis="Acute abdomen",
    history="Fever 101 °F, vomited twice. No surgery before.",
    treatment="PARACETAMOL tablet 500 mg, 1 tablet, 1-1-1, 3 days",
    allergies="penicillin",
)
LEAVE = SickLeave(date(2026, 11, 23), date(2026, 11, 25), Rest.HOME, Reason.UNWELL, service_number="15483027X")
SOLDIER = PATIENT | {
    "name": "Sunil Yadav",
    "age": {"english": "31 years", "hindi": "31 साल"},
    "gender": {"english": "Male", "hindi": "पुरुष"},
}


def _letter(content: Content, patient: Any = PATIENT) -> bytes:
    number = f"{KIND_OF[content.purpose]}-7K3M-9QTD-E"
    letter = Letter(ref="picture", number=number, issued_at=NOW, people=PEOPLE | {"patient": patient})
    letter.purpose, letter.content = content.purpose, content.kept
    letter.consultation = Consultation(started_at=NOW)
    return sheets.pdf_of(letter, mode=Mode.VIDEO)


def papers() -> dict[str, bytes]:
    """Each paper, unsigned, by the name of its picture."""
    village = PATIENT | {"address": "मकान 12, गाँव रामपुर, ज़िला भोजपुर, बिहार 802164"}
    doctor = DOCTOR | {"name": "Surgeon Rear Admiral Krishnamurthyvenkataramanasubramaniamchandrasekaran Iyengar"}
    extreme = {"patient": PATIENT | {"name": LONG_NAME}, "doctor": doctor}
    conjuncts = "क्ष्म्यार्द्रविद्युद्व्यूढोरस्कत्रैलोक्यवन्द्योज्ज्वलच्चन्द्रिकास्निग्धशार्ङ्गधरप्रद्युम्नवर्धनः"
    long = replace(SHORT, lines=EIGHT + EIGHT[:4], investigations="CBC\nMalaria")
    return {
        "prescription-short": document.make(_sheet(SHORT)),
        "prescription-long": document.make(_sheet(long)),
        "prescription-hindi": document.make(_sheet(HINDI, patient=village)),
        "prescription-extreme": document.make(_sheet(SHORT, **extreme)),
        "prescription-conjuncts": document.make(_sheet(HINDI, patient=village | {"name": conjuncts})),
        "referral-letter": _letter(REFERRAL),
        "sick-leave": _letter(LEAVE, SOLDIER),
    }


def main() -> None:
    """Take all pictures, every page of each paper."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    with tempfile.TemporaryDirectory() as place:
        for name, pdf in papers().items():
            path = Path(place) / f"{name}.pdf"
            path.write_bytes(signing.sign(pdf, reason=name))
            subprocess.run(["pdftoppm", "-r", str(DOTS), "-png", path, path.with_suffix("")], check=True)
            for page in sorted(Path(place).glob(f"{name}-*.png")):
                with Image.open(page) as picture:
                    small = picture.convert("RGB").quantize(64)
                small.save(folder / f"paper-{page.name}", optimize=True)
                print(f"paper-{page.name}")


if __name__ == "__main__":
    main()

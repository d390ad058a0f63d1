"""Says a line of a prescription in a sentence, in English and in Hindi, and knows the usual instructions in
both.

The sheet carries both languages whatever the reader's page speaks (clinical.md, "Hindi and English on one
sheet"), so these words are a table here and not messages of a catalogue.
"""

from collections.abc import Sequence
from fractions import Fraction

from sehat.papers.said import Said
from sehat.prescription.course import Step
from sehat.prescription.dosage import Food, Frequency, dose_units, written

ENGLISH_TIMES = ("in the morning", "at noon", "at night", "at bedtime")
HINDI_TIMES = ("सुबह", "दोपहर को", "रात को", "सोते समय")

ENGLISH_FOOD = {
    Food.AFTER: "after food",
    Food.BEFORE: "before food",
    Food.WITH: "with food",
    Food.EMPTY: "on an empty stomach",
}
HINDI_FOOD = {
    Food.AFTER: "खाने के बाद",
    Food.BEFORE: "खाने से पहले",
    Food.WITH: "खाने के साथ",
    Food.EMPTY: "ख़ाली पेट",
}

# Unit of a dose → one, many, Hindi.
_UNITS = {
    "tablet": ("tablet", "tablets", "गोली"),
    "tab": ("tablet", "tablets", "गोली"),
    "capsule": ("capsule", "capsules", "कैप्सूल"),
    "cap": ("capsule", "capsules", "कैप्सूल"),
    "sachet": ("sachet", "sachets", "पैकेट"),
    "suppository": ("suppository", "suppositories", "बत्ती"),
    "vaginal tablet": ("vaginal tablet", "vaginal tablets", "योनि में रखने की गोली"),
    "sublingual tablet": ("tablet", "tablets", "गोली"),
    "inhalation capsule": ("capsule", "capsules", "कैप्सूल"),
    "lozenge": ("lozenge", "lozenges", "चूसने की गोली"),
    "ml": ("ml", "ml", "मि.ली."),
    "unit": ("unit", "units", "यूनिट"),
    "vial": ("vial", "vials", "शीशी"),
    "drop": ("drop", "drops", "बूँद"),
    "puff": ("puff", "puffs", "पफ़"),
    "spray": ("spray", "sprays", "स्प्रे"),
    "spoon": ("spoon", "spoons", "चम्मच"),
    "teaspoon": ("teaspoon", "teaspoons", "छोटा चम्मच"),
    "tube": ("tube", "tubes", "ट्यूब"),
    "bottle": ("bottle", "bottles", "शीशी"),
    "inhaler": ("inhaler", "inhalers", "इनहेलर"),
    "pack": ("pack", "packs", "डिब्बा"),
    "thin layer": ("a thin layer", "a thin layer", "पतली परत"),
    "thin line": ("a thin line", "a thin line", "पतली लकीर"),
}

# Form of the medicine → verb in English, in Hindi.
_VERBS = {
    **dict.fromkeys(("cream", "ointment", "gel", "lotion", "dusting powder"), ("Apply", "लगाएँ")),
    **dict.fromkeys(("eye drops", "ear drops", "nasal drops", "nasal spray"), ("Put", "डालें")),
    **dict.fromkeys(("suppository", "vaginal tablet"), ("Insert", "अंदर रखें")),
    "eye ointment": ("Put", "लगाएँ"),
    "lozenge": ("Suck", "चूसें"),
    "sublingual tablet": ("Keep", "रखें, निगलें नहीं"),
    "inhalation capsule": ("Breathe the steam of", "गरम पानी में डालकर भाप लें"),
    "shampoo": ("Wash the hair with", "से सिर धोएँ"),
    "injection": ("Inject", "सुई से लें"),
    "inhaler": ("Inhale", "साँस से अंदर लें"),
    "gargle": ("Gargle with", "से गरारे करें"),
    "mouthwash": ("Rinse the mouth with", "से कुल्ला करें"),
}
_TAKE = ("Take", "लें")

# What people call the place where it goes: eye drops go into the eye.
_PLACES = {
    # Which eye or ear only the doctor knows; nobody is to treat the healthy one.
    "eye drops": ("in the affected eye", "जिस आँख में तकलीफ़ है उसमें"),
    "eye ointment": ("inside the lower lid of the affected eye", "जिस आँख में तकलीफ़ है उसकी निचली पलक के अंदर"),
    "ear drops": ("in the affected ear", "जिस कान में तकलीफ़ है उसमें"),
    "sachet": ("dissolved in water", "पानी में घोलकर"),
    "sublingual tablet": ("under the tongue", "जीभ के नीचे"),
    "inhalation capsule": ("in hot water", ""),
    "nasal drops": ("in the nose", "नाक में"),
    "nasal spray": ("in the nose", "नाक में"),
    "injection": ("under the skin", "त्वचा के नीचे"),
}

USUAL = {
    "Complete the full course": "दवा का कोर्स पूरा करें",
    "Drink plenty of water": "ख़ूब पानी पिएँ",
    "Shake well before use": "लेने से पहले शीशी अच्छी तरह हिलाएँ",
    "Dissolve one sachet in 1 litre of clean water": "एक पैकेट 1 लीटर साफ़ पानी में घोलें",
    "Do not drive: it can make you drowsy": "गाड़ी न चलाएँ: नींद आ सकती है",
    "No alcohol": "शराब न पिएँ",
    "Only when in pain": "केवल दर्द होने पर",
    "Only with fever above 100 °F": "बुखार 100 °F से ऊपर हो तभी",
    "Stop and call the doctor if there is a rash": "शरीर पर दाने निकलें तो दवा बंद करके डॉक्टर को बताएँ",
    "Rinse the mouth after use": "लेने के बाद कुल्ला करें",
    "Wash and dry the skin first": "पहले त्वचा धोकर सुखा लें",
    "For external use only": "केवल बाहर लगाने के लिए",
    "Rest": "आराम करें",
    "Steam inhalation twice a day": "दिन में दो बार भाप लें",
    "Gargle with warm salt water": "गुनगुने नमक के पानी से गरारे करें",
    "Light food, less oil and spice": "हल्का खाना खाएँ, तेल-मसाला कम",
    "Less salt": "नमक कम खाएँ",
    "Walk 30 minutes a day": "रोज़ 30 मिनट टहलें",
    "Breathlessness": "साँस फूलना",
    "Chest pain": "सीने में दर्द",
    "Fever for more than three days": "तीन दिन से ज़्यादा बुखार",
    "Fits or fainting": "दौरा पड़ना या बेहोशी",
    "Blood in vomit or stool": "उल्टी या मल में ख़ून",
    "Vomiting that does not stop": "उल्टी का न रुकना",
    "Rash or swelling of the face": "शरीर पर चकत्ते या चेहरे पर सूजन",
    "Drowsy or not feeding": "बच्चे का सुस्त होना या दूध न पीना",
    "Go to the nearest hospital if you get worse": "तबीयत बिगड़े तो तुरंत नज़दीकी अस्पताल जाएँ",
}
"""Instructions and advice that doctors give often, with their Hindi."""

INVESTIGATIONS = {
    "CBC (complete blood count)": "ख़ून की पूरी जाँच (सीबीसी)",
    "Haemoglobin": "हीमोग्लोबिन",
    "ESR": "ईएसआर (सूजन की जाँच)",
    "CRP": "सीआरपी (सूजन की जाँच)",
    "Blood sugar, fasting": "ख़ाली पेट शुगर",
    "Blood sugar, 2 hours after food": "खाने के 2 घंटे बाद शुगर",
    "HbA1c": "तीन महीने की शुगर (एचबीए1सी)",
    "Lipid profile": "कोलेस्ट्रॉल की जाँच",
    "Liver function test": "जिगर की जाँच (एलएफ़टी)",
    "Kidney function test": "गुर्दे की जाँच (केएफ़टी)",
    "Serum electrolytes": "ख़ून में नमक की जाँच",
    "Serum uric acid": "यूरिक एसिड",
    "TSH": "थायरॉइड की जाँच (टीएसएच)",
    "Vitamin D": "विटामिन डी",
    "Vitamin B12": "विटामिन बी12",
    "Iron studies": "ख़ून में लोहे की जाँच",
    "Malaria smear": "मलेरिया की जाँच",
    "Dengue NS1 and IgM": "डेंगू की जाँच",
    "Typhoid test": "टाइफ़ॉइड की जाँच",
    "COVID-19 test": "कोविड की जाँच",
    "Sputum for AFB": "बलगम की जाँच (टीबी)",
    "Urine, routine and microscopy": "पेशाब की जाँच",
    "Urine culture": "पेशाब का कल्चर",
    "Urine pregnancy test": "पेशाब से गर्भ की जाँच",
    "Stool, routine": "मल की जाँच",
    "Throat swab": "गले का स्वैब",
    "Chest X-ray": "छाती का एक्स-रे",
    "X-ray of the spine": "रीढ़ का एक्स-रे",
    "X-ray of the knee": "घुटने का एक्स-रे",
    "X-ray of the sinuses": "साइनस का एक्स-रे",
    "Ultrasound of the abdomen": "पेट का अल्ट्रासाउंड",
    "Ultrasound of the pelvis": "पेड़ू का अल्ट्रासाउंड",
    "ECG": "ईसीजी (दिल की जाँच)",
    "Echocardiography": "इको (दिल का अल्ट्रासाउंड)",
    "Peak flow": "साँस की ताक़त की जाँच",
    "Blood pressure twice a day for a week": "एक हफ़्ते तक दिन में दो बार रक्तचाप",
    "Eye test": "आँखों की जाँच",
    "Hearing test": "कान (सुनने) की जाँच",
    "PSA": "पीएसए (प्रोस्टेट की जाँच)",
}
"""Investigations that are ordered often, with their Hindi."""

_USUAL_KEYS = {english.lower(): hindi for english, hindi in (USUAL | INVESTIGATIONS).items()}


def usual_hindi(text: str) -> str:
    """Hindi of a usual instruction or investigation, whatever its capitals and final stop; empty for any other."""
    return _USUAL_KEYS.get(" ".join(text.lower().split()).rstrip("."), "")


def amount(units: Fraction | None, word: str) -> Said:
    """`2 tablets` and `2 गोली`; a word that is not in the table stays as it was written, in both."""
    one, many, hindi = _UNITS.get(word, _UNITS.get(word.removesuffix("s"), (word, word, word)))
    if units is None:
        return Said(one, hindi)
    number = f"{float(units):g}" if one == many else written(units)
    return Said(f"{number} {one if units <= 1 else many}".strip(), f"{number} {hindi}".strip())


def counted(number: int, unit: str) -> Said:
    """A quantity: `15 tablets` and `15 गोली`."""
    return amount(Fraction(number), unit)


def _dose(dose: str) -> tuple[Fraction | None, str]:
    units = dose_units(dose)
    return units, dose.strip().lower() if units is None else dose.strip().lstrip("0123456789./½¼¾ ").lower()


def _join(parts: list[str], last: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def course(*, form: str, steps: Sequence[Step], food: Food) -> Said:
    """How to take a medicine, in a sentence: `Take 1 tablet in the morning and 1 tablet at night, after food, for
    5 days.`; of a taper each step after the other; and the same in Hindi.
    """
    if len(steps) > 1:
        return _taper(form=form, steps=steps, food=food)
    (step,) = steps
    return sentence(form=form, dose=step.dose, frequency=step.frequency, food=food, days=step.days)


def _taper(*, form: str, steps: Sequence[Step], food: Food) -> Said:
    take, take_hindi = _VERBS.get(form, _TAKE)
    place, place_hindi = _PLACES.get(form, ("", ""))
    lead = " ".join(filter(None, (take, "in this order", place)))
    english, hindi = [], []
    for step in steps:
        said = _each_time(step.dose, step.frequency)
        interval, interval_hindi = _INTERVALS.get(step.frequency.interval_days, ("", ""))
        if step.frequency.every_hours:
            interval, interval_hindi = f" every {step.frequency.every_hours} hours", ""
            said = Said(said.english, f"हर {step.frequency.every_hours} घंटे पर {said.hindi}")
        english.append(f"{said.english}{interval} {_for_days(step.days)}")
        hindi.append(f"{step.days} दिन {interval_hindi}{said.hindi}")
    meal, meal_hindi = (f", {ENGLISH_FOOD[food]}", f"{HINDI_FOOD[food]} ") if food else ("", "")
    lead_hindi = " ".join(filter(None, (f"{meal_hindi}{place_hindi}".strip(), "इस क्रम से", take_hindi)))
    return Said(f"{lead}{meal}: {'; then '.join(english)}.", f"{lead_hindi}: पहले {'; फिर '.join(hindi)}।")


_INTERVALS = {2: (" every other day", "एक दिन छोड़कर "), 7: (" once a week", "हफ़्ते में एक बार ")}


def _for_days(days: int) -> str:
    return "for 1 day" if days == 1 else f"for {days} days"


def _each_time(dose: str, frequency: Frequency) -> Said:
    """The dose and its times: `1 tablet in the morning and 2 tablets at night`; the dose alone where no times are
    said.
    """
    units, word = _dose(dose)
    if frequency.as_needed or frequency.every_hours or frequency.interval_days == 0:
        return amount(units, word)
    if units is None or (len(set(filter(None, frequency.slots))) == 1 and sum(map(bool, frequency.slots)) > 2):
        # The same each time: said once, then the times.
        slot = next(slot for slot in frequency.slots if slot)
        each = amount(units * slot if units is not None else None, word)
        times = [i for i, taken in enumerate(frequency.slots) if taken]
        return Said(
            f"{each.english} {_join([ENGLISH_TIMES[i] for i in times], 'and')}",
            f"{_join([HINDI_TIMES[i] for i in times], 'और')} {each.hindi}",
        )
    each_time = [(i, amount(units * slot, word)) for i, slot in enumerate(frequency.slots) if slot]
    return Said(
        _join([f"{said.english} {ENGLISH_TIMES[i]}" for i, said in each_time], "and"),
        _join([f"{HINDI_TIMES[i]} {said.hindi}" for i, said in each_time], "और"),
    )


def sentence(*, form: str, dose: str, frequency: Frequency, food: Food, days: int) -> Said:
    """How to take a line: `Take 1 tablet in the morning and 1 tablet at night, after food, for 5 days.` and
    the same in Hindi.
    """
    take, take_hindi = _VERBS.get(form, _TAKE)
    place, place_hindi = _PLACES.get(form, ("", ""))
    said = _each_time(dose, frequency)
    lead, lead_hindi = "", ""
    tail, tail_hindi = [], []
    if frequency.as_needed:
        lead_hindi = "ज़रूरत होने पर "
        tail.append(f"only when needed, at most {frequency.max_per_day} times in 24 hours")
        tail_hindi.append(f"24 घंटे में {frequency.max_per_day} बार से ज़्यादा नहीं")
    elif frequency.every_hours:
        tail.append(f"every {frequency.every_hours} hours")
        lead_hindi = f"हर {frequency.every_hours} घंटे पर "
    elif frequency.interval_days == 0:
        tail.append("once only")
        lead_hindi = "केवल एक बार "
    elif frequency.interval_days == 7:
        lead, lead_hindi = "Once a week: ", "हफ़्ते में एक बार: "
    elif frequency.interval_days == 2:
        lead, lead_hindi = "Every other day: ", "एक दिन छोड़कर: "
    if food:
        tail.append(ENGLISH_FOOD[food])
        tail_hindi.append(HINDI_FOOD[food])
    if frequency.interval_days:
        tail.append(_for_days(days))
        tail_hindi.append(f"{days} दिन तक")

    verb = f"{lead}{take.lower() if lead else take}"
    english = ", ".join([" ".join(filter(None, (verb, said.english, place))), *tail]) + "."
    action = " ".join(filter(None, (f"{lead_hindi}{place_hindi}".strip(), said.hindi, take_hindi)))
    return Said(english, ", ".join([action, *tail_hindi]) + "।")

"""The rules' findings in words: which rule, why, and the way out."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sehat.prescription.guidelines import Finding, Rule, Way
from sehat.prescription.rules import Fear

_WHY: dict[Rule, str | Promise] = {
    Rule.PROHIBITED: _("Prohibited: never by tele-consultation, whatever the reason."),
    Rule.VIDEO: _("List A: only in a video consultation, and no %(seconds)s seconds of two-way video stand yet."),
    Rule.FOLLOW_UP: _(
        "Only in a follow-up: you have not seen this patient for this diagnosis by video in the last %(months)s months."
    ),
    Rule.IN_USE: _("List A, refill: only a medicine that the patient already takes."),
    Rule.THERAPY: _("List B: only added to a therapy of the illness that the patient already takes."),
    Rule.UNCONFIRMED: _("No medicine before identity and age are confirmed, and of a minor who of age is present."),
    Rule.ALLERGY: _("The patient is allergic to it: %(first)s."),
    Rule.ALLERGY_CLASS: _("The patient is allergic to its class: %(first)s."),
    Rule.TWICE: _("The same substance stands twice: %(first)s."),
    Rule.TWICE_ELSEWHERE: _("The same substance by another route: %(first)s."),
    Rule.INTERACTION: _("With %(first)s: %(second)s."),
    Rule.MAXIMUM: _("%(first)s a day: more than the maximum of %(second)s."),
    Rule.PREGNANCY: _("Harms in pregnancy."),
    Rule.PREGNANCY_UNKNOWN: _("Never in pregnancy, and nobody has asked."),
    Rule.LACTATION: _("Passes into the milk."),
    Rule.CHILD: _("Not under %(first)s years."),
    Rule.KIDNEY: _("Kidney disease: less of it, or another."),
    Rule.ELDERLY: _("At 65 or older: %(first)s."),
    Rule.EMERGENCY: _("Signs of an emergency: advice, first aid and referral only."),
    Rule.IN_USE_ALREADY: _("The patient takes it already: %(first)s."),
    Rule.SAME_CLASS: _("Another of the same class (%(second)s): %(first)s."),
    Rule.MAXIMUM_TOGETHER: _("Together with the other route %(first)s a day: more than the maximum of %(second)s."),
    Rule.MAXIMUM_WEEK: _("%(first)s a week: more than the maximum of %(second)s."),
    Rule.MAXIMUM_CHILD: _("%(first)s a day: more than the maximum of %(second)s for this weight."),
    Rule.LONG: _("%(first)s days: longer than the usual limit of %(second)s."),
    Rule.WEIGHT: _("A child's dose goes by weight, and no weight is written."),
    Rule.WEIGHT_UNLIKELY: _("%(first)s kg is unlikely at this age: please check the weight."),
    Rule.BY_WEIGHT: _("At %(first)s kg usually %(second)s at one time, at most %(third)s a day."),
}
_PREGNANCY_MIND = _("In pregnancy only where it is clearly needed.")
_KIDNEY_NEVER = _("Harms in kidney disease.")
_ELDERLY_NEVER = _("Not at 65 or older: %(first)s.")
_FEARS: dict[Fear, str | Promise] = {
    Fear.UNSAID: _("other medicines are safer"),
    Fear.CONFUSION: _("confusion, falls, urine that does not pass"),
    Fear.DROWSINESS: _("drowsiness and falls"),
    Fear.STIFFNESS: _("stiffness, trembling and falls"),
    Fear.PRESSURE: _("low blood pressure and falls"),
    Fear.SUGAR: _("low sugar that lasts long"),
    Fear.STOMACH: _("a bleeding stomach; strain on kidneys and heart"),
    Fear.BLEEDING: _("more bleeding"),
    Fear.PREVENTION: _("only after a heart attack, stent or stroke; else it bleeds more than it helps"),
    Fear.KIDNEYS: _("kidneys are often weak; creatinine first"),
    Fear.DEMENTIA: _("stroke and death where there is dementia"),
    Fear.OIL: _("oil that gets into the lungs"),
    Fear.DOSE: _("the usual dose is too much"),
}
_CHILD_MONTHS = _("Not under %(first)s months.")
_WAYS: dict[Way, str | Promise] = {
    Way.VIDEO: _("let the video stand for %(seconds)s seconds, then press Issue again"),
    Way.REFER: _("refer the patient"),
    Way.OTHER: _("choose another medicine"),
    Way.IN_PERSON: _("write when you saw the patient in person"),
    Way.NOTE_IN_USE: _("write under “Already taking” what the patient takes"),
    Way.CONFIRM: _("confirm identity and age"),
    Way.REMOVE: _("remove one of the two"),
    Way.LESS: _("write a smaller dose"),
    Way.NO_EMERGENCY: _("tick “No emergency” once you are sure"),
    Way.ASK_PREGNANCY: _("choose what she says under Pregnancy"),
    Way.WEIGH: _("write the weight among the vitals"),
    Way.SELDOMER: _("write it weekly"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One finding as the doctor reads it."""

    why: str
    ways: str
    refused: bool
    source: str
    waits_for_video: bool


def tell(finding: Finding) -> Told:
    """In the reader's language."""
    first, second, *rest = (*finding.about, "", "", "")
    if finding.rule is Rule.INTERACTION and get_language() == "hi" and rest[0]:
        second = rest[0]
    values = {
        "first": _FEARS[Fear(finding.about[0])] if finding.rule is Rule.ELDERLY else first,
        "second": second,
        "third": rest[0],
        "seconds": settings.VIDEO_SECONDS,
        "months": settings.FOLLOW_UP_MONTHS,
    }
    why = _WHY[finding.rule]
    if finding.rule is Rule.CHILD and second == "months":
        why = _CHILD_MONTHS
    elif finding.rule is Rule.KIDNEY and finding.refused:
        why = _KIDNEY_NEVER
    elif finding.rule is Rule.ELDERLY and finding.refused:
        why = _ELDERLY_NEVER
    elif finding.rule is Rule.PREGNANCY and not finding.refused:
        why = _PREGNANCY_MIND
    return Told(
        why=str(why) % values,
        ways=str(_(", or ")).join(str(_WAYS[way]) % values for way in finding.ways),
        refused=finding.refused,
        source=finding.source,
        waits_for_video=finding.rule is Rule.VIDEO,
    )

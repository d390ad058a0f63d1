"""What the classes of medicines have to do with each other. Plain Python, by the formulary's column `class`.

A starter to be approved by clinicians, as the formulary is; from memory of the British National Formulary.
"""

_ALONE = (
    "sulfonamide",
    "macrolide",
    "fluoroquinolone",
    "tetracycline",
    "nitroimidazole",
    "ace inhibitor",
    "angiotensin blocker",
    "statin",
    "beta blocker",
    "proton pump inhibitor",
    "antiepileptic",
    "local anaesthetic",
    "iron",
    "aminoglycoside",
)
CROSSING = {
    "penicillin": frozenset({"penicillin", "cephalosporin"}),
    "cephalosporin": frozenset({"cephalosporin", "penicillin"}),
    "nsaid": frozenset({"nsaid", "salicylate", "aminosalicylate"}),
    "salicylate": frozenset({"nsaid", "salicylate", "aminosalicylate"}),
    **{group: frozenset({group}) for group in _ALONE},
}
"""Classes in which an allergy to one member is taken for an allergy to all, and the classes that it crosses to."""

ONE_IS_ENOUGH = frozenset(
    {
        "antihistamine",
        "proton pump inhibitor",
        "h2 blocker",
        "antiemetic",
        "ace inhibitor",
        "angiotensin blocker",
        "beta blocker",
        "calcium channel blocker",
        "thiazide diuretic",
        "loop diuretic",
        "alpha blocker",
        "statin",
        "fibrate",
        "sulfonylurea",
        "gliptin",
        "sglt2 inhibitor",
        "glitazone",
        "alpha-glucosidase inhibitor",
        "corticosteroid",
        "ssri",
        "antidepressant",
        "antipsychotic",
        "penicillin",
        "cephalosporin",
        "macrolide",
        "fluoroquinolone",
        "tetracycline",
        "nitroimidazole",
        "muscle relaxant",
        "thyroid hormone",
        "xanthine",
        "pde5 inhibitor",
    }
)
"""Classes of which two by the same route are more often a slip than a plan."""

_PRESSURE = frozenset(
    {
        "ace inhibitor",
        "angiotensin blocker",
        "beta blocker",
        "calcium channel blocker",
        "thiazide diuretic",
        "loop diuretic",
        "potassium sparing diuretic",
        "alpha blocker",
    }
)
_SUGAR = frozenset(
    {
        "biguanide",
        "sulfonylurea",
        "insulin",
        "gliptin",
        "sglt2 inhibitor",
        "glitazone",
        "alpha-glucosidase inhibitor",
    }
)
_FAT = frozenset({"statin", "fibrate", "cholesterol absorption blocker"})
FAMILIES = (_PRESSURE, _SUGAR, _FAT)
"""Classes that are given for one illness."""


def is_added_to(classes: frozenset[str], therapy: frozenset[str]) -> bool:
    """Whether a medicine of these classes adds to such a therapy: a thiazide to atenolol, sitagliptin to metformin
    (guidelines, list B: "in addition to those prescribed for the same medical condition"). What belongs to no family
    that is known here may add to any.
    """
    families = [family for family in FAMILIES if family & classes]
    return not families or any(family & therapy for family in families)

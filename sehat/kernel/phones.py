"""Indian mobile numbers, however people write them."""

import re
import unicodedata

import phonenumbers

WITH_AREA_CODE = re.compile(r"\D*0(?!0)")


def ascii_digits(text: str) -> str:
    """The text with the digits of every script (०१२…) written as 0 to 9."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def indian_mobile(text: str) -> str | None:
    """The ten national digits of an Indian mobile number; None for anything else.

    Takes +91, 0, spaces, dashes and Devanagari digits. Ten digits from 6 to 9 are a mobile (National Numbering Plan,
    DoT): which series of them are landlines too, the library knows only of yesterday. It is asked where somebody wrote
    a number with the 0 of an area code.
    """
    digits = ascii_digits(text)
    try:
        number = phonenumbers.parse(digits, "IN")
    except phonenumbers.NumberParseException:
        return None
    national = phonenumbers.national_significant_number(number)
    if number.country_code != 91 or number.extension or len(national) != 10 or national[0] not in "6789":
        return None
    if WITH_AREA_CODE.match(digits) and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE:
        return None
    return national

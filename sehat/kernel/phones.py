"""Indian mobile numbers, however people write them."""

import unicodedata

import phonenumbers


def ascii_digits(text: str) -> str:
    """The text with the digits of every script (०१२…) written as 0 to 9."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def indian_mobile(text: str) -> str | None:
    """The ten national digits of an Indian mobile number; None for anything else.

    Takes +91, 0, spaces, dashes and Devanagari digits.
    """
    try:
        number = phonenumbers.parse(ascii_digits(text), "IN")
    except phonenumbers.NumberParseException:
        return None
    if number.country_code != 91 or number.extension:
        return None
    if phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.MOBILE:
        return None
    return phonenumbers.national_significant_number(number)

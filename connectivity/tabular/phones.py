"""Telephone numbers as people write them, to the one form they are stored in."""

import phonenumbers


class NotAPhone(ValueError):
    """What was typed cannot be dialed."""


class HasExtension(NotAPhone):
    """A number with an extension, which its stored form has no place for."""


def read_phone(text: str) -> str:
    """`(773) 555-0123` -> `+17735550123`; a number abroad needs its +. Raises NotAPhone."""
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException as unread:
        raise NotAPhone from unread
    if number.extension:
        raise HasExtension
    if not phonenumbers.is_valid_number(number):
        raise NotAPhone
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

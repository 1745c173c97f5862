"""The one form in which an e-mail address is kept and compared."""

from __future__ import annotations

from pydantic.networks import validate_email

from app.core.errors import InvalidInput

MAX_CHARACTERS = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets


def normal_email(text: str) -> str:
    """Return the e-mail in lower case, checked for its shape.

    Raises:
        InvalidInput: it is none.
    """
    try:
        _, email = validate_email(text)
        if "<" in text or len(email) > MAX_CHARACTERS:
            raise ValueError(text)
    except ValueError as error:
        raise InvalidInput("This does not look like an e-mail address.", code="email.invalid", field="email") from error
    return email.lower()

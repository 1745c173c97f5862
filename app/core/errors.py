"""The one error tree.

AppError
 ├─ InvalidInput (422)        a field is malformed, missing or too long
 ├─ NotSignedIn (401)         no session, an expired one, a wrong key
 ├─ NotAllowed (403)          signed in, but the scope is missing
 │   └─ NotInDemo             an account would have it
 ├─ NotFound (404)            absent, or another tenant's: the two look alike
 ├─ Conflict (409)            the state of the thing forbids it
 ├─ TooLarge (413)            body or field beyond its limit
 ├─ TooMany (429)             a rate or a quota is used up
 ├─ ProviderError (502)       see app/core/ports.py
 └─ Unavailable (503)         a part of this installation is down

Each carries a `code` (text on screen is looked up by it), a default English sentence and typed params.
"""

from collections.abc import Mapping


class AppError(Exception):
    """Something a caller can be told about.

    `code` is stable and dotted; `message` is the English default with `{named}` slots; `params` fill the slots;
    `field` names the input at fault, if one is.
    """

    status = 500
    code = "internal"
    message = "Something went wrong on our side."

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        field: str | None = None,
        params: Mapping[str, str | int | float] | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        self.message = message or type(self).message
        self.code = code or type(self).code
        self.field = field
        self.params: dict[str, str | int | float] = dict(params or {})
        self.retry_after_s = retry_after_s
        super().__init__(self.text())

    def text(self) -> str:
        """Return the English sentence with its slots filled."""
        return fill(self.message, self.params)


def fill(message: str, params: Mapping[str, str | int | float]) -> str:
    """Return `message` with `{name}` slots replaced; unknown slots stay, and values are never formatted again."""
    for name, value in params.items():
        message = message.replace("{" + name + "}", str(value))
    return message


class InvalidInput(AppError):
    """Malformed input; `field` says which."""

    status = 422
    code = "invalid"
    message = "This value cannot be used."


class NotSignedIn(AppError):
    """Nobody is signed in, or the session or key is no longer valid."""

    status = 401
    code = "auth.required"
    message = "Please sign in."


class NotAllowed(AppError):
    """Signed in, but the role does not include this."""

    status = 403
    code = "auth.forbidden"
    message = "Your role does not allow this. Ask an owner or an admin of the workspace."


class NotInDemo(NotAllowed):
    """Something that a demo workspace does not include: nobody in it could allow it, an account does."""

    code = "auth.demo"
    message = "A demo workspace does not include this. Sign up to keep your work and use everything."


class NotFound(AppError):
    """Absent, or owned by somebody else: both answer alike."""

    status = 404
    code = "not_found"
    message = "There is nothing here under that name."


class Conflict(AppError):
    """The thing exists, but its state forbids the request."""

    status = 409
    code = "conflict"
    message = "This is not possible in the present state."


class TooLarge(AppError):
    """A body or a field beyond its limit."""

    status = 413
    code = "too_large"
    message = "This is larger than the limit of {limit}."


class TooMany(AppError):
    """A rate limit or a quota is used up."""

    status = 429
    code = "too_many"
    message = "Too many requests. Try again in {seconds} seconds."


class Unavailable(AppError):
    """A part of this installation does not answer."""

    status = 503
    code = "unavailable"
    message = "This part of Galley is not available right now. Try again in a minute."


class TenantMissing(RuntimeError):
    """A bug: tenant data was touched without a tenant, or with the wrong one."""


class UnscopedStatement(RuntimeError):
    """A bug: a statement that the tenant filter cannot be put on."""


class SessionHeldDuringProviderCall(RuntimeError):
    """A bug: a database session was open while a provider was awaited."""

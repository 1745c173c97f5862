"""What crosses a door about people and organisations. Sizes are bounded here; the rules are in the services."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from app.core.text import one_line
from app.tenancy.scopes import Role

Name = Annotated[str, StringConstraints(max_length=120), AfterValidator(one_line)]
Email = Annotated[str, StringConstraints(max_length=320), AfterValidator(one_line)]
Secret = Annotated[str, StringConstraints(max_length=200)]
Password = Annotated[SecretStr, Field(max_length=1_000)]  # the rule, with its message, is in passwords.py


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SignUp(_Form):
    """A new person. Without an organisation's name one is guessed from the e-mail."""

    email: Email
    password: Password
    name: Name = ""
    organisation: Name = ""
    claim: Secret = Field(default="", description="The one-time token on the console that makes the first operator.")
    invitation: Secret = Field(default="", description="The token of an invitation link.")


class SignIn(_Form):
    """E-mail and password."""

    email: Email
    password: Password


class ChangePassword(_Form):
    """The present password, and the next one."""

    present: Password
    password: Password


class Profile(_Form):
    """What a person can change about themselves; None leaves a thing as it is."""

    name: Name | None = None
    locale: Annotated[str, StringConstraints(max_length=10)] | None = None
    theme: Literal["system", "light", "dark"] | None = None


class OrganisationName(_Form):
    """An organisation's name."""

    name: Name


class ChangeRole(_Form):
    """A member's new role."""

    role: Role


class Invite(_Form):
    """Whom to invite as what; without an e-mail whoever has the link may come in."""

    role: Role = "editor"
    email: Email = ""


class NewApiKey(_Form):
    """A key for a program: its name, and what it may do at most."""

    name: Annotated[str, StringConstraints(max_length=80), AfterValidator(one_line)]
    scopes: Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=40)]
    days: Annotated[int, Field(ge=1, le=3650)] | None = None

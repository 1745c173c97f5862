"""What a check is given and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from app.content.inputs import Inputs
from app.content.profiles import LocaleProfile
from app.content.template import BannedList, Limit, Severity, Template
from app.core.errors import fill

Status = Literal["passed", "failed", "not_checked"]
Param = str | int | float


@dataclass(frozen=True, slots=True)
class BrandTerms:
    """Words of a brand voice: what is never said, and what is said instead of what (wrong -> right)."""

    banned: tuple[str, ...] = ()
    preferred: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckContext:
    """Everything beside the text that a check may compare it with.

    `locale` is the language the text should be in, `profile` its rules; `sources` are passages, cited by number from 1.
    """

    template: Template
    inputs: Inputs
    locale: str
    profile: LocaleProfile
    limits: Mapping[str, Limit]
    banned: Mapping[str, BannedList]
    sources: tuple[str, ...] = ()
    brand: BrandTerms | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or one reason why nothing can be said.

    `path` is concrete (`headlines[6]`); `start` and `end` are code points into the text at that path; `message` is the
    English default with {named} slots for `params`; `suggestion` replaces the whole text at the path.
    """

    path: str
    code: str
    message: str
    params: Mapping[str, Param] = field(default_factory=dict)
    start: int | None = None
    end: int | None = None
    suggestion: str | None = None

    def text(self) -> str:
        """Return the English sentence with its slots filled."""
        return fill(self.message, self.params)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The verdict of one check. `id` is unique and stable within a version of the template.

    `reason` says why a check was not made. `label` is the English default with {named} slots for `params`.
    """

    id: str
    kind: str
    label_code: str
    label: str
    params: Mapping[str, Param]
    severity: Severity
    status: Status
    findings: tuple[Finding, ...] = ()
    reason: Finding | None = None

    def label_text(self) -> str:
        """Return the English label with its slots filled."""
        return fill(self.label, self.params)


class NotChecked(Exception):
    """Nothing can be said; `code` is a key under `unchecked` in messages.yaml."""

    def __init__(self, code: str, **params: Param) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

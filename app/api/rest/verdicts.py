"""What the machine says about a text, as programs read it: the same lines and checks that the screen shows."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from app.content.checks.model import CheckResult, Finding
from app.content.judging import Judged
from app.content.typesetting import SetLine


class FindingOut(BaseModel):
    """One thing that is wrong, with the place: `start` and `end` are code points into the text at `path`."""

    path: str = Field(examples=["headlines[6]"])
    code: str = Field(examples=["length.over"])
    message: str
    params: dict[str, str | int | float]
    start: int | None
    end: int | None
    suggestion: str | None


class CheckOut(BaseModel):
    """The verdict of one machine check; `not_checked` never counts as passed, and `reason` says why."""

    id: str
    kind: str = Field(examples=["length"])
    label: str
    label_code: str
    severity: Literal["hard", "warn"]
    status: Literal["passed", "failed", "not_checked"]
    findings: list[FindingOut]
    reason: str | None


class LineOut(BaseModel):
    """One line as it is set: its text, and how much of its limit it uses."""

    part: str = Field(examples=["Headlines"])
    path: str = Field(examples=["headlines[0]"])
    text: str
    used: float | None
    limit: float | None
    unit: str = Field(examples=["chars"])
    state: Literal["ok", "over", "under", "failed", "plain"]
    number: str = Field(description="3, or 3.2 in a list of lists; empty for prose.")


class Verdict(BaseModel):
    """A text in canonical form with everything that was checked."""

    text: str
    passed: int
    total: int
    checks: list[CheckOut]
    lines: list[LineOut]


def _finding(one: Finding) -> FindingOut:
    return FindingOut(
        path=one.path,
        code=one.code,
        message=one.text(),
        params=dict(one.params),
        start=one.start,
        end=one.end,
        suggestion=one.suggestion,
    )


def check_out(one: CheckResult) -> CheckOut:
    """Return one check as programs read it."""
    return CheckOut(
        id=one.id,
        kind=one.kind,
        label=one.label_text(),
        label_code=one.label_code,
        severity=one.severity,
        status=one.status,
        findings=[_finding(finding) for finding in one.findings],
        reason=one.reason.text() if one.reason else None,
    )


def line_out(one: SetLine) -> LineOut:
    """Return one line as programs read it."""
    return LineOut(
        part=one.part_label,
        path=one.path,
        text=one.text,
        used=one.used,
        limit=one.limit,
        unit=one.unit,
        state=one.state,
        number=one.number,
    )


def verdict_out(judged: Judged) -> Verdict:
    """Return a verdict as programs read it."""
    return Verdict(
        text=judged.text,
        passed=judged.passed,
        total=judged.total,
        checks=[check_out(one) for one in judged.results],
        lines=[line_out(one) for one in judged.lines],
    )

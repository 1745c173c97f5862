"""The machine's verdict on a text: parsed, checked and set in lines. Pure; long texts are judged in a thread."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cache

import pydantic

from app.content.catalogue_files import load_catalogue
from app.content.checks.model import CheckContext, CheckResult
from app.content.checks.registry import hard_failures, run_checks, score
from app.content.inputs import Inputs
from app.content.outputs import Output, parse_output
from app.content.template import Template
from app.content.typesetting import SetLine, set_lines
from app.core.errors import TooLarge

SHORT_CHARACTERS = 200  # longer ones take 2 to 20 ms of CPU, which other streams of this process would feel
MOST_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Judged:
    """A text with its verdict."""

    output: Output
    results: tuple[CheckResult, ...]
    lines: tuple[SetLine, ...]
    passed: int
    total: int

    @property
    def text(self) -> str:
        """The text in canonical form."""
        return self.output.text

    @property
    def failing(self) -> tuple[CheckResult, ...]:
        """The failed checks that block."""
        return hard_failures(self.results)

    @property
    def rank(self) -> tuple[int, int]:
        """What versions are compared by: fewer blocking failures first, then more passed checks; higher is better."""
        return -len(self.failing), self.passed


def judge(template: Template, inputs: Inputs, text: str | Output) -> Judged:
    """Return the verdict on a text, or on an output that was parsed already."""
    catalogue = load_catalogue()
    output = parse_output(template, text) if isinstance(text, str) else text
    context = CheckContext(
        template=template,
        inputs=inputs,
        locale=inputs.language,
        profile=catalogue.profile(inputs.language),
        limits=catalogue.limits,
        banned=catalogue.banned,
    )
    results = run_checks(output, context)
    passed, total = score(results)
    return Judged(output, results, set_lines(template, output, results, catalogue.limits), passed, total)


async def judge_aside(template: Template, inputs: Inputs, text: str | Output) -> Judged:
    """Return the verdict; a long text does not hold up the other requests of this process."""
    characters = len(text) if isinstance(text, str) else len(text.text)
    if characters <= SHORT_CHARACTERS:
        return judge(template, inputs, text)
    return await asyncio.to_thread(judge, template, inputs, text)


@cache
def _verdicts() -> pydantic.TypeAdapter[tuple[CheckResult, ...]]:
    return pydantic.TypeAdapter(tuple[CheckResult, ...])


def verdict_text(results: tuple[CheckResult, ...]) -> str:
    """Return a verdict as the JSON that is stored."""
    return _verdicts().dump_json(results).decode()


def read_verdict(text: str) -> tuple[CheckResult, ...]:
    """Return a stored verdict."""
    return _verdicts().validate_json(text) if text else ()


def refuse_too_long(text: str) -> None:
    """Refuse a text beyond what is checked.

    Raises:
        TooLarge: it is.
    """
    if len(text) > MOST_CHARACTERS:
        raise TooLarge(field="text", params={"limit": f"{MOST_CHARACTERS} characters"})

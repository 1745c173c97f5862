"""Runs every check of a template, and the ones every text gets, and counts. Nothing in here may raise on any text."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path

import structlog

from app.content.checks.kinds import KINDS, Kind, Label, Scope
from app.content.checks.material import Material
from app.content.checks.messages import default_text, messages
from app.content.checks.model import CheckContext, CheckResult, Finding, NotChecked
from app.content.outputs import Output
from app.content.strict_yaml import read_yaml
from app.content.template import CheckSpec, Severity, Template

FAMILIES = (
    "lengths", "counts", "structure", "endings", "artefacts", "figures_from_brief", "fidelity", "wording",
    "banned_words", "promises", "language", "style", "formats", "timing", "privacy", "quiz",
    "svg",
)  # fmt: skip
MOST_FINDINGS = 50
"""Per check: enough for a sheet, and a bound for a hostile text."""
MOST_CHARACTERS = 200_000
"""A longer text is only measured and counted: 1 MB would keep a processor busy for half a minute."""
_ANY_LENGTH = frozenset({"length", "words", "count", "schema"})
_log = structlog.get_logger(__name__)


@cache
def kinds() -> Mapping[str, Kind]:
    """Return every kind that has code, by name."""
    for family in FAMILIES:
        import_module(f"app.content.checks.{family}")
    return KINDS


def warm_up() -> None:
    """Read the word lists and load the language identifier now (0.5 s), so that no reader has to wait for it."""
    kinds()
    default_checks()
    import_module("app.content.checks.language").warm_up()


@cache
def default_checks() -> tuple[CheckSpec, ...]:
    """Return the checks that every text gets on top of its template's own."""
    rows = read_yaml(Path(__file__).parent / "defaults.yaml")
    assert isinstance(rows, list)  # a file of ours
    return tuple(CheckSpec.model_validate(row) for row in rows)


def checks_of(template: Template) -> tuple[CheckSpec, ...]:
    """Return the template's checks, then the default ones it neither has itself nor skips."""
    own = {spec.kind for spec in template.checks} - {"banned"} | set(template.skips)
    return (*template.checks, *(spec for spec in default_checks() if spec.kind not in own))


def run_checks(
    output: Output, context: CheckContext, *, only: Collection[str] | None = None
) -> tuple[CheckResult, ...]:
    """Return the verdict of every check, in the order of the list; `only` names kinds to run.

    A kind without code, and a check that breaks, is `not_checked`.
    """
    material = Material(output, context)
    taken: set[str] = set()
    results = []
    for spec in checks_of(context.template):
        identity = _identity(spec, taken)
        if only is None or spec.kind in only:
            results.append(_run(identity, Scope(spec, material)))
    return tuple(results)


def _identity(spec: CheckSpec, taken: set[str]) -> str:
    name = spec.params.get("limit") or spec.params.get("name") or ",".join(spec.texts("lists"))
    base = identity = ":".join(str(part) for part in (spec.kind, spec.at, name) if part)
    count = 1
    while identity in taken:
        count += 1
        identity = f"{base}#{count}"
    taken.add(identity)
    return identity


def _run(identity: str, scope: Scope) -> CheckResult:
    spec = scope.spec
    kind = kinds().get(spec.kind)
    if kind is None:
        return _result(identity, scope, None, NotChecked("no_code", kind=spec.kind))
    if scope.output.problem and not kind.any_form:
        return _result(identity, scope, kind, NotChecked("unreadable"))
    if len(scope.output.text) > MOST_CHARACTERS and kind.name not in _ANY_LENGTH:
        return _result(identity, scope, kind, NotChecked("too_long", max=MOST_CHARACTERS))
    try:
        findings = tuple(islice(kind.run(scope), MOST_FINDINGS))
    except NotChecked as reason:
        return _result(identity, scope, kind, reason)
    except Exception as error:  # one broken check must not take the others, or the text, with it
        # never the traceback's values or the error's words: they hold the text
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        template = scope.context.template.id
        _log.error("content.check.broke", kind=spec.kind, template=template, error=type(error).__name__, where=where)
        return _result(identity, scope, kind, NotChecked("broke"))
    return _result(identity, scope, kind, findings)


def _result(identity: str, scope: Scope, kind: Kind | None, outcome: tuple[Finding, ...] | NotChecked) -> CheckResult:
    label = _label(scope, kind)
    reason = None
    if isinstance(outcome, NotChecked):
        text = default_text("unchecked", outcome.code)
        reason = Finding(scope.at(), f"unchecked.{outcome.code}", text, outcome.params)
    return CheckResult(
        id=identity,
        kind=scope.spec.kind,
        label_code=_own_label_code(scope) if scope.spec.label else f"check.{label.code}",
        label=scope.spec.label or default_text("check", label.code),
        params=label.params,
        severity=_severity(scope, kind),
        status="not_checked" if reason else "failed" if outcome else "passed",
        findings=() if isinstance(outcome, NotChecked) else outcome,
        reason=reason,
    )


def _label(scope: Scope, kind: Kind | None) -> Label:
    if kind is None:
        return Label("unknown", {"kind": scope.spec.kind.replace("_", " ")})
    try:
        label = kind.label(scope) if kind.label else Label(kind.name, {})
        if f"check.{label.code}" in messages():
            return label
    except (NotChecked, TypeError, KeyError):
        pass
    return Label("unknown", {"kind": kind.name.replace("_", " ")})


def _own_label_code(scope: Scope) -> str:
    """Return the key of a label that the template gives itself (see catalogue_strings.py)."""
    template = scope.context.template
    number = next(number for number, spec in enumerate(template.checks) if spec is scope.spec)
    return f"template.{template.id}.check.{number}"


def _severity(scope: Scope, kind: Kind | None) -> Severity:
    if scope.spec.severity:
        return scope.spec.severity
    limit = scope.context.limits.get(str(scope.spec.params.get("limit", "")))
    return limit.severity if limit else kind.severity if kind else "warn"


def problems(spec: CheckSpec) -> list[str]:
    """Return what is wrong with how a template writes a check: parameters that its kind does not take."""
    kind = kinds().get(spec.kind)
    if kind is None:
        return []
    return [f"check {spec.kind} takes no `{name}`" for name in spec.params if name not in kind.params]


def score(results: Iterable[CheckResult]) -> tuple[int, int]:
    """Return (passed, all): a check that was not made counts among all, never as passed."""
    counted = list(results)
    return sum(result.status == "passed" for result in counted), len(counted)


def hard_failures(results: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """Return the failed checks that block."""
    return tuple(result for result in results if result.status == "failed" and result.severity == "hard")

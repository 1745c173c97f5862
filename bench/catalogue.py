"""The templates: how long they take to load, and what the checks of a finished text cost, beside bare YAML parsing."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial

from app.content.catalogue_files import Catalogue
from app.content.checks.model import CheckContext
from app.content.inputs import validate_inputs
from app.content.outputs import parse_output
from app.content.template import Template
from bench.table import Goal, Table
from bench.working_copy import ROOT

REPEATS = 5
READ_FILES = """
import time, yaml, pathlib
began = time.perf_counter()
for path in sorted(pathlib.Path("app/content/catalogue").rglob("*.yaml")):
    yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
print((time.perf_counter() - began) * 1000)
"""
LOAD = """
import time
from app.content.catalogue_files import load_catalogue
began = time.perf_counter()
load_catalogue()
print((time.perf_counter() - began) * 1000)
"""


def measure() -> Table:
    """Run the bench."""
    parsing, loading = fresh_ms(READ_FILES), fresh_ms(LOAD)
    checks = checks_ms()
    slowest = max(checks, key=lambda name: checks[name])
    return Table(
        bench="catalogue",
        columns=("what", "median ms", "highest ms"),
        rows=(
            ("the template files through a bare YAML parser", statistics.median(parsing), max(parsing)),
            ("load_catalogue(): parsed, validated, with limits and samples", statistics.median(loading), max(loading)),
            (f"all checks of one text ({len(checks)} examples)", statistics.median(checks.values()), checks[slowest]),
        ),
        reference="the template files through a bare YAML parser",
        goals=(
            Goal("loading the catalogue", statistics.median(loading), 500, "ms"),
            Goal("all checks of the slowest example", checks[slowest], 50, "ms"),
        ),
        notes=(
            f"Loading in a fresh process each time, without the imports. The slowest checks are those of {slowest}.",
        ),
    )


def fresh_ms(code: str) -> list[float]:
    """Run `code` in fresh processes and return the milliseconds that each printed."""
    command = [sys.executable, "-c", code]
    return [
        float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
        for _ in range(REPEATS)
    ]


def checks_ms() -> dict[str, float]:
    """Return, per template, the milliseconds that all checks of its example take once everything is loaded."""
    from app.content.catalogue_files import load_catalogue
    from app.content.checks.registry import run_checks

    catalogue = load_catalogue()
    took = {}
    for template in catalogue.all():
        if template.example is None:
            continue
        given = template.example.output
        output = parse_output(template, given if isinstance(given, str) else json.dumps(given, ensure_ascii=False))
        context = context_of(catalogue, template)
        run_checks(output, context)
        took[template.id] = min(timed_ms(partial(run_checks, output, context)) for _ in range(REPEATS))
    return took


def context_of(catalogue: Catalogue, template: Template) -> CheckContext:
    """Return what the checks compare the example with: the English sample."""
    return CheckContext(
        template=template,
        inputs=validate_inputs(template, catalogue.sample(template.id)),
        locale="en",
        profile=catalogue.profile("en"),
        limits=catalogue.limits,
        banned=catalogue.banned,
    )


def timed_ms(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    began_s = time.perf_counter()
    work()
    return (time.perf_counter() - began_s) * 1000

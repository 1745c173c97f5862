"""A template of one check, and the verdict on one text: what the tests of the checks are written in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.content.catalogue_files import load_catalogue
from app.content.checks.model import BrandTerms, CheckContext, CheckResult
from app.content.checks.registry import run_checks
from app.content.inputs import Inputs
from app.content.outputs import Output, parse_output
from app.content.template import Template

Check = Mapping[str, Any]


def template_of(
    *checks: Check,
    form: str = "text",
    parts: tuple[Mapping[str, str], ...] = ({"at": ".", "label": "Text"},),
    fields: Mapping[str, str] | None = None,
    sections: tuple[str, ...] = (),
    columns: tuple[str, ...] = (),
) -> Template:
    """Return a template with these checks; `fields` maps a name to its type."""
    asked = fields or {"brief": "longtext"}
    return Template.model_validate(
        {
            "id": "test",
            "version": 1,
            "name": "Test",
            "category": "ads",
            "purpose": "to be checked",
            "complexity": "simple",
            "fields": [{"name": name, "type": kind, "label": name.title()} for name, kind in asked.items()],
            "output": {"form": form, "parts": list(parts), "sections": sections, "columns": columns},
            "steps": [{"id": "write", "system": "s", "user": "u"}],
            "checks": [*checks, *({"check": "none-of-ours"} for _ in range(2 - len(checks)))],
        }
    )


def context_of(
    template: Template,
    *,
    inputs: Mapping[str, object] | None = None,
    language: str = "en",
    register: str = "auto",
    sources: tuple[str, ...] = (),
    brand: BrandTerms | None = None,
) -> CheckContext:
    """Return what a check of this template may compare a text with."""
    catalogue = load_catalogue()
    return CheckContext(
        template=template,
        inputs=Inputs(values=dict(inputs or {}), language=language, register=register),  # type: ignore[arg-type]
        locale=language,
        profile=catalogue.profile(language),
        limits=catalogue.limits,
        banned=catalogue.banned,
        sources=sources,
        brand=brand,
    )


def output_of(template: Template, text: object) -> Output:
    """Return a text, or an object as JSON, parsed as the template's form."""
    return parse_output(template, text if isinstance(text, str) else json.dumps(text, ensure_ascii=False))


def verdict(
    check: Check,
    text: object,
    *,
    inputs: Mapping[str, object] | None = None,
    language: str = "en",
    register: str = "auto",
    sources: tuple[str, ...] = (),
    brand: BrandTerms | None = None,
    **shape: Any,
) -> CheckResult:
    """Return the verdict of one check on one text; an object makes the form json unless `form` says otherwise."""
    shape.setdefault("form", "text" if isinstance(text, str) else "json")
    template = template_of(check, **shape)
    context = context_of(template, inputs=inputs, language=language, register=register, sources=sources, brand=brand)
    return next(
        result
        for result in run_checks(output_of(template, text), context)
        if result.kind == check["check"] and result.id.startswith(check["check"])
    )


def said(result: CheckResult) -> list[str]:
    """Return what the findings say, in English, each behind its path."""
    return [f"{finding.path}: {finding.text()}" for finding in result.findings]

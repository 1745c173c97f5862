"""How a kind of check is declared: a function over a Scope that yields findings, its parameters and its label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from app.content.checks.material import Material
from app.content.checks.messages import default_text
from app.content.checks.model import CheckContext, Finding, NotChecked, Param
from app.content.outputs import Output, look_up
from app.content.paths import Value, leaves
from app.content.template import CheckSpec, Limit, Part, Severity


class Label(NamedTuple):
    """What a check is called in the list: a key under `check` in messages.yaml, and what fills its slots."""

    code: str
    params: dict[str, Param]


@dataclass(frozen=True, slots=True)
class Scope:
    """One check on one output."""

    spec: CheckSpec
    material: Material

    @property
    def output(self) -> Output:
        """The output."""
        return self.material.output

    @property
    def context(self) -> CheckContext:
        """Everything the output may be compared with."""
        return self.material.context

    @property
    def language(self) -> str:
        """The language the text should be in."""
        return self.material.language

    def at(self, default: str = ".") -> str:
        """Return the path the check looks at."""
        return self.spec.at or default

    def values(self, at: str | None = None) -> list[Value]:
        """Return what stands at a path, and the items that lack it; an empty list gives nothing.

        Raises:
            NotChecked: the part is not there at all.
        """
        path = at or self.at()
        found = look_up(self.output, path)
        # an item that lacks the part is a fault; a list that is not there at all is nothing to look at
        if found and not any(value.found or "[" in value.path for value in found):
            raise NotChecked("absent", part=path)
        return found

    def texts(self, at: str | None = None) -> list[tuple[str, str]]:
        """Return every text at a path with its concrete path; a number is written out, an object gives all its texts.

        Raises:
            NotChecked: the part is not there at all.
        """
        if (at or self.at()) == ".":
            return list(self.material.everything)
        texts: list[tuple[str, str]] = []
        for value in self.values(at):
            if value.found:
                texts += [(path, str(leaf)) for path, leaf in leaves(value.value, value.path)]
        return texts

    def joined(self, at: str | None = None) -> str:
        """Return all texts at a path as one.

        Raises:
            NotChecked: the part is not there at all.
        """
        return "\n".join(text for _, text in self.texts(at))

    def limit(self, name: str = "limit") -> Limit | None:
        """Return the limit that a parameter names, None where there is no such parameter.

        Raises:
            NotChecked: no limit of that id is known.
        """
        return self.limit_by_id(limit_id) if (limit_id := self.spec.text(name)) else None

    def limit_by_id(self, limit_id: str) -> Limit:
        """Return a limit.

        Raises:
            NotChecked: no limit of that id is known.
        """
        if limit_id not in self.context.limits:
            raise NotChecked("no_limit", limit=limit_id)
        return self.context.limits[limit_id]

    def input(self, name: str) -> object:
        """Return the value of a field.

        Raises:
            NotChecked: it was not given.
        """
        value = self.context.inputs.values.get(name)
        if value is None or value == "" or value == () or value == []:
            raise NotChecked("not_given", field=self.field_label(name))
        return value

    def field_label(self, name: str) -> str:
        """Return what the form calls a field."""
        field = self.context.template.field(name)
        return field.label if field else name

    def part(self) -> Part | None:
        """Return the part of the sheet that the check looks at: the same path, or the list of which it is the whole."""
        at = self.at()
        return self.context.template.part_at(at) or self.context.template.part_at(at + "[]")

    def names(self) -> dict[str, Param]:
        """Return {item}, {items}, {Item} and {Items} for labels: `headline`, `headlines`; else the path's last name."""
        part = self.part()
        last = self.at().split(".")[-1].replace("[]", "").replace("_", " ").strip() or "text"
        items = part.label if part else last
        item = (part.item or part.label) if part else last
        lowered = {"item": _lowered(item), "items": _lowered(items)}
        raised = {"Item": item[:1].upper() + item[1:], "Items": items[:1].upper() + items[1:]}
        return {**lowered, **raised, **self._name_keys(part)}

    def _name_keys(self, part: Part | None) -> dict[str, Param]:
        """Return under which keys the part's names are translated (see catalogue_strings.py)."""
        if part is None:
            return {}
        template = self.context.template
        key = f"template.{template.id}.part.{template.output.parts.index(part)}"
        return {"items_key": key, "item_key": f"{key}.item" if part.item else key}

    def finding(
        self,
        path: str,
        code: str,
        *,
        start: int | None = None,
        end: int | None = None,
        suggestion: str | None = None,
        **params: Param,
    ) -> Finding:
        """Return a finding; `code` is a key under `finding` in messages.yaml."""
        message = default_text("finding", code)
        return Finding(path, f"finding.{code}", message, params, start=start, end=end, suggestion=suggestion)


def _lowered(label: str) -> str:
    """Return a label as it stands inside a sentence; `URL` and `FAQ` stay."""
    return label if len(label) > 1 and label[:2].isupper() else label[:1].lower() + label[1:]


Run = Callable[[Scope], Iterable[Finding]]
Labelled = Callable[[Scope], Label]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of check. `any_form`: it is made even where the output could not be read in its form."""

    name: str
    run: Run
    params: frozenset[str]
    label: Labelled | None
    severity: Severity
    any_form: bool


KINDS: dict[str, Kind] = {}
"""Filled as the families are imported; see registry.py."""


def check(
    name: str,
    *,
    params: Iterable[str] = (),
    label: Labelled | None = None,
    severity: Severity = "hard",
    any_form: bool = False,
) -> Callable[[Run], Run]:
    """Declare a kind: which parameters it takes besides `at`, and what it is called (default: `check.<name>`)."""

    def declare(run: Run) -> Run:
        if name in KINDS:
            raise ValueError(f"two checks are called {name}")
        KINDS[name] = Kind(name, run, frozenset(params), label, severity, any_form)
        return run

    return declare


def named(code: str | None = None) -> Labelled:
    """Return a label whose slots are the names of the part looked at."""
    return lambda scope: Label(code or scope.spec.kind, scope.names())


def unreadable(scope: Scope) -> Iterator[Finding]:
    """Yield why the output could not be read in its form, if it could not."""
    if scope.output.problem:
        yield scope.finding(".", f"unreadable.{scope.output.problem}")

"""One run as the page follows it: events in, what is shown out; holds all variants until the page moves on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from app.content.events import (
    Checked,
    Chosen,
    Continued,
    Delta,
    Done,
    Event,
    Failed,
    Repairing,
    Restarted,
    Started,
    VariantDone,
)
from state.run_preview import PreviewView, preview_of
from state.run_view import CheckView, LineView, VariantTab, WhyView, check_views, failed_of, line_views, money, seconds
from state.run_why import Origin, Seam, add_origin, rule_view, why_views

if TYPE_CHECKING:
    from app.content.checks.model import CheckResult
    from app.content.template import Limit, Template
    from app.content.typesetting import SetLine


@dataclass
class Leaf:
    """One variant: its text so far and everything said about it."""

    letter: str
    text: str = ""
    state: str = "waiting"
    provider: str = ""
    model: str = ""
    embedded: bool = False
    why: list[WhyView] = field(default_factory=list)
    results: tuple[CheckResult, ...] = ()
    lines: tuple[SetLine, ...] = ()
    passed: int = 0
    total: int = 0
    cost_micros: int = 0
    cost_known: bool = True
    tokens_in: int = 0
    tokens_out: int = 0
    total_ms: int = 0
    repairing: bool = False
    seams: list[Seam] = field(default_factory=list)
    origin: Origin = field(default_factory=Origin)

    @property
    def failed(self) -> int:
        """How many checks failed; those that were not made are no failures."""
        return failed_of(self.results)


@dataclass
class Feed:
    """A run in the making. `urgent` asks for the page to be redrawn now rather than at the next beat."""

    template: Template
    limits: Mapping[str, Limit]
    inputs: Mapping[str, object]
    leaves: dict[str, Leaf] = field(default_factory=dict)
    current: str = "A"
    generation_id: str = ""
    document_id: str = ""
    failure: Failed | None = None
    followed: bool = True
    turn: int = 0
    urgent: bool = True

    def take(self, event: Event) -> None:
        """Note what happened."""
        self.urgent = not isinstance(event, Delta)
        match event:
            case Started():
                self.generation_id = event.generation_id
                self.leaves = {letter: Leaf(letter) for letter in "ABCDE"[: event.variants]}
            case Chosen():
                self._choose(event)
            case Delta():
                self.leaf(event.variant).text += event.text
            case Continued():
                self._mark_seam(event)
            case Restarted():
                leaf = self.leaf(event.variant)
                leaf.text, leaf.lines, leaf.provider = "", (), event.provider
                leaf.seams.clear()
            case Checked():
                leaf = self.leaf(event.variant)
                leaf.text, leaf.results, leaf.lines = event.text, event.results, event.lines
                leaf.passed, leaf.total, leaf.state, leaf.repairing = event.passed, event.total, "checked", False
            case Repairing():
                self.leaf(event.variant).repairing = True
            case VariantDone():
                self._finish(event)
            case Done():
                self.document_id = event.document_id or ""
            case Failed():
                self.failure = event
                self.leaf(event.variant).state = "stopped"

    def leaf(self, letter: str) -> Leaf:
        """Return a variant, made on its first mention."""
        return self.leaves.setdefault(letter, Leaf(letter))

    def _choose(self, event: Chosen) -> None:
        leaf = self.leaf(event.variant)
        leaf.provider, leaf.model, leaf.embedded = event.provider, event.model, event.embedded
        leaf.state = "running"
        leaf.why, leaf.origin.rule = why_views(event), rule_view(event)
        if leaf.seams and not leaf.seams[-1].went_on:
            leaf.seams[-1].went_on = event.provider
        if self.followed:
            self.current = event.variant

    def _finish(self, event: VariantDone) -> None:
        leaf = self.leaf(event.variant)
        leaf.text, leaf.state = event.text, "done"
        leaf.provider, leaf.model, leaf.embedded = event.provider, event.model, event.embedded
        leaf.cost_micros, leaf.cost_known = event.cost_micros, event.cost_known
        leaf.tokens_in, leaf.tokens_out, leaf.total_ms = event.tokens_in, event.tokens_out, event.total_ms
        leaf.passed, leaf.total = event.passed, event.total
        add_origin(leaf.origin, event)

    def _mark_seam(self, event: Continued) -> None:
        """Note in which line the next provider goes on."""
        leaf = self.leaf(event.variant)
        if leaf.repairing:  # the correction's own text is not on the page
            return
        lines = self._lines_so_far(leaf)
        leaf.seams.append(Seam(event.at_chars, lines[-1].path if lines else "", event.provider))

    def settle(self, *, stopped: bool) -> None:
        """Close what is still open when the run has ended."""
        for leaf in self.leaves.values():
            if leaf.state in {"running", "waiting", "checked"}:
                leaf.state = "stopped" if stopped else "done"

    def tabs(self) -> list[VariantTab]:
        """Return the tabs over the sheet."""
        return [
            VariantTab(leaf.letter, leaf.state, leaf.passed, leaf.total, leaf.failed) for leaf in self.leaves.values()
        ]

    def rows(self) -> list[LineView]:
        """Return the rows of the sheet for the variant that is looked at."""
        leaf = self.leaf(self.current)
        if leaf.lines:
            rows = line_views(self.template, leaf.lines)
        else:
            rows = line_views(self.template, self._lines_so_far(leaf), busy=leaf.state == "running")
        seams = {seam.path: seam for seam in leaf.seams}
        for row in rows:
            if (seam := seams.get(row.path)) and row.kind == "line":
                row.seam_from, row.seam_to = seam.broke, seam.went_on
        return rows

    def _lines_so_far(self, leaf: Leaf) -> tuple[SetLine, ...]:
        from app.content.outputs import parse_partial
        from app.content.typesetting import set_lines

        return set_lines(self.template, parse_partial(self.template, leaf.text), (), self.limits)

    def preview(self) -> PreviewView:
        """Return how the text would look in the place it goes to; only once it is complete."""
        from app.content.outputs import parse_output

        leaf = self.leaf(self.current)
        if leaf.state not in {"checked", "done"}:
            return PreviewView()
        output = parse_output(self.template, leaf.text)
        return preview_of(self.template.id, output.data, output.text, self.inputs, turn=self.turn)

    def checks(self) -> list[CheckView]:
        """Return the verdicts on the variant that is looked at."""
        return check_views(self.leaf(self.current).results)

    def shown(self) -> dict[str, Any]:
        """Return the page's vars for the variant that is looked at."""
        leaf = self.leaf(self.current)
        return {
            "tabs": self.tabs(),
            "current": self.current,
            "lines": self.rows(),
            "checks": self.checks(),
            "preview": self.preview(),
            "leaf_state": leaf.state,
            "repairing": leaf.repairing,
            "model": leaf.model,
            "embedded": leaf.embedded,
            "why": leaf.why,
            "origin": replace(leaf.origin),  # a copy: what is on the page must differ from what changes
            "cost": money(leaf.cost_micros),
            "no_charge": leaf.cost_micros == 0,
            "cost_known": leaf.cost_known,
            "took_s": seconds(leaf.total_ms),
            "tokens_in": leaf.tokens_in,
            "tokens_out": leaf.tokens_out,
            "passed": leaf.passed,
            "total": leaf.total,
            "failed": leaf.failed,
            "text": leaf.text if leaf.state != "running" else "",
            "generation_id": self.generation_id,
            "document_id": self.document_id,
        }

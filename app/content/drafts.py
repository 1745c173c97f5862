"""A variant in the making: what its calls brought, and the row it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from app.content.events import Checked, VariantDone
from app.content.judging import Judged, verdict_text
from app.content.models import Variant
from app.content.provenance import as_json, from_json, provenance_of
from app.content.schemas import State, Why
from app.llm import events as llm_events


@dataclass(slots=True)
class Leg:
    """What one call brought: the text so far, why this model, and at the end who wrote it at what price."""

    pieces: list[str] = field(default_factory=list)
    settled: llm_events.Settled | None = None
    chosen: Why = ()

    @property
    def text(self) -> str:
        return "".join(self.pieces)


@dataclass(slots=True)
class Draft:
    """A variant in the making."""

    letter: str
    index: int
    first: Leg = field(default_factory=Leg)
    repair: Leg | None = None
    repaired: bool = False
    judged: Judged | None = None
    why: Why = ()
    provider: str = ""
    model: str = ""
    embedded: bool = False

    @property
    def text(self) -> str:
        return self.judged.text if self.judged else self.first.text

    def keep_repair(self, judged: Judged) -> bool:
        """Take over a repaired text; return whether another model has corrected it: then the reasons tell so."""
        self.judged, self.repaired = judged, True
        corrector = self.repair.settled if self.repair else None
        if corrector is None or (corrector.provider, corrector.model) == (self.provider, self.model):
            return False
        self.why = (*self.why, *(self.repair.chosen if self.repair else ()))
        return True

    def row(self, generation_id: UUID, state: State) -> Variant:
        """Return the variant as it is stored."""
        legs = [leg.settled for leg in (self.first, self.repair) if leg and leg.settled]
        return Variant(
            generation_id=generation_id,
            letter=self.letter,
            state=state,
            output=self.text,
            verdict=verdict_text(self.judged.results) if self.judged else "",
            why=[{"model": m, "code": c, "text": t, "params": dict(p)} for m, c, t, p in self.why],
            provenance=as_json(provenance_of(legs)),
            provider=self.provider,
            model=self.model,
            embedded=self.embedded,
            tokens_in=sum(leg.tokens_in for leg in legs),
            tokens_out=sum(leg.tokens_out for leg in legs),
            cost_micros=sum(leg.cost_micros or 0 for leg in legs),
            cost_known=all(leg.cost_known for leg in legs),
            first_token_ms=legs[0].first_token_ms if legs else 0,
            total_ms=sum(leg.total_ms for leg in legs),
            repaired=self.repaired,
            passed=self.judged.passed if self.judged else 0,
            total=self.judged.total if self.judged else 0,
        )


def checked(draft: Draft, judged: Judged) -> Checked:
    """Return the event that tells a verdict."""
    return Checked(draft.letter, judged.text, judged.results, judged.lines, judged.passed, judged.total)


def variant_done(row: Variant) -> VariantDone:
    """Return the event that tells of a saved variant."""
    known = from_json(row.provenance)
    return VariantDone(
        variant=row.letter,
        text=row.output,
        provider=row.provider,
        model=row.model,
        embedded=row.embedded,
        tokens_in=row.tokens_in,
        tokens_out=row.tokens_out,
        cost_micros=row.cost_micros,
        cost_known=row.cost_known,
        first_token_ms=row.first_token_ms,
        total_ms=row.total_ms,
        repaired=row.repaired,
        passed=row.passed,
        total=row.total,
        served=known.served,
        written_at=known.written_at,
        saved_micros=known.saved_micros,
        tier=known.tier,
        seams=known.seams,
        legs=known.legs,
    )

"""Where a variant's text came from: which calls it took, at what price, where one provider went on for another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.llm.events import Leg, Settled


@dataclass(frozen=True, slots=True)
class WrittenBy:
    """One provider's part in a text, as it was booked: also one that broke off, or was beaten by a quicker one."""

    provider: str
    model: str
    embedded: bool
    outcome: str
    error_code: str
    cost_micros: int
    cost_known: bool


@dataclass(frozen=True, slots=True)
class Provenance:
    """`served` "exact" or "answer": an earlier answer, written at `written_at`; then `saved_micros` were saved.

    `seams` are places in characters of the text as it flowed. `legs` are all calls, a correction's too.
    """

    served: str = "model"
    written_at: datetime | None = None
    saved_micros: int = 0
    tier: str = ""
    seams: tuple[int, ...] = ()
    legs: tuple[WrittenBy, ...] = ()


def provenance_of(settled: Sequence[Settled]) -> Provenance:
    """Return what the calls of a variant say together: the first wrote it, those after corrected it."""
    if not settled:
        return Provenance()
    first = settled[0]
    return Provenance(
        served=first.served,
        written_at=first.written_at,
        saved_micros=sum(one.saved_micros for one in settled),
        tier=first.tier,
        seams=first.seams,
        legs=tuple(_written_by(leg) for one in settled for leg in one.legs),
    )


def _written_by(leg: Leg) -> WrittenBy:
    return WrittenBy(
        leg.provider, leg.model, leg.embedded, leg.outcome, leg.error_code, leg.cost_micros, leg.cost_known
    )


def as_json(provenance: Provenance) -> dict[str, Any]:
    """Return it as it is stored."""
    written_at = provenance.written_at.isoformat() if provenance.written_at else None
    return asdict(provenance) | {"written_at": written_at}


def from_json(stored: Mapping[str, Any] | None) -> Provenance:
    """Return what `as_json` made; of variants that are older than this, nothing is known."""
    if not stored:
        return Provenance()
    written_at = datetime.fromisoformat(stored["written_at"]) if stored["written_at"] else None
    return Provenance(
        served=stored["served"],
        written_at=written_at,
        saved_micros=stored["saved_micros"],
        tier=stored["tier"],
        seams=tuple(stored["seams"]),
        legs=tuple(WrittenBy(**leg) for leg in stored["legs"]),
    )

"""Rows of the usage page, as the screen reads them: amounts are words already, shares are per cent of the longest."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class DayRow:
    """A day of the table; `features` holds its amounts in the order of the drawing's layers."""

    day: str = ""
    features: list[str] = field(default_factory=list)
    calls: int = 0
    amount: str = ""


@dataclass
class SpendRow:
    """What a member, a key or a model cost; `amount` "" means no charge, `limit` "" means none.

    `with_keys`: how much of a person's limit is used when the calls of their API keys are counted, "" where none are.
    """

    id: str = ""
    name: str = ""
    amount: str = ""
    calls: int = 0
    share: float = 0
    limit: str = ""
    limit_share: float = 0
    percent: str = ""
    with_keys: str = ""


@dataclass
class CallRow:
    """One call to a model; `cost` "" means no charge, `href` leads to the document it wrote."""

    id: str = ""
    at: str = ""
    feature: str = ""
    template_id: str = ""
    template: str = ""
    href: str = ""
    who: str = ""
    model: str = ""
    embedded: bool = False
    served: str = "model"
    outcome: str = "ok"
    tokens: int = 0
    guessed: bool = False
    cost: str = ""
    known: bool = True

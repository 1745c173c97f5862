"""What a workspace may decide about its calls to models, as data. What it says anew goes over the shipped default,
`default_policy.yaml`; what makes no sense is refused with the field's name.

A field left out of RoutingPolicy decides nothing: `RoutingPolicy()` follows the templates alone.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.core.ports import Quality, Tier

Order = Literal["listed", "cheapest"]
Step = Annotated[int, Field(ge=-2, le=2)]
Chance = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
ModelRef = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
"""`<provider>` or `<provider>/<model>`; a provider by its id or by the name that the workspace gave it."""
Pin = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]
"""Empty, `tier:fast|strong|critical`, or `<provider>/<model>`."""

_DEFAULT = Path(__file__).with_name("default_policy.yaml")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """When everything that is named agrees, the tier is `tier`, or at least or at most so; an empty list: any."""

    name: Words
    kinds: tuple[Name, ...] = Field(default=(), max_length=50, description="Categories of templates.")
    languages: tuple[Words, ...] = Field(default=(), max_length=50, description="Languages that are written.")
    qualities: tuple[Quality, ...] = Field(default=(), max_length=3)
    longer_than_tokens: int = Field(default=0, ge=0, description="Asks whose answer may be longer; 0: any length.")
    tier: Tier | None = None
    at_least: Tier | None = None
    at_most: Tier | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum(one is not None for one in (self.tier, self.at_least, self.at_most)) != 1:
            raise ValueError("a rule sets exactly one of tier, at_least and at_most")
        return self


class TemplateRule(_Strict):
    """What the workspace decided for one template: a tier, or a route whose models go first."""

    tier: Tier | None = None
    route: Name | Literal[""] = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.tier is None and not self.route:
            raise ValueError("set a tier or a route")
        return self


class Route(_Strict):
    """Models that go before all others, in order; then those of the route `fallback`, then everybody else."""

    models: tuple[ModelRef, ...] = Field(min_length=1, max_length=20)
    fallback: Name | Literal[""] = ""


class QualitySteps(_Strict):
    """How many tiers up (or down, below 0) a run goes for its quality switch."""

    saver: Step = 0
    balanced: Step = 0
    best: Step = 0

    def of(self, quality: Quality) -> int:
        """Return the steps for one position of the switch."""
        steps: dict[Quality, int] = {"saver": self.saver, "balanced": self.balanced, "best": self.best}
        return steps[quality]


class SecondOpinion(_Strict):
    """The classifier's say. Its score, 0 to 1, is how likely a stronger model makes a difference for this brief."""

    enabled: bool = False
    simple_up_from: Chance = Field(default=1, description="Simple templates go to the strong tier from this score.")
    complex_up_from: Chance = Field(default=1, description="Complex ones go to the critical tier from this score.")
    complex_down_below: Chance = Field(default=0, description="Complex ones go to the fast tier below this score.")

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.complex_down_below > self.complex_up_from:
            raise ValueError("complex_down_below lies above complex_up_from")
        return self


class Cascade(_Strict):
    """Cheap first: whether what fails its checks is corrected one tier up."""

    escalate: bool = False


class Shares(_Strict):
    """What part of the runs each tier should get, in per cent; what the thresholds were set for."""

    fast: int = Field(default=75, ge=0, le=100)
    strong: int = Field(default=18, ge=0, le=100)
    critical: int = Field(default=7, ge=0, le=100)

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        if self.fast + self.strong + self.critical != 100:
            raise ValueError("the shares add up to 100")
        return self


class RoutingPolicy(_Strict):
    """Which tier a task goes to, and in which order models are asked. The sequence is drawn in tiering.py."""

    version: int = Field(default=0, ge=0, description="Counted by Galley; 0: the shipped default.")
    order: Order = Field(default="listed", description="Within a tier: as listed, or the cheapest healthy one first.")
    pin: Pin = Field(default="", description="Every run goes to this tier or model, unless the run says otherwise.")
    ban: tuple[ModelRef, ...] = Field(default=(), max_length=100, description="Providers and models never asked.")
    rules: tuple[Rule, ...] = Field(default=(), max_length=100, description="The first that agrees decides.")
    templates: dict[Name, TemplateRule] = Field(default_factory=dict, max_length=500)
    routes: dict[Name, Route] = Field(default_factory=dict, max_length=50)
    quality: QualitySteps = QualitySteps()
    second_opinion: SecondOpinion = SecondOpinion()
    cascade: Cascade = Cascade()
    shares: Shares = Shares()


class GatewayPolicy(_Strict):
    """Everything that a workspace decides about its calls to models."""

    routing: RoutingPolicy = RoutingPolicy()
    redaction: bool = Field(default=False, description="Personal data is replaced before a provider sees it.")
    exact_reuse: bool = Field(default=True, description="The same question gets the same answer for 48 hours.")
    answer_reuse: bool = Field(default=False, description="So does one that means the same, within the guards.")
    hedging: bool = Field(default=True, description="A provider that is late is raced by the next one.")
    unknown_price: Literal["flat", "block"] = Field(
        default="flat", description="A model without a known price: booked at a flat estimate, or never asked."
    )


@cache
def default_policy() -> GatewayPolicy:
    """Return the shipped default; read once."""
    return GatewayPolicy.model_validate(yaml.load(_DEFAULT.read_bytes(), Loader=yaml.CSafeLoader))

"""What became of a picture: in which size it came, and what was found when the finished file was looked at.

Kept as JSON with the recipe, so that nobody has to look again.
"""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Param = str | int | float
Severity = Literal["hard", "warn"]
Status = Literal["passed", "failed", "not_checked"]
CheckId = Literal[
    "size",
    "weight",
    "not_blank",
    "palette_near",
    "safe_area",
    "text_contrast",
    "overlay_words",
    "labels_present",
    "source_pixels_kept",
]


class Verdict(BaseModel):
    """What one check said; `note` is a code of picture_words.py that says why it did not pass."""

    model_config = ConfigDict(frozen=True)

    id: CheckId
    severity: Severity
    status: Status
    params: dict[str, Param] = Field(default_factory=dict)
    note: str = ""
    note_params: dict[str, Param] = Field(default_factory=dict)


class Outcome(BaseModel):
    """The size in which its maker delivered a picture, in pixels, and the verdicts on what was kept."""

    model_config = ConfigDict(frozen=True)

    came_width_px: int
    came_height_px: int
    verdicts: tuple[Verdict, ...] = ()


class _Kept(BaseModel):
    """The part of a kept recipe that is not asked for."""

    outcome: Outcome | None = None


def with_outcome(stored: str, outcome: Outcome) -> str:
    """Return a kept recipe that also says what became of it."""
    return json.dumps({**json.loads(stored), "outcome": outcome.model_dump(mode="json")}, ensure_ascii=False)


def read_outcome(stored: str) -> Outcome | None:
    """Return what became of a kept recipe, None where nobody has looked."""
    return _Kept.model_validate_json(stored).outcome

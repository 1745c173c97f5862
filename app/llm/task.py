"""What somebody wants written, before anyone knows by whom."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.ports import Brief, Message, Quality, Tier


@dataclass(frozen=True, slots=True)
class Task:
    """One text to be written. `feature` is what the cost is booked to; `brief` is what the built-in writer needs.

    `pin`: "" or "tier:fast|strong|critical" or "<provider id>/<model id>". `fresh`: no stored answer is served.
    `scope`: what besides workspace, template, language and tier must agree before a stored answer is served.
    `reuse` False: neither served from stored answers nor stored as one.
    `failed_checks`: how many checks the text before failed, where this one corrects it.
    """

    feature: str
    tier: Tier
    messages: tuple[Message, ...]
    brief: Brief | None = None
    generation_id: UUID | None = None
    max_tokens: int = 2048
    temperature: float = 0.7
    json_output: bool = False
    template_id: str = ""
    task_kind: str = ""
    language: str = ""
    quality: Quality = "balanced"
    pin: str = ""
    fresh: bool = False
    scope: str = ""
    reuse: bool = True
    failed_checks: int = 0

"""What single models want said differently, by their names. LiteLLM's table says the same; a contract test compares.

A model that no rule knows is asked in its vendor's plain form.
"""

from __future__ import annotations

import re

_REASONS = re.compile(r"gpt-5(?!-chat)|gpt-[6-9]|o\d")
"""OpenAI's reasoning models: `max_completion_tokens`, and (but for the next ones) no temperature."""
_TAKES_TEMPERATURE = re.compile(r"gpt-5\.[124](-mini|-nano)?(-\d{4}-\d\d-\d\d)?$")
_NO_SYSTEM_TURN = re.compile(r"o3|o4|o1-(mini|preview)")
_NO_JSON_MODE = re.compile(r"(gpt-4|gpt-3\.5-turbo-16k)$")
_OTHER_INTERFACE = re.compile(r".*(codex|deep-research|-pro(-\d{4}-\d\d-\d\d)?$)|gpt-daybreak")
"""OpenAI serves these under /responses only."""

_FIXED_TEMPERATURE = re.compile(r"claude-(fable|mythos|(opus|sonnet|haiku)-(4-[789](?!\d)|[5-9](?!\d)))")
"""Claude from 4.7 on takes no temperature."""

_GEMINI_SYSTEM = re.compile(r"gemini-(?!gemma|robotics-er-2-streaming)|learnlm|deep-research|gemma-[4-9]|nano-banana")
"""Google's other models (Gemma 3 and older, Lyria) have no system instruction."""


def has_other_interface(model: str) -> bool:
    """Whether OpenAI serves the model elsewhere than under chat completions."""
    return bool((_REASONS.match(model) or model.startswith("gpt-daybreak")) and _OTHER_INTERFACE.match(model))


def limits_completion(model: str) -> bool:
    """Whether OpenAI wants `max_completion_tokens` for the model."""
    return bool(_REASONS.match(model))


def openai_takes_temperature(model: str) -> bool:
    """Whether OpenAI takes a temperature for the model."""
    return not _REASONS.match(model) or bool(_TAKES_TEMPERATURE.match(model))


def openai_takes_system(model: str) -> bool:
    """Whether OpenAI takes a system turn for the model."""
    return not _NO_SYSTEM_TURN.match(model)


def openai_has_json_mode(model: str) -> bool:
    """Whether OpenAI has JSON mode for the model."""
    return not _NO_JSON_MODE.match(model)


def anthropic_takes_temperature(model: str) -> bool:
    """Whether Anthropic takes a temperature for the model."""
    return not _FIXED_TEMPERATURE.match(model)


def gemini_takes_system(model: str) -> bool:
    """Whether Google takes a system instruction for the model."""
    return bool(_GEMINI_SYSTEM.match(model))

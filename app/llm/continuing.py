"""How a provider is asked to go on with a text that another one began.

Where the wire lets us put words into the model's mouth (prefill), it goes on after them by itself. Everywhere else it
is told to begin with the last words of the text, so that the joint is found by those words and not by luck: a model
that is told to go on "exactly there" leaves out the space, or begins the broken word again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.ports import Message, ModelTarget
from app.llm.overlap import Overlap

ANCHOR_WORDS = 8
ANCHOR_CHARS = 120
_AGAIN_CHARS_OF_JSON = 8
"""Texts in JSON begin alike: so few characters tell that the next model began its own."""

# Claude 4.6 and later refuse a prefill with HTTP 400; Mistral takes one from any model, marked `prefix`.
_PREFILLED = {"anthropic": re.compile(r"claude-(3|(haiku|sonnet|opus)-4-([015]|20))"), "mistral": re.compile("")}
_GO_ON = """Your answer above was cut off. Write the rest of it.
Begin by repeating these last words of it, character for character, and go straight on from there:
<last-words>{anchor}</last-words>
Write nothing but the text itself: no greeting, no remark, no mark of where you began, and nothing that stands \
further up."""


@dataclass(frozen=True, slots=True)
class Continuation:
    """What to ask, and how to find the joint in what comes back."""

    messages: tuple[Message, ...]
    overlap: Overlap


def takes_prefill(target: ModelTarget) -> bool:
    """Whether the model goes on by itself after the last words of an unfinished answer."""
    pattern = _PREFILLED.get(target.kind)
    return pattern is not None and pattern.match(target.model) is not None


def go_on(messages: tuple[Message, ...], text: str, target: ModelTarget, *, json_output: bool = False) -> Continuation:
    """Return how to ask `target` to go on with `text`, which was written in answer to `messages`."""
    again_chars = _AGAIN_CHARS_OF_JSON if json_output else None
    said = text.rstrip()
    more = {"again_chars": again_chars} if again_chars else {}
    asked = (*messages, Message("assistant", said))
    if takes_prefill(target):
        # Anthropic refuses an answer that ends with white space.
        return Continuation(asked, Overlap(text, gap=text[len(said) :], **more))
    question = Message("user", _GO_ON.format(anchor=anchor_of(said)))
    return Continuation((*asked, question), Overlap(text, gap=text[len(said) :], **more))


def anchor_of(text: str) -> str:
    """Return the last words of `text`: few enough to be quick, long enough to be found."""
    tail = text[-ANCHOR_CHARS:]
    words = list(re.finditer(r"\S+", tail))
    return tail[words[-ANCHOR_WORDS].start() :] if len(words) > ANCHOR_WORDS else tail

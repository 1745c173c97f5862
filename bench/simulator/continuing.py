"""How a provider goes on with a text that broke off: the question holds what is there already."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bench.simulator.settings import Manner
from bench.simulator.wire import Turns

_QUOTED = re.compile(r"<last-words>(.*?)</last-words>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An answer that was begun: what is there, the question that it answers, and the words to begin with, if asked."""

    text: str
    question: str
    anchor: str


def unfinished(turns: Turns, prompt: str) -> Unfinished | None:
    """Return the answer that is to be gone on with; None where a question is asked for the first time.

    The last turn is the model's own (prefill), or a person's that quotes the last words of the one before.
    """
    if not turns:
        return None
    *before, (role, said) = turns
    if role == "assistant":
        return Unfinished(said, _before(prompt, said), "")
    quoted = _QUOTED.search(said)
    if quoted is None or not before or before[-1][0] != "assistant" or not before[-1][1].endswith(quoted[1]):
        return None
    return Unfinished(before[-1][1], _before(prompt, f"{before[-1][1]}\n{said}"), quoted[1])


def rest_of(whole: str, begun: Unfinished, manner: Manner) -> str:
    """Return what is said in order to make `whole` of what was begun; all of it, where it was begun otherwise."""
    if not whole.startswith(begun.text) or manner.continuing == "from_the_start":
        return whole
    rest = whole[len(begun.text) :]
    match manner.continuing:
        case "as_asked":
            return begun.anchor + rest
        case "exactly":
            return rest
        case "repeating":
            words = list(re.finditer(r"\S+", begun.text))[-manner.repeated_words :]
            return begun.text[words[0].start() :] + rest if words else rest


def _before(prompt: str, tail: str) -> str:
    """Return the prompt as it was before the answer was begun."""
    return prompt.removesuffix(tail).removesuffix("\n")

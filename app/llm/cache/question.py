"""What is asked, taken apart: the exact key, and the part that two questions may differ in when they mean the same.

That part is what a person wrote in sentences; all the rest of the prompt (template, version, language, tone, product
names, lists, earlier turns) must agree to the letter, so that only sentences are ever compared by meaning.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import regex

from app.core.ports import Message, Tier
from app.llm.task import Task

_SPACES = regex.compile(r"[^\S\n]+")
_LINE_ENDS = regex.compile(r" ?\n ?")
_BLANK_LINES = regex.compile(r"\n{3,}")
_DENSE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]")
_BRIEF_TAG = regex.compile(r"(?<![\w-])brief-[0-9a-f]{6}(?![\w-])")
"""The marks around what a person gave are named after all of it; in a frame they would make every brief another one."""
FEWEST_WORDS = 4
FEWEST_DENSE = 10
LONGEST_ASKED = 600
"""Characters. A mean of static word vectors says nothing about a long text: one other sentence hardly moves it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`exact` is the whole question; `frame` is all of it but the sentences `text`, None where it has none."""

    exact: str
    frame: str
    text: str | None


def asked(task: Task, *, tier: Tier, hide: Callable[[str], str] = str) -> Asked:
    """Return a task as the cache sees it. `hide` puts placeholders where the task's messages have them."""
    about = (
        task.template_id, task.language, tier, task.json_output, task.scope, task.pin, task.max_tokens,
        task.temperature,
    )  # fmt: skip
    turns: list[tuple[str, str]] = [(message.role, normal(message.text)) for message in task.messages]
    sentences = list(_sentences(task, hide)) if task.brief else _last_words(task.messages)
    framed, found = _cut_out(turns, [normal(sentence) for sentence in sentences])
    text = "\n".join(found)
    comparable = 0 < len(text) <= LONGEST_ASKED
    return Asked(
        exact=json.dumps([about, turns], ensure_ascii=False),
        frame=json.dumps([about, framed], ensure_ascii=False),
        text=text if comparable else None,
    )


def normal(text: str) -> str:
    """Return the text as its key sees it: NFC, single spaces, no more than one blank line."""
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", text.replace("\r\n", "\n")))
    return str(_BLANK_LINES.sub("\n\n", _LINE_ENDS.sub("\n", text))).strip()


def _sentences(task: Task, hide: Callable[[str], str]) -> Iterator[str]:
    values = task.brief.inputs.values() if task.brief else ()
    for value in values:
        if isinstance(value, str) and _is_prose(value):
            yield hide(value)


def _is_prose(text: str) -> bool:
    return len(text.split()) >= FEWEST_WORDS or len(_DENSE.findall(text)) >= FEWEST_DENSE


def _last_words(messages: tuple[Message, ...]) -> list[str]:
    return [messages[-1].text] if messages and messages[-1].role == "user" else []


def _cut_out(turns: list[tuple[str, str]], sentences: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the turns with a mark for each sentence that stands in a user's turn, and those sentences in order."""
    found = [
        sentence
        for sentence in sentences
        if sentence and any(role == "user" and sentence in text for role, text in turns)
    ]
    framed = []
    for role, text in turns:
        if role == "user":
            for sentence in sorted(found, key=len, reverse=True):
                text = text.replace(sentence, f"\x00{found.index(sentence)}\x00")
        framed.append((role, _BRIEF_TAG.sub("brief", text)))
    return framed, found

"""Check that a text was not cut short."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from app.content.checks.kinds import Scope, check, unreadable
from app.content.checks.links import find_urls
from app.content.checks.model import Finding
from app.content.checks.words import word_count
from app.content.markup import code_blocks, without_code

_PAIRS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "（": "）",
    "「": "」",
    "『": "』",
    "【": "】",
    "《": "》",
    "“": "”",
    "«": "»",
    "„": "“",
}
_CLOSERS = frozenset(_PAIRS.values()) - {"“"}
_GOES_ON = frozenset(",;:،、，；：-–—")
_BLOCK_LINE = regex.compile(r"^[ \t]*(?:[-*+•–—#|>]|\p{Nd}{1,3}[.)]|[#@]\w)")
LONGEST_CLOSING_LINE_WORDS = 8
"""A last line without a full stop that is no longer than this may be a signature, a name or a label."""


@check("not_truncated", any_form=True)
def not_truncated(scope: Scope) -> Iterator[Finding]:
    """Brackets, quotes and fences are closed, and the last line ends a sentence or a block."""
    if scope.output.problem:
        yield from unreadable(scope)
        return
    for path, text in scope.material.everything:
        opened = _first_open(without_code(text))
        if opened is not None:
            yield scope.finding(path, "cut.open", start=opened, end=opened + 1, mark=text[opened])
    if scope.output.form in ("text", "markdown"):
        text = scope.output.text
        if any(not block.closed for block in code_blocks(text)):
            yield scope.finding(".", "cut.fence")
        elif not _ends_well(text, _closings(scope)):
            start = text.rstrip().rfind("\n") + 1
            yield scope.finding(
                ".", "cut.end", start=start, end=len(text.rstrip()), last=text.rstrip()[-30:].split("\n")[-1]
            )


def _closings(scope: Scope) -> tuple[str, ...]:
    address = scope.context.profile.address
    return address.closing_formal, address.closing_informal


def _first_open(text: str) -> int | None:
    """Return where the first bracket or quote stands that its paragraph never closes; smileys are none."""
    start = 0
    paragraphs = text.split("\n\n")
    for number, paragraph in enumerate(paragraphs):
        stack: list[tuple[str, int]] = []
        turned = paragraph.find("»") < paragraph.find("«")  # »so« instead of «so»
        for offset, char in enumerate(paragraph):
            if stack and (char == stack[-1][0] or (char == "”" and stack[-1][0] == "“")):
                stack.pop()
            elif char in _PAIRS and not (turned and char == "«"):
                stack.append((_PAIRS[char], start + offset))
            elif char in _CLOSERS and any(char == closer for closer, _ in stack[-8:]):
                while stack.pop()[0] != char:
                    pass
        # a quotation over several paragraphs opens each and closes the last
        following = paragraphs[number + 1].lstrip()[:1] if number + 1 < len(paragraphs) else ""
        for _, at in stack:
            smiley = text[at] == "(" and text[max(0, at - 1)] in ":;=-"
            if not smiley and following != text[at]:
                return at
        start += len(paragraph) + 2
    return None


def _ends_well(text: str, closings: tuple[str, ...]) -> bool:
    """Whether the last line ends a sentence, or needs no full stop: a list item, a heading, a signature, an address."""
    last = text.rstrip().rsplit("\n", 1)[-1].strip()
    if not last or last in closings:
        return True
    if last[-1] in _GOES_ON:
        return False
    if not last[-1].isalnum() or _BLOCK_LINE.match(last) or word_count(last) <= LONGEST_CLOSING_LINE_WORDS:
        return True
    return any(link.end == len(last) for link in find_urls(last))

"""Markdown taken apart as far as checks and the sheet need it: headings, fences, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import regex

from app.content.headings import heading_key

_FENCE = regex.compile(r"^[ \t]{0,3}(`{3,}|~{3,})[ \t]*([\w+#.-]*)[^\n]*$", regex.MULTILINE)
_ATX = regex.compile(r"^[ ]{0,3}(#{1,6})[ \t]+([^\n]+)$", regex.MULTILINE)
_BOLD_LINE = regex.compile(r"^[ ]{0,3}(?:\*\*|__)([^*_\n]{1,80})(?:\*\*|__)[ \t]*[:：]?[ \t]*$", regex.MULTILINE)
_INLINE_CODE = regex.compile(r"`[^`\n]{1,200}`")


class Heading(NamedTuple):
    """A heading line; `end` is where its line ends."""

    start: int
    end: int
    level: int
    text: str


class Section(NamedTuple):
    """A heading with what stands under it. `id` is empty where the heading is none of the template's."""

    id: str
    heading: str
    level: int
    start: int
    body_start: int
    body_end: int


class CodeBlock(NamedTuple):
    """A fenced block; `start` and `end` span its content."""

    language: str
    start: int
    end: int
    text: str
    closed: bool


def code_blocks(text: str) -> list[CodeBlock]:
    """Return the fenced blocks of a Markdown text; the last one may be open."""
    blocks: list[CodeBlock] = []
    opening: regex.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
        elif fence[1].startswith(opening[1]) and not fence[2]:
            start, end = opening.end() + 1, max(opening.end() + 1, fence.start() - 1)
            blocks.append(CodeBlock(opening[2].lower(), start, end, text[start:end], closed=True))
            opening = None
    if opening is not None:
        start = min(len(text), opening.end() + 1)
        blocks.append(CodeBlock(opening[2].lower(), start, len(text), text[start:], closed=False))
    return blocks


def without_code(text: str) -> str:
    """Return the text with fenced blocks and inline code blanked out; every character keeps its place."""
    if "`" not in text and "~~~" not in text:
        return text
    pieces, position = [], 0
    for block in code_blocks(text):
        pieces += [text[position : block.start], _blank(block.text)]
        position = block.end
    pieces.append(text[position:])
    blanked: str = _INLINE_CODE.sub(lambda match: " " * len(match.group()), "".join(pieces))
    return blanked


def _blank(code: str) -> str:
    return "\n".join(" " * len(line) for line in code.split("\n"))


def headings(text: str, known: Mapping[str, str]) -> list[Heading]:
    """Return the headings of a Markdown text, in order; a line in bold is one (of level 2) where `known` has it."""
    plain = without_code(text)
    found = [
        Heading(match.start(), match.end(), len(match[1]), words)
        for match in _ATX.finditer(plain)
        if (words := match[2].strip(" \t#"))
    ]
    found += [
        Heading(match.start(), match.end(), 2, match[1])
        for match in _BOLD_LINE.finditer(plain)
        if heading_key(match[1]) in known
    ]
    return sorted(found)


def split_sections(text: str, known: Mapping[str, str]) -> list[Section]:
    """Return the sections of a Markdown text, in order. `known` maps folded headings to section ids.

    A known heading of any level opens a section. An unknown one does so only where it stands no lower than the
    section it would close; a lower one belongs to the body.
    """
    opened: list[tuple[Heading, str]] = []
    for heading in headings(text, known):
        section = known.get(heading_key(heading.text), "")
        if section or not opened or heading.level <= opened[-1][0].level:
            opened.append((heading, section))
    ends = [*(heading.start for heading, _ in opened[1:]), len(text)][: len(opened)]
    return [
        Section(section, heading.text, heading.level, heading.start, *_trim(text, heading.end, end))
        for (heading, section), end in zip(opened, ends, strict=True)
    ]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    body = text[start:end]
    start += len(body) - len(body.lstrip())
    return min(start, end), max(start, start + len(body.strip())) if body.strip() else min(start, end)


def markdown_table(text: str, columns: Sequence[str]) -> list[dict[str, object]] | None:
    """Return the rows of the first pipe table, keyed by `columns`: by name where the header has them, else by place."""
    lines = [line.strip() for line in text.splitlines()]
    for number in range(len(lines) - 1):
        rule = lines[number + 1]
        if "|" in lines[number] and "|" in rule and "-" in rule and set(rule) <= set("|:- "):
            break
    else:
        return None
    header = [heading_key(cell) for cell in _cells(lines[number])]
    keys = [heading_key(column) for column in columns]
    named = {column: header.index(key) for column, key in zip(columns, keys, strict=True) if key in header}
    places = named if len(named) == len(columns) else {column: place for place, column in enumerate(columns)}
    rows: list[dict[str, object]] = []
    for line in lines[number + 2 :]:
        if "|" not in line:
            break
        cells = _cells(line)
        rows.append({column: cells[place] for column, place in places.items() if place < len(cells)})
    return rows


def _cells(line: str) -> list[str]:
    line = line.removeprefix("|").removesuffix("|")
    return [cell.strip().replace("\\|", "|") for cell in regex.split(r"(?<!\\)\|", line)]

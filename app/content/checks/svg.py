"""The check that a drawing in SVG can be shown anywhere: it runs nothing, fetches nothing, and has one frame.

Read with expat, which fetches nothing; a document type, and with it every entity, ends the reading.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from xml.parsers import expat

import regex

from app.content.checks.artefacts import LONGEST_PARSED
from app.content.checks.kinds import Scope, check
from app.content.checks.model import Finding, NotChecked, Param

SVG, XHTML = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"
ACTIVE = frozenset({"script", "foreignobject", "iframe", "object", "embed", "audio", "video", "handler", "listener"})
"""Elements that run something, or hold a page."""
MOVING = frozenset({"set", "animate", "animatetransform", "animatemotion"})
ADDRESSES = frozenset({"href", "src", "base", "data", "action", "formaction"})
"""Attributes by their local names: `href` is also xlink's, `base` also xml's."""
_EMBEDDED = regex.compile(r"data:image/(?:png|jpeg|webp|gif);base64,[a-z0-9+/=\s]*", regex.IGNORECASE)
_ESCAPE = regex.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", regex.DOTALL)
_CSS_URL = regex.compile(r"""url\(\s*["']?\s*([^"')]*)""", regex.IGNORECASE)
_CSS_FETCH = regex.compile(
    r"@import|image-set\(|image\(|src\(|cross-fade\(|expression\(|-moz-binding", regex.IGNORECASE
)
_FRAME = regex.compile(r"[+-]?[\d.]+(?:e[+-]?\d+)?", regex.IGNORECASE)

Fault = tuple[str, dict[str, Param]]


class _Reader:
    """Reads one drawing; `faults` are codes of findings with what fills their slots."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.frames = 0
        self._open: list[str] = []
        self._style: list[str] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, text: str) -> None:
        """Read a drawing to its end, or to where it stops being one."""
        try:
            self._parser.Parse(text.encode("utf-8", "replace"), True)
        except _Doctype:
            self.faults.append(("svg_safe.doctype", {}))
        except expat.ExpatError as error:
            self.faults.append(("svg_safe.unreadable", {"line": error.lineno}))
        else:
            if self.frames != 1:
                self.faults.append(("svg_safe.frames", {"count": self.frames}))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        element = local.lower()
        if not self._open and (space, element) != (SVG, "svg"):
            self.faults.append(("svg_safe.root", {"name": local[:40]}))
        self._open.append(element)
        if element in ACTIVE or space == XHTML:
            self.faults.append(("svg_safe.active", {"name": local[:40]}))
        for full, value in attributes.items():
            self._attribute(element, full.rpartition(" ")[2], value)

    def _attribute(self, element: str, local: str, value: str) -> None:
        name = local.lower()
        if element == "svg" and local == "viewBox" and _is_frame(value):
            self.frames += 1
        if name.startswith("on"):
            self.faults.append(("svg_safe.handler", {"name": local[:40]}))
        elif element in MOVING and name == "attributename" and _moves_what_it_must_not(value):
            self.faults.append(("svg_safe.moves", {"name": value[:40]}))
        elif name in ADDRESSES:
            if not _is_inside(value):
                self.faults.append(("svg_safe.external", {"address": value.strip()[:60]}))
        else:
            self._css(value)

    def _css(self, text: str) -> None:
        plain = _ESCAPE.sub(_unescaped, text)
        if fetches := _CSS_FETCH.search(plain):
            self.faults.append(("svg_safe.external", {"address": fetches[0]}))
        for found in _CSS_URL.finditer(plain):
            if not _is_inside(found[1]):
                self.faults.append(("svg_safe.external", {"address": found[1].strip()[:60]}))

    def _text(self, text: str) -> None:
        if self._open and self._open[-1] == "style":
            self._style.append(text)

    def _end(self, _: str) -> None:
        if self._open.pop() == "style":
            self._css(regex.sub(r"/\*.*?\*/", "", "".join(self._style), flags=regex.DOTALL))
            self._style.clear()

    def _instruction(self, target: str, _: str) -> None:
        self.faults.append(("svg_safe.external", {"address": f"<?{target[:40]}?>"}))

    def _doctype(self, *_: object) -> None:
        raise _Doctype


class _Doctype(Exception):
    """A document type: entities may follow, and grow without end."""


def _is_inside(address: str) -> bool:
    """Whether an address leads to a part of the drawing itself, or holds a picture."""
    address = address.strip()
    return not address or address.startswith("#") or _EMBEDDED.fullmatch(address) is not None


def _moves_what_it_must_not(attribute: str) -> bool:
    name = attribute.strip().rpartition(":")[2].lower()
    return name == "href" or name.startswith("on")


def _is_frame(value: str) -> bool:
    """Whether a viewBox has a place and a size that something can be seen in."""
    numbers = value.replace(",", " ").split()
    if len(numbers) != 4 or not all(_FRAME.fullmatch(one) for one in numbers):
        return False
    try:
        return float(numbers[2]) > 0 and float(numbers[3]) > 0
    except ValueError:
        return False


def _unescaped(found: regex.Match[str]) -> str:
    if not found[1]:
        return str(found[2])
    point = int(found[1], 16)
    return chr(point) if 0 < point <= 0x10FFFF else " "


@check("svg_safe", any_form=True)
def svg_safe(scope: Scope) -> Iterator[Finding]:
    """Each drawing runs nothing, fetches nothing from elsewhere, and has one viewBox."""
    texts = [(".", scope.output.text)] if scope.at() == "." else scope.texts()
    for path, text in texts:
        if len(text) > LONGEST_PARSED:
            raise NotChecked("too_long", max=LONGEST_PARSED)
        reader = _Reader()
        reader.read(text)
        for code, params in reader.faults:
            yield replace(scope.finding(path, code), params=params)

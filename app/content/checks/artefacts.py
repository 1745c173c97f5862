"""Checks of things a machine reads: code that must parse, structured data that must be complete."""

from __future__ import annotations

import ast
import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from xml.parsers import expat

import regex
import yaml

from app.content.checks.kinds import Label, Scope, check
from app.content.checks.lexicons import lexicon
from app.content.checks.model import Finding, NotChecked
from app.content.outputs import look_up
from app.core.cues import read_srt

LONGEST_PARSED = 100_000
"""Characters: a parser's time and memory grow with its input, and no template asks for more."""
DEEPEST = 60
"""Nesting: parsers recurse in C; a text of ten thousand opening brackets is no artefact."""
_PRICE = regex.compile(r"\d+(?:\.\d+)?")


class Unparsed(Exception):
    """Why a text does not parse, as its parser says it, with the line (0 where it names none)."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = " ".join(reason.split())[:120]
        self.line = line


def _json(text: str) -> None:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise Unparsed(error.msg, error.lineno) from None
    except (ValueError, RecursionError) as error:
        raise Unparsed(str(error)) from None


def _yaml(text: str) -> None:
    if any(line.count("- ") > DEEPEST for line in text.splitlines()):
        raise Unparsed("too deeply nested")
    try:
        yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        raise Unparsed(error.problem or "", (error.problem_mark.line + 1) if error.problem_mark else 0) from None
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise Unparsed(str(error)) from None


def _python(text: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        raise Unparsed(error.msg, error.lineno or 0) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unparsed(str(error)) from None


def _xml(text: str) -> None:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unparsed("a document type is not wanted here")
    parser = expat.ParserCreate()
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise Unparsed(expat.ErrorString(error.code), error.lineno) from None


def _svg(text: str) -> None:
    _xml(text)
    if not regex.search(r"<svg[\s>]", text):
        raise Unparsed("there is no <svg> in it")


def _pattern(text: str) -> None:
    if len(text) > 2_000:
        raise Unparsed("too long for a pattern")
    try:
        regex.compile(text)
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise Unparsed(str(error)) from None


def _srt(text: str) -> None:
    cues, broken = read_srt(text)
    if broken:
        raise Unparsed("a block without a time line", broken[0])
    if not cues:
        raise Unparsed("no subtitle in it")


_PARSERS: dict[str, Callable[[str], None]] = {
    "json": _json, "yaml": _yaml, "python": _python, "xml": _xml, "svg": _svg, "regex": _pattern, "srt": _srt,
}  # fmt: skip


def _nesting(text: str) -> int:
    depth = deepest = 0
    for char in text:
        if char in "[{(":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]})":
            depth -= 1
    return deepest


@check("parses", params=("language",), any_form=True, label=lambda scope: Label("parses", {
    "language": scope.spec.text("language").upper()}))  # fmt: skip
def parses(scope: Scope) -> Iterator[Finding]:
    """The text, or every block of it, parses."""
    language = scope.spec.text("language")
    parser = _PARSERS.get(language)
    if parser is None:
        raise NotChecked("no_parser", language=language)
    whole_text = scope.at() == "."
    texts = [(".", scope.output.text)] if whole_text else scope.texts()
    for path, text in texts:
        if len(text) > LONGEST_PARSED:
            raise NotChecked("too_long", max=LONGEST_PARSED)
        try:
            if language != "srt" and _nesting(text) > DEEPEST:
                raise Unparsed("too deeply nested")
            parser(text)
        except Unparsed as error:
            code = "parses.block" if language == "srt" and error.line else "parses.line" if error.line else "parses.not"
            yield scope.finding(path, code, language=language.upper(), reason=error.reason, line=error.line)


@check("jsonld", params=("type",), label=lambda scope: Label("jsonld", {"type": scope.spec.text("type")}))
def jsonld(scope: Scope) -> Iterator[Finding]:
    """The JSON-LD is of schema.org, of the type, and has what search engines ask of the type."""
    path, data = _jsonld_at(scope)
    wanted = scope.spec.text("type")
    context = str(data.get("@context", "")).rstrip("/")
    if context not in ("https://schema.org", "http://schema.org"):
        yield scope.finding(f"{path}.@context", "jsonld.context")
    types = data.get("@type")
    if types != wanted and not (isinstance(types, list) and wanted in types):
        yield scope.finding(f"{path}.@type", "jsonld.type", type=wanted)
    for property_path in lexicon("jsonld").get(wanted, ()):
        yield from _property(scope, path, data, str(property_path))


def _jsonld_at(scope: Scope) -> tuple[str, Mapping[str, object]]:
    path = scope.at("jsonld")
    found = [value for value in look_up(scope.output, path) if value.found]
    value = found[0].value if found else None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, Mapping):
        raise NotChecked("absent", part=path)
    return path, value


def _property(scope: Scope, path: str, data: Mapping[str, object], wanted: str) -> Iterator[Finding]:
    """Yield what is wrong at a dotted property path; a list on the way must hold it in every item."""
    pending: list[tuple[str, object, list[str]]] = [(path, data, wanted.split("."))]
    while pending:
        here, value, names = pending.pop()
        if isinstance(value, list):
            pending += [(f"{here}[{index}]", item, names) for index, item in enumerate(value)]
            if not value:
                yield scope.finding(here, "jsonld.missing", property=names[0] if names else here)
        elif not names:
            yield from _well_formed(scope, here, value)
        elif isinstance(value, Mapping) and value.get(names[0]) not in (None, ""):
            pending.append((f"{here}.{names[0]}", value[names[0]], names[1:]))
        else:
            yield scope.finding(f"{here}.{names[0]}", "jsonld.missing", property=names[0])


def _well_formed(scope: Scope, path: str, value: object) -> Iterator[Finding]:
    name = path.rsplit(".", 1)[-1]
    if name == "price" and not _PRICE.fullmatch(str(value)):
        yield scope.finding(path, "jsonld.price", value=str(value)[:40])
    if name == "priceCurrency" and not regex.fullmatch(r"[A-Z]{3}", str(value)):
        yield scope.finding(path, "jsonld.currency", value=str(value)[:40])

"""One reader for each type of field: raw value in, canonical value out, or FieldError with the way out."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from app.content.profiles import LANGUAGES
from app.content.template import Field

MAX_TEXT = 500
MAX_LONGTEXT = 20_000
MAX_ITEMS = 50
MAX_ITEM = 300
MAX_URL = 2_000
"""Characters, and items, where the template says nothing else."""

Item = TypeVar("Item")

# Currencies of ISO 4217 are three Latin capitals; which of them exist is CLDR's to say.
_MONEY = re.compile(r"(?:(?P<before>[A-Za-z]{3})\s*)?(?P<amount>\d{1,12}(?:\.\d{1,3})?)(?:\s*(?P<after>[A-Za-z]{3}))?")
_PASSAGE = re.compile(r"^\[(\d{1,3})\][ \t]*", re.MULTILINE)
_HOST = re.compile(r"(?:(?:[\w-]{1,63}\.){0,20}[\w-]{1,63}\.?|\[[0-9a-fA-F:.]{2,45}\])(?::\d{1,5})?")
_CLOSED_UP = dict.fromkeys((0x00A0, 0x202F, 0x2009), " ")


class FieldError(ValueError):
    """A value that cannot be used: code, English sentence with {named} slots, and what fills them."""

    def __init__(self, code: str, message: str, **params: str | int | float) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.params = params


def read_value(field: Field, raw: object) -> object:
    """Return `raw` in the canonical shape of the field's type; an absent or blank value gives the type's empty value.

    Raises:
        FieldError: malformed, too long, too many or out of range.
    """
    return _READERS[field.type](field, raw)


def without_controls(text: str) -> str:
    """Return text without control characters: CR and CRLF become LF, tab and LF stay, all others go."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(mark for mark in text if mark in "\n\t" or unicodedata.category(mark) != "Cc")


def is_blank(text: str) -> bool:
    """Whether nothing of the text can be seen: only spaces, marks of direction, zero-width signs."""
    return not any(unicodedata.category(mark)[0] not in "ZC" for mark in text)


def _plain(raw: object) -> str:
    """Return raw text without control characters; numbers are written out, None is empty."""
    if raw is None:
        return ""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        raw = repr(raw)
    if not isinstance(raw, str):
        raise FieldError("type", "{label} must be text.")
    if any(0xD800 <= ord(mark) <= 0xDFFF for mark in raw):
        raise FieldError("encoding", "{label} holds a broken character. Type that part again.")
    text = without_controls(raw).strip(" \t\n")
    return "" if is_blank(text) else text


def _fits(text: str, limit: int, message: str = "{label} is {length} characters long; the limit is {limit}.") -> str:
    if len(text) > limit:
        raise FieldError("too_long", message, length=len(text), limit=limit)
    return text


def _line(raw: object) -> str:
    return " ".join(_plain(raw).replace("\t", "\n").split("\n"))


def _text(field: Field, raw: object) -> str:
    return _fits(_line(raw), field.max_length or MAX_TEXT)


def _longtext(field: Field, raw: object) -> str:
    return _fits(_plain(raw), field.max_length or MAX_LONGTEXT)


def _items(field: Field, raw: object) -> tuple[object, ...]:
    """Return a list's raw items: text is split at line ends, since that is what a form sends."""
    if raw is None:
        return ()
    if isinstance(raw, str):
        return tuple(_plain(raw).split("\n"))
    if isinstance(raw, Iterable) and not isinstance(raw, Mapping | bytes):
        return tuple(raw)
    raise FieldError("type", "{label} must be a list, one item a line.")


def _counted(field: Field, items: tuple[Item, ...]) -> tuple[Item, ...]:
    limit = field.max_items or MAX_ITEMS
    if len(items) > limit:
        raise FieldError("too_many", "{label} has {count} items; the limit is {limit}.", count=len(items), limit=limit)
    return items


def _list(field: Field, raw: object) -> tuple[str, ...]:
    items = _counted(field, tuple(text for item in _items(field, raw) if (text := _line(item))))
    for number, text in enumerate(items, start=1):
        limit = field.max_length or MAX_ITEM
        if len(text) > limit:
            message = "Item {number} of {label} is {length} characters long; the limit is {limit}."
            raise FieldError("too_long", message, number=number, length=len(text), limit=limit)
    return items


def _western(text: str) -> str:
    """Return text with the digits of any script as 0 to 9, and spaces of any width as one kind."""
    digits = (str(unicodedata.digit(mark)) if mark.isdecimal() else mark for mark in text.translate(_CLOSED_UP))
    return "".join(digits).replace("\u066b", ".")


def _number(field: Field, raw: object) -> int | float | None:
    text = _western(_line(raw))
    if not text:
        return None
    if len(text) > 40 or not re.fullmatch(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", text):
        raise FieldError("number", "{label} must be a number in digits, like 12 or 2.5.")
    value = float(text)
    if not math.isfinite(value):
        raise FieldError("number", "{label} is too large to work with.")
    if (field.min is not None and value < field.min) or (field.max is not None and value > field.max):
        raise _out_of_range(field)
    return int(value) if value.is_integer() else value


def _out_of_range(field: Field) -> FieldError:
    bounds = {key: f"{value:g}" for key, value in (("min", field.min), ("max", field.max)) if value is not None}
    if "max" not in bounds:
        return FieldError("range", "{label} must be at least {min}.", **bounds)
    if "min" not in bounds:
        return FieldError("range", "{label} may be at most {max}.", **bounds)
    return FieldError("range", "{label} must be from {min} to {max}.", **bounds)


def _url(field: Field, raw: object) -> str:
    text = _fits(_line(raw), field.max_length or MAX_URL)
    if not text:
        return ""
    refused = FieldError("url", "{label} must be a full address that begins with https:// or http://.")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise refused from None
    if parts.scheme not in ("http", "https") or not host or not _HOST.fullmatch(parts.netloc):
        raise refused
    if " " in text or "\\" in text:
        raise refused
    return text


def _date(field: Field, raw: object) -> str:
    text = _western(_line(raw))
    if not text:
        return ""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise FieldError("date", "{label} must be a date written as year-month-day, like 2026-11-23.")
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise FieldError("date", "{label}: there is no day {day} in the calendar.", day=text) from None


def _money(field: Field, raw: object) -> str:
    text = _western(_line(raw))
    if not text:
        return ""
    match = _MONEY.fullmatch(text)
    codes = [code for code in (match["before"], match["after"]) if code] if match else []
    if match is None or len(codes) != 1:
        raise FieldError("money", "{label} must be an amount and a currency, like 389.00 EUR.")
    code = codes[0].upper()
    from babel.core import get_global  # loads CLDR's table: only when a form has money in it

    if code not in get_global("all_currencies"):
        message = "{label}: {currency} is not a currency. Use three letters, like EUR or JPY."
        raise FieldError("currency", message, currency=code)
    return f"{match['amount']} {code}"


def _option(field: Field, raw: object, options: tuple[str, ...]) -> str:
    text = _line(raw)
    if text and text not in options:
        raise FieldError("option", "{label} must be one of: {options}.", options=", ".join(options))
    return text


def _table(field: Field, raw: object) -> tuple[dict[str, str], ...]:
    """Return rows as {column: text}. Pasted text is read as a sheet: tab, semicolon or comma between its cells."""
    pasted = _pasted_rows(field, _plain(raw)) if isinstance(raw, str) else None
    rows = pasted if pasted is not None else [_row(field, row) for row in _items(field, raw)]
    filled = _counted(field, tuple(row for row in rows if any(row.values())))
    limit = field.max_length or MAX_ITEM
    for number, row in enumerate(filled, start=1):
        if any(len(cell) > limit for cell in row.values()):
            message = "A cell in row {number} of {label} is longer than {limit} characters."
            raise FieldError("too_long", message, number=number, limit=limit)
    return filled


def _pasted_rows(field: Field, text: str) -> list[dict[str, str]]:
    if not text:
        return []
    first = text.split("\n", 1)[0]
    mark = next((mark for mark in "\t;" if mark in first), ",")
    try:
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=mark) if line]
    except csv.Error:
        raise FieldError("table", "{label} cannot be read as a table. Put one row on each line.") from None
    if [cell.strip().casefold() for cell in lines[0]] == [column.casefold() for column in field.columns]:
        lines = lines[1:]
    return [_row(field, cells) for cells in lines]


def _row(field: Field, raw: object) -> dict[str, str]:
    names = field.columns
    shape = FieldError("table", "Each row of {label} needs these columns: {columns}.", columns=", ".join(names))
    if isinstance(raw, Mapping):
        if any(name not in names for name in raw):
            raise shape
        return {name: _line(raw.get(name)) for name in names}
    if isinstance(raw, list | tuple) and len(raw) <= len(names):
        cells = [*raw, *([""] * (len(names) - len(raw)))]
        return {name: _line(cell) for name, cell in zip(names, cells, strict=True)}
    raise shape


def _passages(field: Field, raw: object) -> str:
    """Return pasted sources as `[1] …`, a blank line between two. Unnumbered paragraphs are numbered in their order."""
    text = _fits(_plain(raw), field.max_length or MAX_LONGTEXT)
    if not text:
        return ""
    if not _PASSAGE.match(text):
        paragraphs = [part.strip() for part in re.split(r"\n[ \t]*\n", text) if part.strip()]
        return "\n\n".join(f"[{number}] {part}" for number, part in enumerate(paragraphs, start=1))
    starts = list(_PASSAGE.finditer(text))
    numbers = [int(start[1]) for start in starts]
    if numbers != list(range(1, len(numbers) + 1)):
        raise FieldError("passages", "{label}: number the passages [1], [2], [3] in order, each on a new line.")
    ends = [start.start() for start in starts[1:]] + [len(text)]
    bodies = [text[start.end() : end].strip() for start, end in zip(starts, ends, strict=True)]
    if not all(bodies):
        raise FieldError("passages", "{label}: passage [{number}] is empty.", number=bodies.index("") + 1)
    return "\n\n".join(f"[{number}] {body}" for number, body in enumerate(bodies, start=1))


_READERS: Mapping[str, Callable[[Field, object], object]] = {
    "text": _text,
    "longtext": _longtext,
    "list": _list,
    "number": _number,
    "url": _url,
    "date": _date,
    "money": _money,
    "locale": lambda field, raw: _option(field, raw, LANGUAGES),
    "enum": lambda field, raw: _option(field, raw, field.options),
    "table": _table,
    "kb": _passages,
}

"""A provider's bill as CSV, read into one line per day and model. Pure.

Columns are found by the names that OpenAI's and Anthropic's exports give them, or by a mapping of one's own. Amounts
are dollars, with a decimal point or comma; another currency is refused, since no rate is known.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal, NoReturn

from app.core.errors import InvalidInput

Part = Literal["date", "model", "tokens_in", "tokens_out", "amount", "currency"]
MOST_ROWS = 50_000
MOST_MICROS = 10**15
DOLLARS = frozenset({"usd", "us$", "$", "us dollar", "us dollars"})

# Names of columns in the exports of platform.openai.com (costs, usage) and platform.claude.com (cost, usage).
KNOWN: Mapping[Part, tuple[str, ...]] = {
    "date": ("date", "day", "usage_date", "usage_date_utc", "start_time_iso", "timestamp", "start_time", "datum"),
    "model": ("model", "model_name", "model_version", "snapshot_id", "line_item", "sku", "modell"),
    "tokens_in": ("tokens_in", "input_tokens", "prompt_tokens", "n_context_tokens_total", "usage_input_tokens"),
    "tokens_out": ("tokens_out", "output_tokens", "completion_tokens", "n_generated_tokens_total"),
    "amount": ("amount", "amount_value", "amount_usd", "cost", "cost_usd", "cost_in_usd", "total", "betrag"),
    "currency": ("currency", "amount_currency", "waehrung", "währung"),
}
NEEDED: tuple[Part, ...] = ("date", "model", "amount")


@dataclass(frozen=True, slots=True)
class BilledLine:
    """What a bill says for one model on one day, in micro-dollars."""

    day: date
    model: str
    tokens_in: int
    tokens_out: int
    micros: int


def read_bill(text: str, *, columns: Mapping[Part, str] | None = None) -> tuple[BilledLine, ...]:
    """Return a bill's lines, by day and model.

    Raises:
        InvalidInput: a column is missing, a cell cannot be read (the row is named), or the currency is another one.
    """
    rows, delimiter = _rows(text.removeprefix("\ufeff"))
    places = _places(rows[0], columns or {})
    cells = [
        {part: row[at].strip() if at < len(row) else "" for part, at in places.items()}
        for row in rows[1:]
        if any(cell.strip() for cell in row)
    ]
    if not cells:
        _refuse("The file has no rows.", code="invoice.empty")
    decimal_comma = _has_decimal_comma([cell["amount"] for cell in cells], delimiter)
    found: dict[tuple[date, str], list[Decimal]] = {}
    for number, cell in enumerate(cells, 2):
        _assert_dollars(cell, number)
        sums = found.setdefault((_day(cell["date"], number), cell["model"]), [Decimal(0)] * 3)
        sums[0] += _number(cell["amount"], number, decimal_comma=decimal_comma)
        sums[1] += _number(cell.get("tokens_in") or "0", number, decimal_comma=decimal_comma)
        sums[2] += _number(cell.get("tokens_out") or "0", number, decimal_comma=decimal_comma)
    return tuple(
        BilledLine(day, model, int(sums[1]), int(sums[2]), round(sums[0] * 1_000_000))
        for (day, model), sums in sorted(found.items())
    )


def _refuse(message: str, *, code: str, **params: str | int) -> NoReturn:
    raise InvalidInput(message, code=code, field="csv", params=params)


def _rows(text: str) -> tuple[list[list[str]], str]:
    heading = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=heading.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except csv.Error:
        _refuse("This is no CSV file.", code="invoice.no_csv")
    if not rows:
        _refuse("The file has no rows.", code="invoice.empty")
    if len(rows) > MOST_ROWS:
        _refuse(
            "The file has more than {limit} rows; import it month by month.", code="invoice.many_rows", limit=MOST_ROWS
        )
    return rows, delimiter


def _places(heading: Sequence[str], columns: Mapping[Part, str]) -> dict[Part, int]:
    names = [name.strip().lower().replace(" ", "_") for name in heading]
    places: dict[Part, int] = {}
    for part, known in KNOWN.items():
        own = columns.get(part, "").strip().lower().replace(" ", "_")
        wanted = (own,) if own else known
        at = next((names.index(name) for name in wanted if name in names), None)
        if at is not None:
            places[part] = at
        elif own or part in NEEDED:
            _refuse(
                "There is no column for {part}; the file has: {columns}. Say which one it is.",
                code="invoice.column_missing",
                part=part,
                columns=", ".join(heading)[:300],
            )
    return places


def _assert_dollars(cell: Mapping[Part, str], number: int) -> None:
    currency = cell.get("currency", "").lower() or re.sub(r"[\s\d.,eE+'’()-]", "", cell["amount"]).lower()
    if currency and currency not in DOLLARS:
        _refuse(
            "Row {row} is in {currency}. Only bills in US dollars can be compared.",
            code="invoice.currency",
            row=number,
            currency=currency.upper()[:20],
        )


def _day(text: str, number: int) -> date:
    try:
        if re.fullmatch(r"\d{9,11}", text):  # OpenAI's start_time: seconds since 1970
            return datetime.fromtimestamp(int(text), UTC).date()
        if re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{4}", text):
            return datetime.strptime(text, "%d.%m.%Y").replace(tzinfo=UTC).date()
        moment = datetime.fromisoformat(text)
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError, OSError):
        _refuse("Row {row}: {text} is no date like 2026-11-30.", code="invoice.date", row=number, text=text[:40])


def _has_decimal_comma(amounts: Sequence[str], delimiter: str) -> bool:
    """Whether a comma ends the whole dollars: judged by the whole column, since 1,234 alone could be either."""
    ends = [re.search(r"([.,])(\d+)\D*$", amount) for amount in amounts]
    clear = [end for end, amount in zip(ends, amounts, strict=True) if end and (len(end[2]) != 3 or _has_both(amount))]
    if clear:
        return [end[1] for end in clear].count(",") * 2 > len(clear)
    return delimiter != "," and any(end and end[1] == "," for end in ends)


def _has_both(amount: str) -> bool:
    return {",", "."} <= set(amount)


def _number(text: str, number: int, *, decimal_comma: bool) -> Decimal:
    plain = re.sub(r"[^\d.,eE+-]", "", re.sub(r"(?i)us[d$]?", "", text))
    plain = plain.replace(".", "").replace(",", ".") if decimal_comma else plain.replace(",", "")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        _refuse("Row {row}: {text} is no number.", code="invoice.number", row=number, text=text[:40])
    if not value.is_finite() or abs(value) * 1_000_000 > MOST_MICROS:
        _refuse("Row {row}: {text} is no number.", code="invoice.number", row=number, text=text[:40])
    return value

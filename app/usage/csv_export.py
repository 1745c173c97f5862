"""A month's calls as CSV, row by row: nothing is held in memory, and no cell is a formula for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from uuid import UUID

from app.core.context import Context
from app.usage import reports, sums
from app.usage.reports import CallRow

AT_ONCE = 500
COLUMNS = (
    "time_utc", "call", "attempt", "feature", "template", "person", "api_key", "provider", "model", "tier", "served",
    "outcome", "error", "tokens_in", "tokens_out", "tokens_estimated", "cost_usd", "cost_known", "saved_usd",
    "first_token_ms", "total_ms",
)  # fmt: skip
# OWASP, CSV Injection (2026-11-20): what begins a formula in a cell.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


async def month_as_csv(ctx: Context, *, month: date) -> AsyncIterator[str]:
    """Yield a month's calls as CSV, oldest first, the heading first; amounts in dollars with six decimals."""
    yield _lines([list(COLUMNS)])
    span = reports.span_of(month)
    after: tuple[datetime, UUID] | None = None
    while True:
        async with ctx.db.read() as session:
            rows = await sums.oldest_first(session, span, after=after, limit=AT_ONCE)
            people, keys = await reports.names_of(session, rows)
        if not rows:
            return
        yield _lines([_cells(reports.call_row(row, people, keys)) for row in rows])
        after = (rows[-1].created_at, rows[-1].id)


def _cells(row: CallRow) -> list[str]:
    values: tuple[object, ...] = (
        row.created_at.astimezone(UTC).isoformat(timespec="seconds"), row.call_id, row.attempt_no, row.feature,
        row.template_id, row.user_name, row.key_name, row.provider, row.model, row.tier, row.served, row.outcome,
        row.error_code, row.tokens_in, row.tokens_out, row.tokens_estimated, _usd(row.cost_micros), row.cost_known,
        _usd(row.saved_micros), row.first_token_ms, row.total_ms,
    )  # fmt: skip
    return [_safe("" if value is None else str(value)) for value in values]


def _usd(micros: int) -> str:
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _lines(rows: list[list[str]]) -> str:
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\r\n").writerows(rows)
    return sheet.getvalue()

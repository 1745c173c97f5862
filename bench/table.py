"""What a bench gives back: rows beside a reference row, and goals that can be missed."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that must not go above `limit` (both in `unit`)."""

    name: str
    measured: float
    limit: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached."""
        return self.measured <= self.limit

    def __str__(self) -> str:
        return f"{self.name}: {shown(self.measured)} {self.unit}, goal <= {shown(self.limit)} {self.unit}"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a bench. The first column names the row; `reference` is the row that the others are held against."""

    bench: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    reference: str
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = ()
    surroundings: str = field(default_factory=lambda: surroundings())

    def as_text(self) -> str:
        """Return the table as it is printed on a terminal."""
        cells = [list(self.columns), *([shown(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.columns))]
        lines = [_line(row, widths) for row in cells]
        lines.insert(1, "  ".join("-" * width for width in widths))
        met = [f"{'met   ' if goal.is_met else 'MISSED'}  {goal}" for goal in self.goals]
        return "\n".join([*lines, "", *met, *self.notes, self.surroundings])

    def as_markdown(self) -> str:
        """Return the table as it stands in docs/performance.md."""
        lines = ["| " + " | ".join(self.columns) + " |", "|" + "---|" + "--:|" * (len(self.columns) - 1)]
        lines += ["| " + " | ".join(shown(cell) for cell in row) + " |" for row in self.rows]
        goals = [f"- {'met' if goal.is_met else '**missed**'}: {goal}" for goal in self.goals]
        notes = [*self.notes, f"`python3 -m app bench {self.bench}`; {self.surroundings}"]
        return "\n".join([*lines, "", *goals, *([""] if goals else []), " ".join(notes)])

    def as_json(self) -> str:
        """Return everything, for programs."""
        goals = [{**asdict(goal), "met": goal.is_met} for goal in self.goals]
        return json.dumps({**asdict(self), "goals": goals}, indent=2, ensure_ascii=False)


def _line(cells: Iterable[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *rest]).rstrip()


def shown(cell: Cell) -> str:
    """Return a cell as it is read: three significant figures, thousands with a comma, nothing as a dash."""
    if cell is None:
        return "-"
    if isinstance(cell, str):
        return cell
    if abs(cell) >= 100 or cell == int(cell):
        return f"{cell:,.0f}"
    return f"{cell:.1f}" if abs(cell) >= 10 else f"{cell:.2f}"


def surroundings() -> str:
    """Return where this was measured, so that figures of two runs can be held beside each other."""
    load = os.getloadavg()[0]
    day = datetime.now(UTC).date().isoformat()
    return f"{day}, {os.cpu_count()} cores, load {load:.1f}, Python {platform.python_version()}, {platform.machine()}"


def write_into(document: Path, table: Table) -> None:
    """Put the table between its markers in `document`, adding them at the end where they are missing."""
    begin, end = f"<!-- bench:{table.bench} -->", f"<!-- /bench:{table.bench} -->"
    text = document.read_text("utf-8") if document.is_file() else ""
    block = f"{begin}\n{table.as_markdown()}\n{end}"
    if begin in text and end in text:
        before, _, rest = text.partition(begin)
        text = before + block + rest.partition(end)[2]
    else:
        text = f"{text.rstrip()}\n\n{block}\n"
    document.write_text(text, "utf-8")

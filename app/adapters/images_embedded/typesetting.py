"""Texts set into boxes: as large as they fit, in even lines, with the leading that their script needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from app.adapters.images_embedded.breaking import Atom, Measures, atoms_of, break_lines, line_count
from app.adapters.images_embedded.faces import Faces, Role, Script, script_of
from app.adapters.images_embedded.lettering import draw_run
from app.adapters.images_embedded.runs import Run, cleaned, runs_of
from app.core.media_ports import SetLine, SetText

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

    from app.adapters.images_embedded.palette import RGB
    from app.core.media_ports import Part

SMALLEST_SHARE, SIZE_WEIGHT, LINE_COST = 0.66, 0.9, 0.03
"""How far a text is made smaller for the sake of its line breaks, and what that weighs against them."""

Align = Literal["start", "center", "end"]


@dataclass(frozen=True, slots=True)
class Metrics:
    """Of a script, in shares of the font size: how high letters stand above the line, how deep below, and the leading
    of headlines and of running text.
    """

    top: float
    bottom: float
    headline: float
    body: float


METRICS: dict[Script, Metrics] = {
    "latn": Metrics(0.70, 0.22, 1.05, 1.40),
    "arab": Metrics(0.82, 0.36, 1.40, 1.66),
    "deva": Metrics(0.86, 0.28, 1.36, 1.60),
    "jpan": Metrics(0.86, 0.12, 1.26, 1.62),
    "hans": Metrics(0.86, 0.12, 1.26, 1.62),
    "kore": Metrics(0.86, 0.14, 1.26, 1.58),
}


@dataclass(frozen=True, slots=True)
class Block:
    """A text that was set: its lines from top to bottom, each of runs from left to right. `text` is what there was room
    for, as one line.
    """

    lines: tuple[tuple[Run, ...], ...]
    widths: tuple[float, ...]
    size: int
    script: Script
    leading: float
    text: str = ""
    part: Part = "headline"

    @property
    def width(self) -> float:
        """The width of its longest line, in pixels."""
        return max(self.widths, default=0.0)

    @property
    def height(self) -> float:
        """From the top of the first line's capitals to the foot of the last line, in pixels."""
        return _height(len(self.lines), self.script, self.leading) * self.size if self.lines else 0.0


@dataclass(frozen=True, slots=True)
class Wish:
    """How a text is to be set. Sizes are pixels of type; `accent_from`: after how many letters it is set apart."""

    role: Role
    width: float
    height: float
    largest: float
    smallest: float
    most_lines: int = 12
    accent_from: int | None = None
    part: Part = "headline"


class Typesetter:
    """Sets the texts of one picture."""

    def __init__(self, faces: Faces, locale: str) -> None:
        self._faces = faces
        self._locale = locale
        self.set: list[SetText] = []
        """What was drawn, and where it stands."""

    def script(self, text: str) -> Script:
        """Return the script that rules the text."""
        return script_of(text, self._locale)

    def fit(self, text: str, wish: Wish) -> Block:
        """Return the text set as large as it goes; what does not fit at the smallest size ends with an ellipsis."""
        script = self.script(text)
        atoms = atoms_of(cleaned(text, script, wish.role), script)
        if wish.role == "body":  # running text is not divided by sense
            atoms = [replace(atom, penalty=max(0.0, atom.penalty)) for atom in atoms]
        if wish.accent_from is not None:
            atoms = _accented(atoms, wish.accent_from)
        smallest = max(6, round(wish.smallest))
        low, high = smallest, max(smallest, round(wish.largest))
        measures = self._measured(atoms, script, wish.role)
        if not self._fits(measures, script, wish, low):
            atoms = self._cut(atoms, script, wish, low)
            measures = self._measured(atoms, script, wish.role)
            return self._set(atoms, measures, script, wish, low)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._fits(measures, script, wish, middle) else (low, middle - 1)
        return self._set(atoms, measures, script, wish, self._calmer(atoms, measures, script, wish, low))

    def _calmer(self, atoms: Sequence[Atom], measures: Measures, script: Script, wish: Wish, size: int) -> int:
        """Return a somewhat smaller size where the lines then break at better places."""
        if wish.most_lines == 1 or wish.role == "body":
            return size
        best, chosen = 9.0, size
        for tried in range(size, max(round(wish.smallest), round(size * SMALLEST_SHARE)) - 1, -1):
            _, cost = self._broken(atoms, measures, script, wish, tried)
            cost += SIZE_WEIGHT * (1 - tried / size)
            if cost < best:
                best, chosen = cost, tried
        return chosen

    def _broken(
        self, atoms: Sequence[Atom], measures: Measures, script: Script, wish: Wish, size: int
    ) -> tuple[list[list[int]], float]:
        """Return the best lines: as few as can be, or one or two more where they then break at better places."""
        if not atoms:
            return [], 0.0
        limit = wish.width / size
        fewest = line_count(measures, limit)
        more = 0 if wish.role == "body" else 2
        most = max(fewest, min(fewest + more, wish.most_lines, most_lines(script, wish, size)))
        found = [break_lines(atoms, measures, limit=limit, count=count) for count in range(fewest, most + 1)]
        return min(((rows, cost + LINE_COST * len(rows)) for rows, cost in found), key=lambda one: one[1])

    def draw(
        self, canvas: ImageDraw, block: Block, x: float, y: float, *, ink: RGB, accent: RGB, align: Align, width: float
    ) -> None:
        """Draw the block with the top of its capitals at `y`, in a column that begins at `x` and is `width` wide.

        "start" is the right where the text is read from there.
        """
        metrics, rtl = METRICS[block.script], block.script == "arab"
        baseline = y + metrics.top * block.size
        drawn: list[SetLine] = []
        side = {"start": "right" if rtl else "left", "end": "left" if rtl else "right", "center": "center"}[align]
        for line, long in zip(block.lines, block.widths, strict=True):
            at = x + {"left": 0.0, "center": (width - long) / 2, "right": width - long}[side]
            head, foot = baseline - metrics.top * block.size, baseline + metrics.bottom * block.size
            for is_accent, runs in groupby(line, key=lambda run: run.accent):
                color, began = accent if is_accent else ink, at
                for run in runs:
                    draw_run(canvas, self._faces, run, size=block.size, x=at, baseline=baseline, color=color)
                    at += self._faces.width(run.face, run.text, rtl=run.rtl) * block.size
                drawn.append(SetLine((began, head, at, foot), f"#{bytes(color).hex()}"))
            baseline += block.leading * block.size
        self.set.append(SetText(block.part, block.text, tuple(drawn)))

    def _measured(self, atoms: Sequence[Atom], script: Script, role: Role) -> Measures:
        """Return the measures of the atoms in shares of the size."""
        space, hyphen = (self._width([(text, False)], script, role) for text in (" ", "-"))
        return Measures(
            widths=tuple(self._width([(atom.text, atom.accent)], script, role) for atom in atoms),
            spaces=tuple(space if atom.spaced else 0.0 for atom in atoms),
            tails=tuple(hyphen if atom.hyphen else 0.0 for atom in atoms),
        )

    def _width(self, pieces: Sequence[tuple[str, bool]], script: Script, role: Role) -> float:
        return sum(self._faces.width(run.face, run.text, rtl=run.rtl) for run in runs_of(pieces, script, role))

    def _fits(self, measures: Measures, script: Script, wish: Wish, size: int) -> bool:
        count = line_count(measures, wish.width / size)
        return count <= min(wish.most_lines, most_lines(script, wish, size))

    def _set(self, atoms: Sequence[Atom], measures: Measures, script: Script, wish: Wish, size: int) -> Block:
        limit = wish.width / size
        rows = self._broken(atoms, measures, script, wish, size)[0]
        most = max(1, min(wish.most_lines, most_lines(script, wish, size)))
        lines = [_pieces([atoms[at] for at in row]) for row in rows]
        texts = [_text([atoms[at] for at in row]) for row in rows]
        if len(lines) > most:
            lines = [*lines[: most - 1], self._shortened(lines[most - 1], script, wish.role, limit)]
            texts = [*texts[: most - 1], lines[-1][0][0]]
        runs = [tuple(runs_of(line, script, wish.role)) for line in lines]
        widths = [self._width(line, script, wish.role) * size for line in lines]
        text = "".join(texts).strip()
        return Block(tuple(runs), tuple(widths), size, script, _leading(script, wish.role), text, wish.part)

    def _shortened(
        self, line: list[tuple[str, bool]], script: Script, role: Role, limit: float
    ) -> list[tuple[str, bool]]:
        text, accent = "".join(piece for piece, _ in line).rstrip(" ,.;:、。"), line[0][1]
        while text and self._width([(text + "…", accent)], script, role) > limit:
            text = text[:-1].rstrip()
        return [(text + "…", accent)]

    def _cut(self, atoms: Sequence[Atom], script: Script, wish: Wish, size: int) -> list[Atom]:
        """Cut atoms that are wider than a line even at the smallest size."""
        limit = wish.width / size
        whole: list[Atom] = []
        for atom in atoms:
            rest = atom.text
            while len(rest) > 1 and self._width([(rest, atom.accent)], script, wish.role) > limit:
                take = self._most(rest, script, wish.role, limit)
                whole.append(replace(atom, text=rest[:take] + ("-" if script == "latn" else ""), spaced=False))
                rest = rest[take:]
            whole.append(replace(atom, text=rest))
        return whole

    def _most(self, text: str, script: Script, role: Role, limit: float) -> int:
        """Return how many letters of a text fit before a hyphen, at least one."""
        for count in range(len(text) - 1, 1, -1):
            if self._width([(text[:count] + "-", False)], script, role) <= limit:
                return count
        return 1


def most_lines(script: Script, wish: Wish, size: int) -> int:
    """Return how many lines of a size the wish's height holds."""
    metrics = METRICS[script]
    room = wish.height / size - metrics.top - metrics.bottom
    return 0 if room < 0 else 1 + int(room / _leading(script, wish.role) + 1e-9)


def _pieces(atoms: Sequence[Atom]) -> list[tuple[str, bool]]:
    pieces: list[tuple[str, bool]] = []
    for at, atom in enumerate(atoms):
        last = at == len(atoms) - 1
        text = atom.text + ("-" if atom.hyphen and last else " " if atom.spaced and not last else "")
        if pieces and pieces[-1][1] == atom.accent:
            pieces[-1] = (pieces[-1][0] + text, atom.accent)
        else:
            pieces.append((text, atom.accent))
    return pieces


def _text(atoms: Sequence[Atom]) -> str:
    """Return the atoms as they are read: a line's end adds nothing."""
    return "".join(atom.text + (" " if atom.spaced else "") for atom in atoms)


def _accented(atoms: Sequence[Atom], start: int) -> list[Atom]:
    """Mark the atoms after so many letters, and wish for a line to begin there."""
    seen, marked = 0, []
    for atom in atoms:
        accent = seen >= start
        seen += len(atom.text)
        marked.append(replace(atom, accent=accent, penalty=-1.5 if not accent and seen >= start else atom.penalty))
    return marked


def _leading(script: Script, role: Role) -> float:
    metrics = METRICS[script]
    return metrics.headline if role in ("headline", "italic", "display") else metrics.body


def _height(lines: int, script: Script, leading: float) -> float:
    metrics = METRICS[script]
    return metrics.top + metrics.bottom + (lines - 1) * leading

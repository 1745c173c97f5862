"""Says in plain words what is going on: on a terminal one moving line, elsewhere one line per finished stage."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

WHEEL = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
TICK_S = 0.1
HEARTBEAT_S = 10.0


class Stage:
    """One thing that is being done; `detail` may be set from any thread to say how far it is."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.detail = ""
        self.began_s = time.monotonic()
        self.said_s = self.began_s

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self.began_s

    def __str__(self) -> str:
        return f"{self.title}{f' ({self.detail})' if self.detail else ''}"


class Progress:
    """Stages as lines. Stages may overlap; closing ends the moving line."""

    def __init__(self, stream: TextIO | None = None, *, moving: bool | None = None, ticking: bool = True) -> None:
        self.stream = stream or sys.stdout
        self.moving = self.stream.isatty() if moving is None else moving
        self.began_s = time.monotonic()
        self._running: list[Stage] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._ticking = ticking  # else the owner calls draw() itself: a thread does not go well with fork
        self._ticker: threading.Thread | None = None
        self._turn = 0

    def say(self, text: str) -> None:
        """Print a line of its own."""
        with self._lock:
            self._erase()
            self._write(text + "\n")

    @contextmanager
    def stage(self, title: str) -> Iterator[Stage]:
        """Show `title` as running until the block ends, then its seconds; a failed one is marked."""
        stage = self.begin(title)
        try:
            yield stage
        except BaseException:
            self.end(stage, mark="✗")
            raise
        self.end(stage)

    def begin(self, title: str) -> Stage:
        """Show `title` as running."""
        stage = Stage(title)
        with self._lock:
            self._running.append(stage)
        if self._ticking and self._ticker is None:
            self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
            self._ticker.start()
        return stage

    def end(self, stage: Stage, *, mark: str = "✓") -> None:
        """Show `stage` as done, with its seconds."""
        with self._lock:
            self._running.remove(stage)
            self._erase()
            self._write(f"  {self._plain(mark)} {stage!s:<58} {stage.seconds:5.1f} s\n")

    def draw(self) -> None:
        """Redraw the moving line, or on a plain stream say now and then what still runs."""
        with self._lock:
            if self.moving:
                self._draw()
            else:
                self._heartbeat()

    def close(self) -> None:
        """End the moving line."""
        self._ended.set()
        if self._ticker:
            self._ticker.join()
        with self._lock:
            self._erase()

    def _tick(self) -> None:
        while not self._ended.wait(TICK_S):
            self.draw()

    def _draw(self) -> None:
        if not self._running:
            return
        self._turn += 1
        text = " · ".join(f"{stage} {stage.seconds:.0f} s" for stage in self._running)
        width = 76
        self._erase()
        self._write(f"  {WHEEL[self._turn % len(WHEEL)]} {text[:width]}")

    def _heartbeat(self) -> None:
        for stage in self._running:
            if time.monotonic() - stage.said_s >= HEARTBEAT_S:
                stage.said_s = time.monotonic()
                self._write(f"  … {stage}, {stage.seconds:.0f} s so far\n")

    def _erase(self) -> None:
        if self.moving:
            self._write("\r\x1b[K")

    def _plain(self, mark: str) -> str:
        encoding = (getattr(self.stream, "encoding", None) or "ascii").lower()
        return mark if "utf" in encoding else {"✓": "+", "✗": "x"}[mark]

    def _write(self, text: str) -> None:
        encoding = getattr(self.stream, "encoding", None) or "ascii"
        self.stream.write(text.encode(encoding, "replace").decode(encoding))
        self.stream.flush()

"""Progress: one line per stage, a moving line on a terminal only."""

from __future__ import annotations

import io

import pytest

from app.setup import progress as module
from app.setup.progress import Progress


class Screen(io.StringIO):
    encoding = "utf-8"


def test_a_finished_stage_is_one_line_with_its_seconds() -> None:
    stream = Screen()
    progress = Progress(stream, moving=False)

    with progress.stage("Preparing the database"):
        pass
    progress.close()

    line = stream.getvalue()
    assert line.startswith("  ✓ Preparing the database ")
    assert line.endswith(" s\n")
    assert 1 == line.count("\n")


def test_a_failed_stage_is_marked() -> None:
    stream = Screen()
    progress = Progress(stream, moving=False)

    with pytest.raises(ValueError), progress.stage("Building the screen"):
        raise ValueError
    progress.close()

    assert "✗ Building the screen" in stream.getvalue()


def test_a_plain_stream_hears_now_and_then_what_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_S", 0)
    stream = Screen()
    progress = Progress(stream, moving=False, ticking=False)
    stage = progress.begin("Building the screen")
    stage.detail = "bundling"

    progress.draw()

    assert "… Building the screen (bundling)" in stream.getvalue()


def test_a_terminal_sees_all_that_runs_on_one_moving_line() -> None:
    stream = Screen()
    progress = Progress(stream, moving=True, ticking=False)
    progress.begin("One")
    progress.begin("Two")

    progress.draw()

    assert "One 0 s · Two 0 s" in stream.getvalue()
    assert "\n" not in stream.getvalue()


def test_a_stream_that_knows_ascii_only_is_not_broken_by_a_mark() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    progress = Progress(stream, moving=False)

    with progress.stage("Preparing"):
        pass
    progress.close()

    assert b"+ Preparing" in raw.getvalue()

"""The supervisor's judgement of children that do not stay up, however slowly they fail."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.commands.run import STARTS, Watch
from app.setup.progress import Progress


@pytest.fixture
def printed() -> io.StringIO:
    """What it has printed."""
    return io.StringIO()


@pytest.fixture
def watch(tmp_path: Path, printed: io.StringIO) -> Watch:
    """A Watch without a library under it: nothing is started."""
    watch = Watch(SimpleNamespace(mood=1), settings=None, logs=tmp_path)
    watch.progress = Progress(printed, ticking=False)
    return watch


def ended(name: str) -> SimpleNamespace:
    """The library's event for a child that ran longer than `startsecs` and ended by itself."""
    return SimpleNamespace(process=SimpleNamespace(config=SimpleNamespace(name=name)))


def test_a_child_that_fails_slowly_is_given_up_too(watch: Watch, printed: io.StringIO) -> None:
    codes = []
    for _ in range(STARTS):
        watch.child_ended(ended("web"))
        codes.append(watch.exit_code)

    assert codes == [0] * (STARTS - 1) + [1]
    assert "The web process does not stay up" in printed.getvalue()


def test_once_ready_a_dead_child_comes_back_however_often(watch: Watch) -> None:
    watch.ready = True
    for _ in range(3 * STARTS):
        watch.child_ended(ended("worker"))

    assert 0 == watch.exit_code

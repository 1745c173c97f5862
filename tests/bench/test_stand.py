"""A bench's processes work on data of their own, whatever the environment of whoever runs it names."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.stand import child
from tests.patience import PATIENCE_S


def test_a_child_takes_no_setting_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GALLEY_DATABASE_URL", "postgresql+asyncpg://somebody")
    monkeypatch.setenv("ELSEWHERE", "kept")
    code = "import os; print(sorted(n for n in os.environ if n.startswith(('GALLEY_', 'ELSEWHERE'))))"
    log = tmp_path / "log"
    with child([sys.executable, "-c", code], log=log, GALLEY_PORT="1") as process:
        process.wait(PATIENCE_S)

    assert log.read_text().strip() == "['ELSEWHERE', 'GALLEY_PORT']"

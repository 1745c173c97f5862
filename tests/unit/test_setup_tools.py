"""Tools of setting up: output kept, failure in plain words, nothing left running."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from app.setup import places
from app.setup.refusal import PREFIX, Refusal
from app.setup.tools import Tools, explain


@pytest.fixture(autouse=True)
def logs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(places, "LOGS", tmp_path)
    return tmp_path


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z" if Path("/proc").is_dir() else True


def test_output_goes_to_the_log_and_line_by_line_to_the_caller(logs: Path) -> None:
    lines: list[str] = []

    Tools().run(python("print('one'); print('two')"), name="counting", on_line=lines.append)

    assert ["one", "two"] == lines
    assert "one\ntwo\n" == (logs / "counting.log").read_text()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("npm error code ENOSPC", "is full"),
        ("write failed: No space left on device (os error 28)", "is full"),
        ("npm error code ENOTFOUND", "cannot be reached"),
        ("error sending request for url: dns error: failed to lookup address", "cannot be reached"),
        ("Connection refused\nERROR: No matching distribution found for uv", "cannot be reached"),
        ("SSLError(CERTIFICATE_VERIFY_FAILED) Connection refused", "certificate is not trusted"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "not the one that was locked"),
        ("npm error code EINTEGRITY", "not the one that was locked"),
        ("ERROR: No matching distribution found for uv==0.13.9", "no ready-made build"),
        ("something else\nthe last line", "the last line"),
    ],
)
def test_a_failure_is_explained_in_plain_words(logs: Path, said: str, reason: str) -> None:
    with pytest.raises(Refusal, match=reason) as caught:
        Tools().run(python(f"print({said!r}); raise SystemExit(3)"), name="failing")

    assert "\n" not in caught.value.reason


def test_a_refusal_of_one_of_our_own_commands_is_passed_on_as_it_is(logs: Path) -> None:
    said = f"a warning\n{PREFIX}{Refusal('The database is newer.', 'start the newer version')}\n"

    refusal = explain("migrate", 1, said, logs / "migrate.log")

    assert ("The database is newer.", "start the newer version") == (refusal.reason, refusal.way_out)


def test_a_stop_ends_a_tool_with_its_grandchildren(logs: Path) -> None:
    tools = Tools()
    noted = logs / "grandchild"
    code = (
        "import subprocess, sys, pathlib, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(noted)!r}).write_text(str(child.pid))\n"
        "time.sleep(60)"
    )
    failures: list[Refusal] = []

    def run() -> None:
        try:
            tools.run(python(code), name="long")
        except Refusal as refusal:
            failures.append(refusal)

    running = threading.Thread(target=run)
    running.start()
    while not (noted.is_file() and noted.read_text()):
        time.sleep(0.02)
    grandchild = int(noted.read_text())

    tools.stop()
    running.join(10)

    assert not running.is_alive()
    assert not is_alive(grandchild)
    assert 1 == len(failures)


def test_after_a_stop_no_tool_is_started() -> None:
    tools = Tools()
    tools.stop()

    with pytest.raises(Refusal, match="Stopped"):
        tools.run(python("print()"), name="late")


def test_a_tool_that_does_not_exist_is_a_refusal() -> None:
    with pytest.raises(Refusal, match="cannot be started"):
        Tools().run(["/nowhere/at/all"], name="absent")

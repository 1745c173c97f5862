"""Programs run within limits. Each child here is a real one, most of them this Python."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.adapters.limited_child import (
    ChildCrashed,
    ChildFailed,
    ChildMissing,
    ChildOutOfMemory,
    ChildOverCpu,
    ChildTimedOut,
    ChildTooLoud,
    Finished,
    OnOutput,
    run_limited,
)
from tests.patience import PATIENCE_S


async def _python(
    code: str,
    *,
    stdin: bytes | AsyncIterator[bytes] = b"",
    timeout_s: float = PATIENCE_S,
    memory_mb: int = 256,
    cpu_s: int = 10,
    output_mb: int = 1,
    cwd: Path | None = None,
    on_output: OnOutput | None = None,
) -> Finished:
    return await run_limited(
        [sys.executable, "-I", "-S", "-c", code], stdin=stdin, timeout_s=timeout_s, memory_mb=memory_mb, cpu_s=cpu_s,
        output_mb=output_mb, cwd=cwd, on_output=on_output,
    )  # fmt: skip


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def _ends(pid: int) -> bool:
    for _ in range(100):
        if not _is_running(pid):
            return True
        await asyncio.sleep(0.05)
    return False


async def test_what_a_program_says_comes_back() -> None:
    finished = await _python(
        "import sys; sys.stdout.write(sys.stdin.read()[::-1]); sys.stderr.write('hm'); sys.exit(3)", stdin=b"abc"
    )

    assert finished == Finished(3, b"cba", b"hm")


async def test_no_shell_reads_the_command() -> None:
    finished = await run_limited(
        ["echo", "$HOME; ls", "`id`"], timeout_s=PATIENCE_S, memory_mb=100, cpu_s=5, output_mb=1
    )  # fmt: skip

    assert finished.stdout == b"$HOME; ls `id`\n"


async def test_a_bomb_of_memory_goes_off_in_the_child() -> None:
    with pytest.raises(ChildOutOfMemory):
        await _python("b = bytearray(2**31)", memory_mb=200)


async def test_an_endless_loop_ends_with_its_processor_time() -> None:
    with pytest.raises(ChildOverCpu):
        await _python("while True: pass", cpu_s=1)


async def test_a_program_that_sleeps_ends_at_the_wall_clock() -> None:
    began = time.monotonic()
    with pytest.raises(ChildTimedOut) as failed:
        await _python("import sys, time; print('why', file=sys.stderr, flush=True); time.sleep(60)", timeout_s=3.0)

    assert time.monotonic() - began < 5
    assert failed.value.stderr == b"why\n"


async def test_endless_output_ends_the_program() -> None:
    with pytest.raises(ChildTooLoud):
        await _python("while True: print('x' * 1000)", output_mb=1)


async def test_of_endless_complaints_the_end_is_kept() -> None:
    finished = await _python("import sys; sys.stderr.write('x' * 3_000_000 + 'end')")

    assert len(finished.stderr) == 65_536
    assert finished.stderr.endswith(b"xend")


async def test_a_file_beyond_the_limit_ends_the_program(tmp_path: Path) -> None:
    with pytest.raises(ChildTooLoud):
        await _python("open('f', 'wb').write(bytes(3_000_000))", output_mb=1, cwd=tmp_path)

    assert (tmp_path / "f").stat().st_size == 1_048_576


async def test_files_can_only_be_opened_in_numbers() -> None:
    finished = await _python("import os; fs = [os.dup(0) for _ in range(100)]")

    assert finished.code == 1
    assert b"Too many open files" in finished.stderr


async def test_a_crash_leaves_no_core() -> None:
    with pytest.raises(ChildCrashed):
        await _python("import os; os.abort()")
    finished = await _python("import resource; print(resource.getrlimit(resource.RLIMIT_CORE))")

    assert finished.stdout == b"(0, 0)\n"


async def test_a_missing_program_is_missing() -> None:
    for absent in ("no-such-program", "/nowhere/at/all", "/etc/passwd"):
        with pytest.raises(ChildMissing):
            await run_limited([absent], timeout_s=PATIENCE_S, memory_mb=100, cpu_s=5, output_mb=1)


async def test_a_file_that_is_no_program_is_missing(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF and nothing more")
    broken.chmod(0o700)
    with pytest.raises(ChildMissing):
        await run_limited([broken], timeout_s=PATIENCE_S, memory_mb=100, cpu_s=5, output_mb=1)


async def test_the_environment_stays_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALLEY_MASTER_KEY", "secret")
    finished = await run_limited(["env"], timeout_s=PATIENCE_S, memory_mb=100, cpu_s=5, output_mb=1, env={"ONE": "1"})
    names = {line.partition("=")[0] for line in finished.stdout.decode().split()}

    assert names == {"PATH", "LANG", "HOME", "TMPDIR", "ONE"}


async def test_the_folder_is_its_own_and_goes_with_it() -> None:
    finished = await _python("import os; open('left', 'w').close(); print(os.getcwd(), os.listdir())")
    folder, _, files = finished.stdout.decode().strip().partition(" ")

    assert files == "['left']"
    assert folder not in ("", str(Path.cwd()))
    assert not Path(folder).exists()


async def test_cancelling_kills_the_program_and_what_it_started(tmp_path: Path) -> None:
    code = (
        "import os, subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('pids.part', 'w').write(f'{os.getpid()} {p.pid}'); os.rename('pids.part', 'pids'); time.sleep(60)\n"
    )
    task = asyncio.create_task(_python(code, cwd=tmp_path, timeout_s=60))
    while not (tmp_path / "pids").exists():
        await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    for pid in (tmp_path / "pids").read_text().split():
        assert await _ends(int(pid))


async def test_a_program_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from app.adapters.limited_child import run_limited\n"
        "child = 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'\n"
        "async def show(chunk): print(chunk.decode().strip(), flush=True)\n"
        "limits = dict(timeout_s=60, memory_mb=200, cpu_s=9, output_mb=1)\n"
        "asyncio.run(run_limited([sys.executable, '-c', child], **limits, on_output=show))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert await _ends(pid)


async def test_input_streams_in_and_output_streams_out() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for letter in b"abc":
            yield bytes([letter]) * 300_000

    heard: list[int] = []

    async def hear(chunk: bytes) -> None:
        heard.append(len(chunk))

    finished = await run_limited(
        ["cat"], stdin=pieces(), timeout_s=PATIENCE_S, memory_mb=100, cpu_s=5, output_mb=1, on_output=hear
    )

    assert sum(heard) == 900_000
    assert len(heard) > 3
    assert finished == Finished(0, b"", b"")


async def test_what_a_listener_raises_ends_the_program() -> None:
    class Enough(Exception):
        pass

    pids: list[int] = []

    async def hear(chunk: bytes) -> None:
        pids.append(int(chunk))
        raise Enough

    with pytest.raises(Enough):
        await _python("import os, time; print(os.getpid(), flush=True); time.sleep(60)", on_output=hear)

    assert await _ends(pids[0])


async def test_a_program_that_reads_nothing_may_end() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(65_536)

    finished = await run_limited(["true"], stdin=endless(), timeout_s=PATIENCE_S, memory_mb=100, cpu_s=5, output_mb=1)

    assert finished.code == 0


async def test_a_timeout_of_the_callers_own_is_told_as_it_is() -> None:
    async def late() -> AsyncIterator[bytes]:
        yield b"x"
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await run_limited(["cat"], stdin=late(), timeout_s=PATIENCE_S, memory_mb=100, cpu_s=5, output_mb=1)


def test_every_failure_is_one_kind() -> None:
    kinds = (ChildMissing, ChildTimedOut, ChildOverCpu, ChildOutOfMemory, ChildTooLoud, ChildCrashed)

    assert all(issubclass(kind, ChildFailed) for kind in kinds)


async def test_a_child_gives_way_to_its_session_and_is_a_group_of_its_own() -> None:
    code = "import os; print(os.getpid() == os.getpgid(0), os.getsid(0), os.nice(0))"
    finished = await _python(code)

    own_group, session, niceness = finished.stdout.split()
    assert (own_group, int(session)) == (b"True", os.getsid(0))
    assert int(niceness) == min(os.nice(0) + 10, 19)


def test_it_runs_in_the_loop_of_the_web_process_too() -> None:
    uvloop = pytest.importorskip("uvloop")

    assert uvloop.run(_python("print('there')")).stdout == b"there\n"

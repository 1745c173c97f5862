"""Runs a program that reads or makes what nobody has checked (ffmpeg, espeak-ng, a parser), within limits.

    address space · CPU · size of each file · open files · wall clock · size of what it prints
    no shell, no core dump, a session and a temporary folder of its own, next to no environment

The whole process group is killed at the wall clock, at cancellation, and with the process that started it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterable, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.adapters.limited_child_start import CANNOT_START

MB = 1_048_576
CHUNK_BYTES = 65_536
WIDE_PIPE_BYTES = 1_048_576  # what Linux lets any user have, pipe(7)
KEPT_STDERR_BYTES = 65_536  # of the end: that is where a program says why it stops
REAPING_S = 5.0
START = Path(__file__).with_name("limited_child_start.py")
SIGNS_OF_A_FULL_FILE = (b"File too large",)  # EFBIG, in a program that outlives SIGXFSZ
SIGNS_OF_NO_TIME = (b"received signal 24",)  # ffmpeg catches SIGXCPU, says so, and ends by itself
SIGNS_OF_NO_MEMORY = (b"Cannot allocate memory", b"MemoryError", b"bad_alloc", b"out of memory", b"Out of memory")

OnOutput = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that came to its own end; `code` is not 0 where it failed. `stderr` is the end of it."""

    code: int
    stdout: bytes = field(repr=False)
    stderr: bytes = field(repr=False)


class ChildFailed(Exception):
    """A program that did not come to its own end. `stderr` is the end of what it said: for people who debug, not users.

    ChildFailed
     ├─ ChildMissing       there is no such program, or it cannot be started here
     ├─ ChildTimedOut      the wall clock ran out
     ├─ ChildOverCpu       it computed longer than allowed
     ├─ ChildOutOfMemory   it wanted more memory than allowed
     ├─ ChildTooLoud       it printed more, or wrote a larger file, than allowed
     └─ ChildCrashed       it was ended by another signal
    """

    def __init__(self, program: str, stderr: bytes = b"") -> None:
        self.program = program
        self.stderr = stderr
        super().__init__(f"{type(self).__name__}: {program}")


class ChildMissing(ChildFailed):
    """There is no such program, or it cannot be started here."""


class ChildTimedOut(ChildFailed):
    """The wall clock ran out."""


class ChildOverCpu(ChildFailed):
    """It computed longer than allowed."""


class ChildOutOfMemory(ChildFailed):
    """It wanted more memory than allowed."""


class ChildTooLoud(ChildFailed):
    """It printed more, or wrote a larger file, than allowed."""


class ChildCrashed(ChildFailed):
    """It was ended by a signal that no limit of ours sends: a fault of its own, or a machine out of memory."""


async def run_limited(
    command: Sequence[str | Path],
    *,
    stdin: bytes | AsyncIterable[bytes] = b"",
    timeout_s: float,
    memory_mb: int,
    cpu_s: int,
    output_mb: int,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    on_output: OnOutput | None = None,
) -> Finished:
    """Run `command` to its end and return what it said; without `cwd` in a folder that is removed afterwards.

    `output_mb` limits stdout and each written file. `stdin` may be a stream, read only as fast as the program takes it.
    With `on_output`, stdout goes there piece by piece and is not kept; what it raises ends the program and is raised.
    The program sees no environment but PATH, LANG, HOME, TMPDIR and `env`.

    Raises:
        ChildFailed: one of its kinds; a code other than 0 is the caller's to judge.
    """
    program = _found(str(command[0]))
    most_bytes = output_mb * MB
    limits = [str(number) for number in (os.getpid(), memory_mb * MB, max(cpu_s, 1), most_bytes)]
    with _folder(cwd) as folder:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", str(START), *limits, program, *map(str, command[1:]),
            stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=folder, env=_environment(folder, env),
        )  # fmt: skip
        pipes = _Pipes(process, Path(program).name, stdin, on_output, most_bytes)
        try:
            async with asyncio.timeout(timeout_s) as clock:
                await pipes.run()
                code = await process.wait()
        except TimeoutError:
            if not clock.expired():  # not ours: one of the caller's own, from `stdin` or `on_output`
                raise
            raise ChildTimedOut(pipes.program, bytes(pipes.stderr)) from None
        finally:
            await _end(process)
    return pipes.judge(code)


def _found(name: str) -> str:
    program = shutil.which(name)
    if program is None:
        raise ChildMissing(Path(name).name)
    return os.path.abspath(program)  # noqa: PTH100 - resolve() would follow the link that makes a venv's python one


def _environment(folder: Path, env: Mapping[str, str] | None) -> dict[str, str]:
    place = str(folder)
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": place,
        "TMPDIR": place,
        **(env or {}),
    }


@contextlib.contextmanager
def _folder(cwd: Path | None) -> Iterator[Path]:
    if cwd is not None:
        yield cwd
        return
    with tempfile.TemporaryDirectory(prefix="galley-", ignore_cleanup_errors=True) as made:
        yield Path(made)


async def _end(process: Process) -> None:
    """Kill what is left of the group; killed processes are collected, but not waited for without end."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        process.kill()  # where it had not come to make its group
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(_empty(process.stdout), _empty(process.stderr)), REAPING_S)
        await asyncio.wait_for(process.wait(), REAPING_S)


async def _empty(pipe: asyncio.StreamReader | None) -> None:
    """Read to the end: a pipe that nobody reads never learns that the other side is gone, and stays open."""
    while pipe is not None and await pipe.read(CHUNK_BYTES):
        pass


def _widen(pipe: asyncio.StreamWriter) -> None:
    """Let a stream go over in larger pieces: a frame of 6 MB would take the event loop a hundred turns."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # beyond the user's share of pipe memory it stays as it is
            fcntl.fcntl(pipe.transport.get_extra_info("pipe"), fcntl.F_SETPIPE_SZ, WIDE_PIPE_BYTES)


class _Pipes:
    """What goes into one program and comes out of it, bounded."""

    def __init__(
        self, process: Process, program: str, stdin: bytes | AsyncIterable[bytes], on_output: OnOutput | None, most: int
    ) -> None:
        self._process = process
        self._stdin = stdin
        self._on_output = on_output
        self._most_bytes = most
        self.program = program
        self.stdout = bytearray()
        self.stderr = bytearray()

    async def run(self) -> None:
        """Feed and read until the program closes its outputs; the first failure ends all three."""
        feeding = asyncio.ensure_future(self._feed())
        reading = [asyncio.ensure_future(self._read_stdout()), asyncio.ensure_future(self._read_stderr())]
        try:
            waiting = {feeding, *reading}
            while any(not task.done() for task in reading):  # a program that ends early takes no more input
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in (feeding, *reading):
                task.cancel()
            await asyncio.gather(feeding, *reading, return_exceptions=True)

    async def _feed(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            if isinstance(self._stdin, bytes):
                pipe.write(self._stdin)
            else:
                _widen(pipe)
                async for chunk in self._stdin:
                    for start in range(0, len(chunk), WIDE_PIPE_BYTES):
                        pipe.write(memoryview(chunk)[start : start + WIDE_PIPE_BYTES])
                        await pipe.drain()
            await pipe.drain()
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has read what it wanted
        finally:
            pipe.close()

    async def _read_stdout(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        size_bytes = 0
        while chunk := await pipe.read(CHUNK_BYTES):
            size_bytes += len(chunk)
            if size_bytes > self._most_bytes:
                raise ChildTooLoud(self.program, bytes(self.stderr))
            if self._on_output is None:
                self.stdout += chunk
            else:
                await self._on_output(chunk)

    async def _read_stderr(self) -> None:
        pipe = self._process.stderr
        assert pipe is not None
        while chunk := await pipe.read(CHUNK_BYTES):
            self.stderr += chunk
            del self.stderr[:-KEPT_STDERR_BYTES]

    def judge(self, code: int) -> Finished:
        """Return what the program said, or raise what ended it."""
        stderr = bytes(self.stderr)
        if code == CANNOT_START and stderr.startswith(b"cannot start: "):
            raise ChildMissing(self.program, stderr)
        for failed, deadly, signs in (
            (ChildOutOfMemory, None, SIGNS_OF_NO_MEMORY),
            (ChildOverCpu, -signal.SIGXCPU, SIGNS_OF_NO_TIME),
            (ChildTooLoud, -signal.SIGXFSZ, SIGNS_OF_A_FULL_FILE),
        ):
            if code == deadly or (code != 0 and any(sign in stderr for sign in signs)):
                raise failed(self.program, stderr)
        if code < 0:
            raise ChildCrashed(self.program, stderr)
        return Finished(code, bytes(self.stdout), stderr)

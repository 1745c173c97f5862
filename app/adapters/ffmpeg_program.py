"""Where ffmpeg is, and how it is run: always as a limited child, and never reaching past files and pipes.

The program in the imageio-ffmpeg wheel is a GPL build: it is run as a process of its own, never linked.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Sequence
from functools import lru_cache
from pathlib import Path

from app.adapters.limited_child import Finished, OnOutput, run_limited

MEMORY_MB = 2048  # address space: encoding 1080p with two threads maps 1.1 GB of it and touches a third [measured]
QUIET = ("-hide_banner", "-nostdin", "-loglevel", "error")
ONLY_FILES = ("-protocol_whitelist", "file,pipe")  # an option of inputs: playlists and the like lead nowhere


@lru_cache(maxsize=1)
def ffmpeg_path() -> str:
    """Return the path of the program.

    Raises:
        RuntimeError: there is none for this machine.
    """
    from imageio_ffmpeg import get_ffmpeg_exe  # type: ignore[import-untyped]  # it ships no types

    return str(get_ffmpeg_exe())


async def run_ffmpeg(
    arguments: Sequence[str | Path],
    *,
    timeout_s: float,
    output_mb: int,
    cwd: Path | None = None,
    stdin: bytes | AsyncIterable[bytes] = b"",
    on_output: OnOutput | None = None,
    quiet: bool = True,
    memory_mb: int = MEMORY_MB,
) -> Finished:
    """Run it; its processor time is limited to what two processors could give within `timeout_s`.

    Raises:
        ChildFailed: one of its kinds.
    """
    return await run_limited(
        [ffmpeg_path(), *(QUIET if quiet else QUIET[:2]), *arguments],
        stdin=stdin,
        timeout_s=timeout_s,
        memory_mb=memory_mb,
        cpu_s=int(timeout_s * 2) + 1,
        output_mb=output_mb,
        cwd=cwd,
        on_output=on_output,
    )

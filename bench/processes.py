"""What a process has used, read from /proc (Linux): processor time and memory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory and the proportional share of it (shared pages divided among their users), in MiB."""

    resident_mib: float
    proportional_mib: float


def cpu_s(process: int) -> float:
    """Return the processor seconds that `process` has used, in user and system mode."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> Memory:
    """Return the memory that `process` holds now."""
    kib = {"Rss:": 0, "Pss:": 0}
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        name, *rest = line.split()
        if name in kib:
            kib[name] = int(rest[0])
    return Memory(kib["Rss:"] * 1024 / MIB, kib["Pss:"] * 1024 / MIB)


def children(process: int) -> list[int]:
    """Return the processes that `process` has started and that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def descendants(process: int) -> list[int]:
    """Return all that `process` has started, and what those have started."""
    below = children(process)
    return below + [deeper for child in below for deeper in descendants(child)]

"""`python3 -m app bench NAME`: finds a bench by name, runs it, prints, keeps and judges its table."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from bench.awake import REST_S, awake, rest_costs_us
from bench.table import Table, write_into

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "performance.md"
SETTLE_S = 2.0


@dataclass(frozen=True, slots=True)
class Bench:
    """A bench: the module under bench/ whose `measure() -> Table` runs it, and what it asks."""

    module: str
    question: str


BENCHES = {
    "first-token": Bench("first_token", "How much later does the first token come than from the provider itself?"),
    "gateway": Bench("gateway", "What does the door for programs add to a provider: time, throughput, processor?"),
    "failover": Bench("failover", "What does a reader notice when a provider fails, fault by fault?"),
    "cpu-per-token": Bench("cpu_per_token", "How much processor time does a streamed token cost?"),
    "memory": Bench("memory", "How much memory does the web process hold, idle and with many streams?"),
    "start": Bench("start", "How long from the command to the first page, cold and warm?"),
    "page-weight": Bench("page_weight", "How much does the first page move and how soon is it usable?"),
    "routing": Bench("routing", "How much of a strong model's quality is had for how much of its cost?"),
    "catalogue": Bench("catalogue", "How long do the templates take to load, and the checks to run?"),
    "cost": Bench("cost", "What do requests cost, per thousand and per user and month, under three policies?"),
    "cache": Bench("cache", "How often is an earlier answer served, how often the wrong one, how quickly?"),
    "media": Bench("media", "How soon is a picture, a sound or a clip asked for, begun and made?"),
    "told": Bench("media_told", "How soon do open tabs and programs see that a job has ended, and nobody else?"),
    "redaction": Bench("redaction", "How much personal data is hidden from a provider, and what else is?"),
}


def main(arguments: list[str]) -> int:
    """Run one bench; 1 when a goal is missed under --check, 2 when there is no such bench."""
    parser = argparse.ArgumentParser(prog="python3 -m app bench")
    parser.add_argument("name", nargs="?", help="which bench; without a name, the list")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the table as JSON")
    parser.add_argument("--check", action="store_true", help="exit 1 when a stated goal is missed")
    parser.add_argument("--write", action="store_true", help=f"also put the table into docs/{DOCUMENT.name}")
    parser.add_argument("--as-it-rests", action="store_true", help="do not keep the machine awake (see bench/awake.py)")
    given = parser.parse_args(arguments)
    if given.name is None:
        print("\n".join(f"  {name:<14} {bench.question}" for name, bench in BENCHES.items()))
        return 0
    if given.name not in BENCHES:
        print(f"There is no bench {given.name!r}. There are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    return judge(run(given.name, as_it_rests=given.as_it_rests), given)


def run(name: str, *, as_it_rests: bool = False) -> Table:
    """Run a bench and return its table; what memory cost that rested, just before, stands at its end."""
    print(f"{BENCHES[name].question}\n", flush=True)
    measure: Callable[[], Table] = importlib.import_module(f"bench.{BENCHES[name].module}").measure
    with nullcontext() if as_it_rests else awake():
        time.sleep(0 if as_it_rests else SETTLE_S)
        cost_us = rest_costs_us()
        table = measure()
    how = "as the machine rests" if as_it_rests else "the machine kept awake"
    condition = f"{how}: a page touched after {REST_S:.0f} s costs {cost_us:.1f} us"
    return replace(table, surroundings=f"{table.surroundings}, {condition}")


def judge(table: Table, given: argparse.Namespace) -> int:
    """Print and keep the table; return the exit code."""
    print(table.as_text())
    if given.json:
        given.json.write_text(table.as_json() + "\n", "utf-8")
    if given.write and table.rows:
        write_into(DOCUMENT, table)
    missed = [goal for goal in table.goals if not goal.is_met]
    return 1 if given.check and missed else 0

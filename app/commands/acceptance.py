"""`acceptance`: long storms and probes that a release has to stand."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Run one storm; 1 when it left something wrong."""
    parser = argparse.ArgumentParser(prog="python3 -m app acceptance")
    parser.add_argument("name", choices=["ledger", "jobs"], help="which one")
    parser.add_argument("--minutes", type=float, help="end it after so long, however much was done")
    parser.add_argument("--seed", type=int, help="repeat the one that had this seed")
    parser.add_argument("--calls", type=int, default=10_000, help="ledger: how many calls (10,000)")
    parser.add_argument("--jobs", type=int, default=10_000, help="jobs: how many jobs (10,000)")
    parser.add_argument(
        "--database", default="", help="jobs: postgresql+asyncpg://… of a role that may make roles and databases"
    )
    parser.add_argument(
        "--untimed", action="store_true", help="jobs: tell what was late, and fail only for what is wrong"
    )
    given = parser.parse_args(list(arguments))
    if given.name == "jobs":
        from bench.jobs_storm import main as jobs_storm

        return jobs_storm(
            minutes=given.minutes, seed=given.seed, jobs=given.jobs, database=given.database, untimed=given.untimed
        )
    from bench.ledger_storm import main as storm

    return storm(minutes=given.minutes, seed=given.seed, calls=given.calls)

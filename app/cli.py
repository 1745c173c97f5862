"""The commands of `python3 -m app`: names and one line each; a command's module is imported when it is asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from app.setup.refusal import PREFIX, Refusal

VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Command:
    """A command: the module under app/commands that has `main(arguments) -> int`, and what it does."""

    module: str
    summary: str


COMMANDS = {
    "run": Command("run", "set up what is missing, start everything, print the address (this is the default)"),
    "setup": Command("ready", "set up what is missing and stop there"),
    "web": Command("web", "only the web process, in the foreground"),
    "worker": Command("worker", "[--queues image,video] [--hands N]: only a worker, in the foreground"),
    "redis": Command("redis", "only the Redis that runs along, in the foreground"),
    "migrate": Command("migrate", "make the database or bring it up to date"),
    "operator": Command("operator", "print the one-time token for the first operator"),
    "doctor": Command("doctor", "say what is missing and how to get it"),
    "test": Command("test", "style, types, layers and tests; [pytest arguments] run only those tests"),
    "bench": Command(
        "bench", "NAME [--json FILE] [--check] [--write]: one measurement as a table; without NAME: the list"
    ),
    "acceptance": Command("acceptance", "ledger|jobs [--minutes N] [--seed N]: a storm that has to be stood"),
    "simulator": Command("simulator", "--port N: a provider simulator on loopback, for trials without a key"),
    "schema": Command("schema", "print the JSON schema of template files"),
    "train-router": Command("train_router", "DATA_FOLDER: train the classifier of the routing anew, for review"),
    "version": Command("version", "print the version"),
    "help": Command("help", "print this list"),
}


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    name, rest = arguments[0] if arguments else "run", list(arguments[1:])
    command = COMMANDS.get(name)
    if command is None:
        print(f"There is no command {name!r}.\n", file=sys.stderr)
        print(usage(), file=sys.stderr)
        return 2
    if name == "help":
        print(usage())
        return 0
    if name == "version":
        print(f"Galley {VERSION}")
        return 0
    module = importlib.import_module(f"app.commands.{command.module}")
    try:
        return int(module.main(rest))
    except Refusal as refusal:
        print(f"{PREFIX}{refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def usage() -> str:
    """Return the list of commands."""
    lines = [f"  {name:<12} {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(["Usage: python3 -m app [command] [--port N]", "", *lines])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

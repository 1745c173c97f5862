"""python -m bench.simulator --port N [--host 127.0.0.1] [--answers FILE]"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import orjson

from bench.simulator.control import load_answers
from bench.simulator.server import running


async def _run(arguments: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with running(host=arguments.host, port=arguments.port) as simulator:
        if arguments.answers:
            load_answers(simulator, orjson.loads(arguments.answers.read_bytes()))
        for name in simulator.providers:
            print(f"{name:10} {simulator.base_url(name)}   own port: {simulator.own_ports[name]}")
        print(f"control    {simulator.url}/_control", flush=True)
        await stopped.wait()


def main(argv: list[str] | None = None) -> int:
    """Run the simulator until it is interrupted."""
    parser = argparse.ArgumentParser(prog="simulator", description="A provider simulator; no model is behind it.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--answers", type=Path, help="JSON map {text in the prompt: answer} to begin with")
    try:
        asyncio.run(_run(parser.parse_args(argv)))
    except OSError as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Runway's errors and keys, after docs.dev.runwayml.com; what it makes is in wire_video_forms."""

from __future__ import annotations

from bench.simulator.wire import Refusal, Trouble
from bench.simulator.wire_openai import OpenAIWire

_STATUSES: dict[Trouble, int] = {
    "unauthorized": 401, "rate_limited": 429, "server_error": 500, "unavailable": 503, "bad_request": 400,
    "unknown_model": 404,
}  # fmt: skip


class RunwayWire(OpenAIWire):
    """It writes no texts: of OpenAI's form only the way to show a key is its own."""

    def __init__(self) -> None:
        super().__init__("runway")

    def refusal(self, trouble: Trouble, message: str = "", *, retry_after_s: int = 0) -> Refusal:
        headers = {"Retry-After": str(retry_after_s)} if trouble == "rate_limited" else {}
        return Refusal(_STATUSES[trouble], {"error": message or "(simulated)"}, headers)

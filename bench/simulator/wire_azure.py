"""Azure OpenAI's deployments, after learn.microsoft.com/azure/ai-services/openai/reference (2024-10-21).

OpenAI's form with the key in `api-key`, the deployment in the path, and the verdicts of a content filter in the chunks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from bench.simulator.wire import Asked, BadRequest, Frames, Reply, known_model
from bench.simulator.wire_openai import OpenAIWire

_DEPLOYMENT = re.compile(r"openai/deployments/([^/]+)/chat/completions$")
_SAFE = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")}


class AzureWire(OpenAIWire):
    """Chat completions of a deployment."""

    def __init__(self) -> None:
        super().__init__("openai")

    def key(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        return headers.get("api-key", "")

    def read(self, body: dict[str, Any], *, path: str, query: Mapping[str, str]) -> Asked:
        found = _DEPLOYMENT.search(path)
        if found is None:
            return super().read(body, path=path, query=query)
        if not re.fullmatch(r"\d{4}-\d\d-\d\d(-preview)?", query.get("api-version", "")):
            raise BadRequest("Resource not found: api-version is missing or unknown")
        return super().read(body | {"model": known_model(found[1])}, path=path, query=query)

    def frames(self, asked: Asked, reply: Reply) -> Frames:
        frames = super().frames(asked, reply)
        filtered = [{"prompt_index": 0, "content_filter_results": _SAFE}]
        head = {"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": filtered}
        return replace(frames, opening=b"data: " + orjson.dumps(head) + b"\n\n" + frames.opening)

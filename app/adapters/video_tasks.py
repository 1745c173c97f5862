"""A provider's task of making a clip, as OpenAI, Runway and Google tell of it: where to ask, what the answer says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from app.adapters.media_lane import Outgoing
from app.adapters.models_litellm_failures import failure
from app.adapters.models_litellm_request import base_url_of
from app.adapters.reach_http import RUNWAY_VERSION
from app.core.ports import ModelTarget, ProviderBadAnswer

State = Literal["waiting", "running", "done", "failed", "refused"]
_OPENAI: dict[str, State] = {"queued": "waiting", "in_progress": "running", "completed": "done", "failed": "failed"}
_RUNWAY: dict[str, State] = {
    "PENDING": "waiting", "THROTTLED": "waiting", "RUNNING": "running", "SUCCEEDED": "done", "FAILED": "failed",
    "CANCELLED": "failed",
}  # fmt: skip
_TASK = re.compile(r"[\w.-]{1,300}")
_OPERATION = re.compile(r"(?:[\w.-]{1,200}/){1,6}[\w.-]{1,300}")
_MODERATED = ("moderation", "safety", "content_policy")


@dataclass(frozen=True, slots=True)
class Told:
    """What a task says of itself. `share` is from 0 to 1, None where it says nothing; `url` is where the clip lies."""

    state: State
    share: float | None = None
    url: str = ""


def root_of(target: ModelTarget) -> str:
    """Return the address below which the vendor's video calls lie."""
    base = base_url_of(target)
    if target.kind == "runway" and not base.endswith("/v1"):
        return f"{base}/v1"
    return base


def checked_task(target: ModelTarget, task: str) -> str:
    """Return the task's name, which comes back into addresses.

    Raises:
        ProviderBadAnswer: it could lead elsewhere.
    """
    form = _OPERATION if target.kind == "gemini" else _TASK
    if not form.fullmatch(task) or ".." in task:
        raise failure(ProviderBadAnswer, target.provider, "the task has no usable name")
    return task


def asking(target: ModelTarget, task: str) -> Outgoing:
    """Return the request for how the task stands."""
    place = {"runway": "tasks/", "gemini": ""}.get(target.kind, "videos/")
    return Outgoing("GET", f"{root_of(target)}/{place}{task}", headers=_headers(target), limit_bytes=2**20)


def cancelling(target: ModelTarget, task: str) -> Outgoing | None:
    """Return the request that ends the task, None where the vendor has none: Google's goes on to its end."""
    if target.kind == "gemini":
        return None
    place = "tasks/" if target.kind == "runway" else "videos/"
    return Outgoing("DELETE", f"{root_of(target)}/{place}{task}", headers=_headers(target), limit_bytes=2**20)


def _headers(target: ModelTarget) -> dict[str, str]:
    return {"x-runway-version": RUNWAY_VERSION} if target.kind == "runway" else {}


def told(target: ModelTarget, task: str, answer: Mapping[str, Any]) -> Told:
    """Return what the answer says.

    Raises:
        ProviderBadAnswer: it is no such answer.
    """
    if target.kind == "runway":
        found = _from_runway(answer)
    elif target.kind == "gemini":
        found = _from_google(answer)
    else:
        found = _from_openai(answer, f"{root_of(target)}/videos/{task}/content")
    if found is None:
        raise failure(ProviderBadAnswer, target.provider, "the task's answer has no state")
    if found.state == "done" and not found.url.startswith(("http://", "https://")):
        raise failure(ProviderBadAnswer, target.provider, "the task is done, but there is no clip")
    return found


def _from_openai(answer: Mapping[str, Any], content: str) -> Told | None:
    state = _OPENAI.get(str(answer.get("status")))
    return state and Told(_judged(state, answer.get("error")), _share(answer.get("progress"), 100), content)


def _from_runway(answer: Mapping[str, Any]) -> Told | None:
    state = _RUNWAY.get(str(answer.get("status")).upper())
    output = answer.get("output")
    url = output[0] if isinstance(output, list) and output and isinstance(output[0], str) else ""
    return state and Told(_judged(state, answer.get("failureCode")), _share(answer.get("progress"), 1), url)


def _from_google(answer: Mapping[str, Any]) -> Told | None:
    if not isinstance(answer.get("name"), str):
        return None
    if answer.get("error"):
        return Told(_judged("failed", answer["error"]))
    if not answer.get("done"):
        return Told("running")
    result = _within(answer, "response", "generateVideoResponse")
    samples = result.get("generatedSamples") if isinstance(result, Mapping) else None
    if not samples and isinstance(result, Mapping) and result.get("raiMediaFilteredCount"):
        return Told("refused")
    first = samples[0] if isinstance(samples, list) and samples else {}
    url = _within(first, "video", "uri")
    return Told("done", 1.0, url if isinstance(url, str) else "")


def _within(value: Any, *names: str) -> Any:  # Any: a vendor's JSON
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _judged(state: State, error: object) -> State:
    """A clip that was refused for what it shows is not asked for again; another failure may be."""
    refused = state == "failed" and any(word in str(error).lower() for word in _MODERATED)
    return "refused" if refused else state


def _share(value: object, whole: int) -> float | None:
    return min(max(value / whole, 0.0), 1.0) if isinstance(value, int | float) else None


def needs_key(target: ModelTarget, url: str) -> bool:
    """Whether a clip's address is the vendor's own: the key goes there and to no other."""
    home, there = urlsplit(base_url_of(target)), urlsplit(url)
    return target.kind != "runway" and (home.scheme, home.netloc) == (there.scheme, there.netloc)

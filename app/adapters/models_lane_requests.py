"""A call of ours in each vendor's words: equal in meaning to what LiteLLM sends, as a contract test holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from app.adapters import models_lane_rules as rules
from app.adapters.models_litellm_failures import failure
from app.adapters.models_litellm_request import azure_version, base_url_of, wants_json
from app.core.ports import Message, ModelCall, ModelTarget, ProviderKind, ProviderRefusedRequest

Body = dict[str, Any]  # Any: a vendor's JSON

ANTHROPIC_VERSION = "2023-06-01"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request, without the key."""

    url: str
    body: bytes
    headers: dict[str, str]


def outgoing(call: ModelCall) -> Outgoing:
    """Return the request for `call`.

    Raises:
        ProviderRefusedRequest: it cannot be put in the vendor's words.
    """
    write = _WRITERS[call.target.kind]
    address, body, headers = write(call, base_url_of(call.target))
    return Outgoing(address, orjson.dumps(body), headers)


def has_lane(kind: ProviderKind) -> bool:
    """Whether the lane speaks this kind's wire."""
    return kind in _WRITERS


def _openai(call: ModelCall, base_url: str) -> tuple[str, Body, dict[str, str]]:
    target = call.target
    body = _completion(call)
    body["stream_options"] = {"include_usage": True}
    if target.kind in ("openai", "azure"):
        _as_openai_itself(call, body)
    if target.kind == "azure":
        return _azure_address(target, base_url), body, {}
    return f"{base_url}/chat/completions", body, {}


def _as_openai_itself(call: ModelCall, body: Body) -> None:
    """Bend `body` to what OpenAI's own models take."""
    model = call.target.model
    if rules.has_other_interface(model):
        raise failure(ProviderRefusedRequest, call.target.provider, "this model is only served at another address")
    if rules.limits_completion(model):
        body["max_completion_tokens"] = body.pop("max_tokens")
    if not rules.openai_takes_temperature(model):
        del body["temperature"]
    if not rules.openai_takes_system(model):
        body["messages"] = [{**turn, "role": turn["role"].replace("system", "user")} for turn in body["messages"]]
    if not rules.openai_has_json_mode(model):
        body.pop("response_format", None)


def _azure_address(target: ModelTarget, base_url: str) -> str:
    """Return where a deployment is asked; an address that ends with /openai/v1 is Azure's undated interface."""
    if base_url.endswith("/openai/v1"):
        return f"{base_url}/chat/completions"
    deployment = f"{base_url}/openai/deployments/{quote(target.model, safe='')}"
    return f"{deployment}/chat/completions?api-version={azure_version(target)}"


def _mistral(call: ModelCall, base_url: str) -> tuple[str, Body, dict[str, str]]:
    body = _completion(call)
    body["messages"] = [turn for turn in body["messages"] if turn["content"]]
    if body["messages"] and body["messages"][-1]["role"] == "assistant":
        body["messages"][-1]["prefix"] = True  # without it Mistral refuses to go on with an answer of its own
    return f"{base_url}/chat/completions", body, {}


def _cohere(call: ModelCall, base_url: str) -> tuple[str, Body, dict[str, str]]:
    return f"{base_url}/v2/chat", _completion(call), {}


def _completion(call: ModelCall) -> Body:
    body: Body = {
        "model": call.target.model,
        "messages": [{"role": message.role, "content": message.text} for message in call.messages],
        "stream": True,
        "max_tokens": call.max_tokens,
        "temperature": call.temperature,
    }
    if wants_json(call):
        body["response_format"] = {"type": "json_object"}
    return body


def _anthropic(call: ModelCall, base_url: str) -> tuple[str, Body, dict[str, str]]:
    system, turns = _apart(call.messages)
    messages: list[Body] = [{"role": role, "content": [_block(text) for text in texts]} for role, texts in turns]
    if not messages:
        raise failure(ProviderRefusedRequest, call.target.provider, "there is no question in it")
    if messages[-1]["role"] == "assistant":
        last = messages[-1]["content"][-1]
        last["text"] = last["text"].rstrip()  # the vendor refuses white space at the end of what it goes on from
    body: Body = {
        "model": call.target.model,
        "messages": messages,
        "max_tokens": call.max_tokens,
        "stream": True,
    }
    if system:
        body["system"] = [_block(text) for text in system]
    if rules.anthropic_takes_temperature(call.target.model):
        body["temperature"] = call.temperature
    return f"{base_url}/v1/messages", body, {"anthropic-version": ANTHROPIC_VERSION}


def _gemini(call: ModelCall, base_url: str) -> tuple[str, Body, dict[str, str]]:
    model = call.target.model.removeprefix("models/")
    system, turns = _apart(call.messages)
    if system and not rules.gemini_takes_system(model):
        if turns and turns[0][0] == "user":
            turns[0] = ("user", [*system, *turns[0][1]])
        else:
            turns.insert(0, ("user", system))
        system = []
    turns = turns or [("user", ["."])]
    roles = {"user": "user", "assistant": "model"}
    config: Body = {"temperature": call.temperature, "max_output_tokens": call.max_tokens}
    if wants_json(call):
        config["response_mime_type"] = "application/json"
    body: Body = {
        "contents": [{"role": roles[role], "parts": _parts(texts)} for role, texts in turns],
        "generationConfig": config,
    }
    if system:
        body["system_instruction"] = {"parts": _parts(system)}
    return f"{base_url}/models/{quote(model, safe='@:')}:streamGenerateContent?alt=sse", body, {}


def _parts(texts: Iterable[str]) -> list[Body]:
    return [{"text": text} for text in texts]


def _block(text: str) -> Body:
    return {"type": "text", "text": text}


def _apart(messages: Iterable[Message]) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Return the system's words, and the turns: those of one speaker after another are one turn."""
    system: list[str] = []
    turns: list[tuple[str, list[str]]] = []
    for message in messages:
        if not message.text:
            continue
        if message.role == "system":
            system.append(message.text)
        elif turns and turns[-1][0] == message.role:
            turns[-1][1].append(message.text)
        else:
            turns.append((message.role, [message.text]))
    return system, turns


_WRITERS: dict[ProviderKind, Callable[[ModelCall, str], tuple[str, Body, dict[str, str]]]] = {
    "openai": _openai,
    "azure": _openai,
    "deepseek": _openai,
    "openai-compatible": _openai,
    "mistral": _mistral,
    "cohere": _cohere,
    "anthropic": _anthropic,
    "gemini": _gemini,
}

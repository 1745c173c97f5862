"""A run over REST with hosted models: the lane on the simulator, with a first provider that dies in mid-request."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from app.adapters.models_by_kind import ModelsByKind
from app.adapters.models_embedded import EmbeddedModels
from app.adapters.models_lane import LaneModels
from app.adapters.models_litellm import LiteLLMModels
from app.content.catalogue_files import load_catalogue
from app.core.ports import Ports
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Answer, Control, Fault
from tests.doors.conftest import CallerOf
from tests.doors.test_generations import events_in

PATH = "/api/v1/generations"


@pytest.fixture
async def ports(ports: Ports) -> AsyncIterator[Ports]:
    models = ModelsByKind(embedded=EmbeddedModels(pieces_per_s=0), lane=LaneModels(), library=LiteLLMModels())
    await models.warm()
    yield replace(ports, models=models)
    await models.close()


async def connect(http: httpx.AsyncClient, simulator: Simulator) -> str:
    """Connect two providers and return the first one's id."""
    ids = []
    for name, kind in (("First", "openai"), ("Second", "anthropic")):
        body = {"name": name, "kind": kind, "base_url": simulator.base_url(kind), "api_key": "sk-any"}
        answer = await http.post("/api/v1/providers", json={**body, "models": [{"id": "a-model"}]})
        assert answer.status_code == 201
        ids.append(str(answer.json()["id"]))
    return ids[0]


@pytest.mark.slow
async def test_every_template_is_written_while_the_first_provider_keeps_dying(
    program_of: CallerOf, simulator: Simulator
) -> None:
    ana = await program_of("ana")
    first_id = await connect(ana.http, simulator)
    catalogue = load_catalogue()
    told, wrong = Counter[str](), []
    for template in catalogue.all():
        assert template.example is not None
        output = template.example.output
        text = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
        simulator.answers.entries.clear()
        simulator.answers.add(Answer(match=" ", text=text))
        await ana.http.post(f"/api/v1/providers/{first_id}/test")  # found well again: it is asked first
        await control(simulator, Control(provider="openai", fault=Fault(kind="cut", after_tokens=5, times=1)))
        body = {"template": template.id, "inputs": catalogue.sample(template.id)}
        answer = await ana.http.post(PATH, json=body, headers={"accept": "text/event-stream"})

        events = events_in(answer.content)
        told.update(name for name, _ in events)
        done = next((data for name, data in events if name == "variantdone"), None)
        document = (await ana.http.get(f"/api/v1/documents/{events[-1][1].get('document_id')}")).json()
        if events[-1][0] != "done" or done is None or done["embedded"] or document.get("text") != done["text"]:
            wrong.append((template.id, events[-1]))

    assert wrong == []
    assert (told["continued"], told["restarted"]) == (len(catalogue.templates), 0)
    usage = (await ana.http.get("/api/v1/usage/summary")).json()
    assert {share["name"] for share in usage["by_provider"]} == {"First", "Second"}
    assert usage["cost_micros"] > 0


async def test_when_every_provider_is_down_a_program_is_told_which_and_why(
    program_of: CallerOf, simulator: Simulator
) -> None:
    ana = await program_of("ana")
    await connect(ana.http, simulator)
    await ana.http.patch("/api/v1/providers/built-in", json={"enabled": False})
    await control(simulator, Control(fault=Fault(kind="server_error")))
    run = {"template": "google-rsa", "inputs": load_catalogue().sample("google-rsa")}

    collected = await ana.http.post(PATH, json=run)
    streamed = events_in((await ana.http.post(PATH, json=run, headers={"accept": "text/event-stream"})).content)

    assert (collected.status_code, collected.json()["code"]) == (502, "provider.none_left")
    assert collected.json()["params"]["provider"] == "Second"
    saved = await ana.http.get(f"{PATH}/{collected.json()['params']['generation_id']}")
    assert saved.json()["error"]["code"] == "provider.none_left"
    assert (streamed[-1][0], streamed[-1][1]["code"]) == ("failed", "provider.none_left")
    assert {one["state"] for one in (await ana.http.get(PATH)).json()["items"]} == {"failed"}

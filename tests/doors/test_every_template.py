"""Every template over REST: a streamed, checked, kept text with its document, by either writer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from starlette.types import ASGIApp

from app.adapters.models_lane import LaneModels
from app.adapters.models_litellm import LiteLLMModels
from app.api import build_api
from app.api.gate import Gate
from app.content.catalogue_files import load_catalogue
from app.core.ports import Ports
from bench.simulator.settings import Answer
from tests.doors.conftest import Caller, CallerOf, client_of
from tests.doors.test_generations import PATH, events_in

if TYPE_CHECKING:
    from bench.simulator.server import Simulator

SLUGS = [template.id for template in load_catalogue().all()]


async def streamed(caller: Caller, slug: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run a template's sample as a stream; return its last verdict and its saved document."""
    inputs = load_catalogue().sample(slug, "en")
    answer = await caller.http.post(
        PATH, json={"template": slug, "inputs": inputs}, headers={"accept": "text/event-stream"}
    )
    assert answer.status_code == 200, answer.text
    told = b"\n\n".join(block for block in answer.content.split(b"\n\n") if not block.startswith(b":"))
    events = events_in(told)
    assert (events[0][0], events[-1][0]) == ("started", "done")
    assert any(name == "delta" for name, _ in events)
    checked = [data for name, data in events if name == "checked"][-1]
    document = await caller.http.get(f"/api/v1/documents/{events[-1][1]['document_id']}")
    assert document.status_code == 200
    return checked, document.json()


@pytest.mark.parametrize("slug", SLUGS)
async def test_the_built_in_writer_gives_a_checked_text_that_is_kept(program_of: CallerOf, slug: str) -> None:
    ana = await program_of("ana")

    checked, document = await streamed(ana, slug)

    failed = [one["id"] for one in checked["checks"] if one["status"] == "failed" and one["severity"] == "hard"]
    assert failed == []
    assert checked["passed"] > 0
    assert (document["text"], document["provider"]) == (checked["text"], "embedded")


@pytest.fixture
def hosted(ports: Ports) -> Ports:
    """The outside world with hosted models reached as in production."""
    from app.adapters.models_by_kind import ModelsByKind

    return replace(ports, models=ModelsByKind(embedded=ports.models, lane=LaneModels(), library=LiteLLMModels()))


@pytest.fixture
def app(hosted: Ports) -> ASGIApp:
    """The whole door, with both writers behind it."""
    return Gate(build_api(hosted), settings=hosted.settings)


async def test_a_connected_provider_gives_every_template_as_a_checked_text_that_is_kept(
    app: ASGIApp, program_of: CallerOf, simulator: Simulator
) -> None:
    ana = await program_of("ana")
    connected = await ana.http.post(
        "/api/v1/providers",
        json={
            "kind": "openai-compatible",
            "name": "Local",
            "base_url": simulator.base_url("local"),
            "models": [{"id": "llama-simulated", "tier": tier} for tier in ("critical",)],
        },
    )
    assert connected.status_code == 201, connected.text
    wrong = []
    async with client_of(app, authorization=f"Bearer {ana.token}") as http:
        caller = Caller(ana.ctx, http, ana.token)
        for template in load_catalogue().all():
            example = template.example.output
            text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
            simulator.answers.clear()
            for said in (" ", "e", "a"):
                simulator.answers.add(Answer(match=said, text=text))

            checked, document = await streamed(caller, template.id)

            if document["provider"] == "embedded" or not checked["passed"] or document["text"] != checked["text"]:
                wrong.append((template.id, document["provider"], checked["passed"]))

    assert wrong == []

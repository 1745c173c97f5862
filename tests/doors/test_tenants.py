"""Two organisations at the same door: nothing of one reaches the other, in any answer to any request."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from app.core.clock import ManualClock
from app.core.ports import Ports
from tests.doors.conftest import BRIEF, Caller, CallerOf
from tests.doors.routes import operations_of
from tests.media_samples import picture
from tests.working import ask

CANARY = "Zanzibar-Canary-7719"
HERS = "Quebec-Canary-1144"
ENDS_THE_SESSION = {("POST", "/api/v1/auth/logout")}


async def fill(caller: Caller, canary: str) -> dict[str, str]:
    """Give an organisation one of everything, with a canary in every text; return the ids."""
    http = caller.http
    brief = {**BRIEF, "product": f"{canary} chair"}
    run = (await http.post("/api/v1/generations", json={"template": "google-rsa", "inputs": brief})).json()
    document = f"/api/v1/documents/{run['document_id']}"
    await http.patch(document, json={"title": f"{canary} title"})
    await http.post(f"{document}/versions", json={"text": json.dumps({"headlines": [canary]})})
    file = (await http.put("/api/v1/files", params={"name": f"{canary}.txt"}, content=canary.encode())).json()
    invitation = (await http.post("/api/v1/invitations", json={"email": f"{canary.lower()}@example.org"})).json()
    key = (await http.post("/api/v1/api-keys", json={"name": canary, "scopes": ["documents:read"]})).json()
    photo = (await http.put("/api/v1/assets", params={"name": f"{canary}.png"}, content=picture())).json()
    asset = f"/api/v1/assets/{photo['id']}"
    folder = (await http.post("/api/v1/asset-folders", json={"name": canary})).json()
    about = {"alt_text": canary, "licence_note": canary, "tags": [canary], "folder_id": folder["id"]}
    await http.patch(asset, json=about)
    await http.post(f"{asset}/uses", json={"document_id": run["document_id"]})
    kit = {"style": canary, "logo_id": photo["id"], "voice": canary}
    brand = (await http.post("/api/v1/media-brands", json={"name": canary, "kit": kit})).json()
    poster = {
        "kind": "image",
        "brand_id": brand["id"],
        "prompt": canary,
        "look": {"headline": canary, "logo_id": photo["id"]},
    }
    await http.post("/api/v1/assets", json=poster)
    provider = {
        "kind": "openai-compatible",
        "name": canary,
        "base_url": "http://127.0.0.1:9/v1",
        "models": [{"id": "m"}],
    }
    provider_id = (await http.post("/api/v1/providers", json=provider)).json()["id"]
    return {
        "job_id": str(await ask(caller.ctx, args={"note": canary})),
        "generation_id": run["id"],
        "document_id": run["document_id"],
        "file_id": file["id"],
        "asset_id": photo["id"],
        "folder_id": folder["id"],
        "brand_id": brand["id"],
        "invitation_id": invitation["id"],
        "key_id": key["id"],
        "provider_id": provider_id,
        "organisation_id": str(caller.ctx.tenant_id),
        "user_id": str(caller.ctx.user_id),
    }


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
async def test_no_answer_to_one_organisation_holds_anything_of_the_other(
    ports: Ports, browser_of: CallerOf, clock: ManualClock
) -> None:
    ana, eve = await browser_of("ana"), await browser_of("eve")
    ids = await fill(ana, CANARY)
    mine = await fill(eve, HERS)  # so that Eve's lists are not empty, and would show Ana's rows among hers
    for_eve = {name: value for name, value in mine.items() if name in {"organisation_id", "user_id"}}
    leaks = []
    for one in operations_of(ports):
        if (one.method, one.path) in ENDS_THE_SESSION or (one.method == "DELETE" and not one.has_id):
            continue
        clock.advance(timedelta(seconds=20))  # so many requests are more than a minute allows
        bodies = (
            {},
            {"generation_id": ids["generation_id"], "variant": "A"},
            {"ids": [ids["provider_id"]]},
            {"document_id": ids["document_id"]},
            {"kind": "image", "prompt": HERS, "look": {"logo_id": ids["asset_id"]}},
            {"kind": "image", "verb": "vary", "source_id": ids["asset_id"], "folder_id": ids["folder_id"]},
            {"kind": "speech", "document_id": ids["document_id"]},
            {"kind": "speech", "text": HERS, "brand_id": ids["brand_id"]},
            {"name": HERS, "kit": {"logo_id": ids["asset_id"]}},
        )
        for body in bodies:
            answer = await eve.http.request(one.method, one.address(ids), json=body, params={"search": CANARY})
            secrets = [CANARY, CANARY.lower(), *ids.values()]
            found = [value for value in secrets if value in answer.text and value not in for_eve.values()]
            if found and not _echoes(answer.text, found):
                leaks.append((one.method, one.path, answer.status_code, found))

    assert leaks == []
    assert HERS in (await eve.http.get("/api/v1/documents")).text  # she was signed in to the end
    survived = (await ana.http.get(f"/api/v1/documents/{ids['document_id']}")).json()
    assert survived["title"] == f"{CANARY} title"
    assert survived["version"] == 2
    assert (await ana.http.get(f"/api/v1/files/{ids['file_id']}/content")).text == CANARY
    assert (await ana.http.get(f"/api/v1/assets/{ids['asset_id']}")).json()["asset"]["tags"] == [CANARY]
    assert (await ana.http.get(f"/api/v1/assets/{ids['asset_id']}/content")).content.startswith(b"\x89PNG")


def _echoes(text: str, found: list[str]) -> bool:
    """Whether a refusal merely repeats the id that it was asked about."""
    told = json.loads(text)
    return set(found) <= set(map(str, (told.get("params") or {}).values()))

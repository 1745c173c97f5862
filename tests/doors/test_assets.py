"""The media library over REST: asked for at once, read by range, linked for a time, refused when it is no media."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.adapters.cdn_cloudfront import CloudFrontCdn
from app.api import build_api
from app.api.gate import Gate
from app.core.jobs import ledger as jobs_ledger
from app.core.ports import Ports
from app.core.settings import Settings
from jobs import media as handlers
from tests.doors.conftest import BRIEF, Caller, CallerOf, client_of
from tests.media_samples import clip, photo_with_place, picture, pixel_bomb, sound
from tests.working import start

PATH = "/api/v1/assets"
POSTER = {"kind": "image", "prompt": "A chair on a workshop floor", "aspect": "linkedin", "seed": 3}
WORK = {"image": handlers.make_image, "speech": handlers.say_text, "video": handlers.make_clip}


async def work(caller: Caller, accepted: dict[str, dict[str, str]]) -> None:
    """Be the worker of a job that was answered with 202."""
    from uuid import UUID

    run = await start(caller.ctx, UUID(str(accepted["job_id"])))
    result = await WORK[accepted["asset"]["kind"]](caller.ctx, run)
    await jobs_ledger.finish(caller.ctx.ports, run.lease, result)


async def test_a_picture_is_accepted_made_and_read(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    asked = await ana.http.post(PATH, json=POSTER)
    accepted = asked.json()
    asset = f"{PATH}/{accepted['asset']['id']}"
    early = await ana.http.get(f"{asset}/content")
    await work(ana, accepted)
    shown = (await ana.http.get(asset)).json()
    content, preview = await ana.http.get(f"{asset}/content"), await ana.http.get(f"{asset}/preview")

    assert (asked.status_code, accepted["asset"]["state"]) == (202, "making")
    assert (early.status_code, early.json()["code"]) == (409, "media.not_ready")
    assert (shown["asset"]["state"], shown["asset"]["provider"], shown["asset"]["width_px"]) == (
        "ready", "embedded", 1200,
    )  # fmt: skip
    assert (shown["recipe"]["seed"], shown["recipe"]["verb"]) == (3, "generate")
    assert (content.headers["content-type"], content.headers["content-disposition"][:6]) == ("image/png", "inline")
    assert content.headers["cache-control"] == "private, max-age=3600"
    assert "sandbox" in content.headers["content-security-policy"]
    assert preview.headers["content-type"] == "image/webp"


@pytest.mark.parametrize(
    ("more", "is_draft", "has_another"),
    [({}, True, True), ({"draft": True}, True, False), ({"draft": False}, False, False)],
)
async def test_a_clip_is_drafted_and_finished_unless_one_says_otherwise(
    more: dict[str, bool], is_draft: bool, has_another: bool, program_of: CallerOf
) -> None:
    ana = await program_of("ana")
    accepted = (await ana.http.post(PATH, json={"kind": "video", "script": "It rolls.", **more})).json()
    asset = f"{PATH}/{accepted['asset']['id']}"
    await work(ana, accepted)
    shown, content = (await ana.http.get(asset)).json()["asset"], await ana.http.get(f"{asset}/content")

    assert (accepted["asset"]["draft"], shown["draft"]) == (is_draft, is_draft)
    assert (shown["job_id"] != accepted["job_id"], shown["state"]) == (
        has_another,
        "making" if has_another else "ready",
    )
    assert content.status_code == 200
    assert content.headers["cache-control"] == ("private, no-cache" if is_draft else "private, max-age=3600")


async def test_asking_twice_under_one_key_is_asking_once(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    answers = [await ana.http.post(PATH, json=POSTER, headers={"idempotency-key": "poster-7"}) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["asset"]["id"] for answer in answers}) == 1
    assert len((await ana.http.get(PATH)).json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "image"}, "media.prompt_missing"),
        ({"kind": "image", "prompt": "x", "aspect": "myspace"}, "media.aspect"),
        ({"kind": "image", "verb": "edit", "prompt": "x"}, "media.source_missing"),
        ({"kind": "speech", "text": "  "}, "media.text_missing"),
        ({"kind": "video", "script": ""}, "media.scenes"),
        ({"kind": "image", "prompt": "x" * 5000}, "invalid"),
        ({"kind": "hologram"}, "invalid"),
        ({"kind": "image", "prompt": "x", "look": {"colors": ["red"]}}, "invalid"),
        ({"kind": "image", "prompt": "x", "size": "huge"}, "invalid"),
    ],
)
async def test_what_cannot_be_made_is_refused(body: dict[str, object], code: str, program_of: CallerOf) -> None:
    ana = await program_of("ana")
    answer = await ana.http.post(PATH, json=body)

    assert (answer.status_code, answer.json()["code"].split(".")[0]) == (422, code.split(".")[0])
    assert (await ana.http.get(PATH)).json()["items"] == []


async def test_nothing_built_in_writes_down_or_edits(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    recording = (await ana.http.put(PATH, params={"name": "a.mp3"}, content=sound())).json()["id"]
    photo = (await ana.http.put(PATH, params={"name": "a.png"}, content=picture())).json()["id"]
    answers = [
        await ana.http.post(PATH, json={"kind": "transcript", "source_id": recording}),
        await ana.http.post(PATH, json={"kind": "image", "verb": "cut_out", "source_id": photo}),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "media.no_model")] * 2


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.png", b"", 422, "file.empty"),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "file.not_media"),
        ("a.png", b"<!doctype html><script>alert(1)</script>", 422, "file.not_media"),
        ("a.png", b"PK\x03\x04" + b"\0" * 100, 422, "file.not_media"),
        ("a.png", picture("PNG") + b"<html><script>alert(1)</script>", 422, "file.two_faced"),
        ("a.png", picture("PNG")[:60], 422, "file.broken"),
        ("a.png", pixel_bomb(20_000), 413, "file.pixels"),
        (" ", picture("PNG"), 422, "media.title"),
    ],
    ids=["empty", "svg", "html", "zip", "polyglot", "half", "bomb", "nameless"],
)
async def test_bad_uploads_are_refused_and_leave_nothing(
    name: str, content: bytes, status: int, code: str, program_of: CallerOf, settings: Settings
) -> None:
    ana = await program_of("ana")
    answer = await ana.http.put(PATH, params={"name": name}, content=content)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await ana.http.get(PATH)).json()["items"] == []
    assert [path for path in (settings.data_dir / "blobs").rglob("*") if path.is_file()] == []


async def test_a_huge_upload_is_refused_however_it_is_sent(
    ports: Ports, program_of: CallerOf, settings_of: Callable[..., Settings]
) -> None:
    small = replace(ports, settings=settings_of(max_media_mb=1))
    ana = await program_of("ana")

    async def chunks() -> AsyncIterator[bytes]:
        yield sound("mp3")
        for _ in range(2_000):
            yield b"\0" * 1024

    async with client_of(Gate(build_api(small), settings=small.settings), authorization=f"Bearer {ana.token}") as http:
        said = await http.put(PATH, params={"name": "a.mp3"}, headers={"content-length": str(2 * 2**30)}, content=b"")
        streamed = await http.put(PATH, params={"name": "a.mp3"}, content=chunks())

    assert [answer.status_code for answer in (said, streamed)] == [413, 413]
    assert said.json()["code"] == "too_large"  # at the gate, before a byte is read
    assert (await ana.http.get(PATH)).json()["items"] == []


async def test_an_upload_says_what_it_is_and_forgets_where_it_was_taken(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    photo = (await ana.http.put(PATH, params={"name": "holiday.exe"}, content=photo_with_place())).json()
    content = (await ana.http.get(f"{PATH}/{photo['id']}/content")).content

    assert (photo["kind"], photo["media_type"], photo["title"]) == ("image", "image/jpeg", "holiday")
    assert b"Private" not in content
    assert b"Exif" not in content


async def test_a_clip_is_read_by_range_and_not_twice(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    film = (await ana.http.put(PATH, params={"name": "film.mp4"}, content=clip())).json()
    path = f"{PATH}/{film['id']}/content"
    whole = await ana.http.get(path)
    part = await ana.http.get(path, headers={"range": "bytes=4-7"})
    beyond = await ana.http.get(path, headers={"range": "bytes=99999999-"})
    again = await ana.http.get(path, headers={"if-none-match": whole.headers["etag"]})
    saved = await ana.http.get(path, params={"download": "true"})

    assert (part.status_code, part.content) == (206, b"ftyp")
    assert part.headers["content-range"] == f"bytes 4-7/{film['size_bytes']}"
    assert (beyond.status_code, again.status_code, again.content) == (416, 304, b"")
    assert saved.headers["content-disposition"].startswith("attachment")
    assert len(whole.content) == film["size_bytes"]


async def test_an_asset_is_named_tagged_filed_found_and_deleted(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    photos = [
        (await ana.http.put(PATH, params={"name": f"{name}.png"}, content=picture(color=color))).json()["id"]
        for name, color in (("Chair", "#100000"), ("Table", "#200000"), ("Lamp", "#300000"))
    ]
    folder = (await ana.http.post("/api/v1/asset-folders", json={"name": "Spring"})).json()["id"]
    again = await ana.http.post("/api/v1/asset-folders", json={"name": " SPRING "})
    about = {"title": "Old chair", "tags": ["Oak", "oak ", "Spring 2027"], "rights": "own", "folder_id": folder}
    changed = (await ana.http.patch(f"{PATH}/{photos[0]}", json=about)).json()

    async def found(**params: str) -> list[str]:
        return [one["id"] for one in (await ana.http.get(PATH, params=params)).json()["items"]]

    assert again.json()["id"] == folder
    assert (changed["title"], changed["tags"], changed["rights"]) == ("Old chair", ["oak", "Spring 2027"], "own")
    assert await found() == photos[::-1]
    assert await found(tag="OAK") == await found(folder_id=folder) == await found(rights="own") == [photos[0]]
    assert await found(search="old CHAIR") == await found(search="2027") == [photos[0]]
    assert await found(kind="video") == []
    tags = (await ana.http.get(f"{PATH}/tags")).json()["items"]
    assert {(tag["label"], tag["assets"]) for tag in tags} == {("oak", 1), ("Spring 2027", 1)}
    first = (await ana.http.get(PATH, params={"limit": 2})).json()
    rest = (await ana.http.get(PATH, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == photos[::-1]
    await ana.http.patch(f"/api/v1/asset-folders/{folder}", json={"name": "Summer"})
    listed = (await ana.http.get("/api/v1/asset-folders")).json()["items"]
    assert [(one["name"], one["assets"]) for one in listed] == [("Summer", 1)]
    await ana.http.delete(f"/api/v1/asset-folders/{folder}")
    assert (await ana.http.get(f"{PATH}/{photos[0]}")).json()["asset"]["folder_id"] is None
    assert (await ana.http.delete(f"{PATH}/{photos[0]}")).status_code == 204
    assert (await ana.http.get(f"{PATH}/{photos[0]}")).status_code == 404
    assert await found() == photos[:0:-1]


@pytest.mark.parametrize(
    "body", [{"title": ""}, {"tags": ["x"] * 21}, {"tags": ["x" * 41]}, {"rights": "stolen"}, {"alt_text": "x" * 1001}]
)
async def test_a_change_that_cannot_be_is_refused(body: dict[str, object], program_of: CallerOf) -> None:
    ana = await program_of("ana")
    photo = (await ana.http.put(PATH, params={"name": "a.png"}, content=picture())).json()["id"]

    assert (await ana.http.patch(f"{PATH}/{photo}", json=body)).status_code == 422


async def test_a_link_works_without_a_sign_in_until_its_end_or_a_new_key(
    program_of: CallerOf, nobody_there, clock
) -> None:
    ana = await program_of("ana")
    photo = (await ana.http.put(PATH, params={"name": "a.png"}, content=picture())).json()["id"]
    made = [(await ana.http.post(f"{PATH}/{photo}/link", json={"minutes": 10})).json()["url"] for _ in range(2)]
    way = made[0].removeprefix("http://localhost:3000")
    opened = await nobody_there.get(way, headers={"range": "bytes=1-3"})
    clock.advance(timedelta(minutes=11))
    ended = await nobody_there.get(way)
    fresh = (await ana.http.post(f"{PATH}/{photo}/link")).json()["url"].removeprefix("http://localhost:3000")
    before = await nobody_there.get(fresh)
    await ana.http.delete("/api/v1/asset-links")
    after = await nobody_there.get(fresh)

    assert (opened.status_code, opened.content) == (206, b"PNG")
    assert (ended.status_code, ended.json()["code"]) == (404, "link.ended")
    assert (before.status_code, after.status_code, after.json()["code"]) == (200, 404, "not_found")
    assert (await nobody_there.get("/api/v1/links/anything")).status_code == 404
    assert (await ana.http.post(f"{PATH}/{photo}/link", json={"minutes": 99999})).status_code == 422


async def test_with_a_cdn_a_link_leads_there(ports: Ports, program_of: CallerOf, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = tmp_path / "cdn.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem.write_bytes(key.private_bytes(*form))
    cdn = CloudFrontCdn("https://cdn.example.com", key_id="K", key_file=pem, distribution="")
    ana = await program_of("ana")
    photo = (await ana.http.put(PATH, params={"name": "a.png"}, content=picture())).json()
    url = (await ana.http.post(f"{PATH}/{photo['id']}/link")).json()["url"].removeprefix("http://localhost:3000")
    with_cdn = replace(ports, cdn=cdn)
    async with client_of(Gate(build_api(with_cdn), settings=with_cdn.settings)) as http:
        answer = await http.get(url)

    assert answer.status_code == 302
    wanted = f"https://cdn.example.com/{ana.ctx.tenant_id}/sha256/{photo['sha256'][:2]}/{photo['sha256']}?Expires="
    assert answer.headers["location"].startswith(wanted)


async def test_a_documents_text_is_said_and_filmed(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    idea = {"idea": "A chair is repaired with a new castor in half a minute", "seconds": 30}
    run = (await ana.http.post("/api/v1/generations", json={"template": "shorts-script", "inputs": idea})).json()
    document = run["document_id"]
    filmed = (await ana.http.post(PATH, json={"kind": "video", "document_id": document})).json()
    recipe = (await ana.http.get(f"{PATH}/{filmed['asset']['id']}")).json()["recipe"]
    lineage = (await ana.http.get(f"{PATH}/{filmed['asset']['id']}/lineage")).json()

    assert len(recipe["shots"]) >= 3
    assert all(shot["narration"] and shot["heading"] and shot["seconds"] > 0 for shot in recipe["shots"])
    assert [(one["kind"], one["id"]) for one in lineage["made_from"]] == [("document", document)]


async def test_an_asset_is_used_in_a_document_once(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    run = (await ana.http.post("/api/v1/generations", json={"template": "google-rsa", "inputs": BRIEF})).json()
    photo = (await ana.http.put(PATH, params={"name": "a.png"}, content=picture())).json()["id"]
    answers = [await ana.http.post(f"{PATH}/{photo}/uses", json={"document_id": run["document_id"]}) for _ in range(2)]
    unknown = await ana.http.post(f"{PATH}/{photo}/uses", json={"document_id": photo})
    lineage = (await ana.http.get(f"{PATH}/{photo}/lineage")).json()

    assert [answer.status_code for answer in (*answers, unknown)] == [204, 204, 404]
    assert [one["id"] for one in lineage["used_in"]] == [run["document_id"]]


async def test_speech_has_captions_in_every_form(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    asked = (await ana.http.post(PATH, json={"kind": "speech", "text": "The kettle is on. The chair waits."})).json()
    await work(ana, asked)
    path = f"{PATH}/{asked['asset']['id']}/captions"
    forms = {form: (await ana.http.get(path, params={"format": form})).text for form in ("vtt", "srt", "txt")}

    assert forms["vtt"].startswith("WEBVTT")
    assert forms["srt"].startswith("1\n00:00:0")
    assert forms["txt"].split() == ["The", "kettle", "is", "on.", "The", "chair", "waits."]
    assert (await ana.http.get(f"{path}/faults")).status_code == 200


async def test_viewers_look_and_editors_make(browser_of: CallerOf, program_of: CallerOf, ctx_of) -> None:
    ana = await ctx_of("ana")
    bo = await program_of(await ctx_of("bo", role="viewer", of=ana))
    cy = await program_of(await ctx_of("cy", role="editor", of=ana))
    photo = (await cy.http.put(PATH, params={"name": "a.png"}, content=picture())).json()["id"]

    assert (await bo.http.get(f"{PATH}/{photo}/content")).status_code == 200
    refused = [
        await bo.http.post(PATH, json=POSTER),
        await bo.http.put(PATH, params={"name": "a.png"}, content=picture()),
        await bo.http.delete(f"{PATH}/{photo}"),
        await bo.http.post(f"{PATH}/{photo}/link"),
        await cy.http.delete("/api/v1/asset-links"),
    ]
    assert [answer.status_code for answer in refused] == [403] * 5
    assert (await cy.http.post(PATH, json=POSTER)).status_code == 202


async def test_voices_are_listed_with_who_speaks_with_them(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    voices = (await ana.http.get("/api/v1/voices")).json()["items"]

    assert [(voice["id"], voice["locales"], voice["provider"]) for voice in voices] == [
        ("ana", ["en"], "embedded"), ("zaid", ["ar"], "embedded"),
    ]  # fmt: skip


async def test_brands_are_kept_changed_and_forgotten(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    path = "/api/v1/media-brands"
    kit = {
        "colors": ["#2f4a3f"],
        "voice": "zaid",
        "said": [{"written": "Aldersay", "spoken": "All der say", "locale": "en"}],
    }
    brand = (await ana.http.post(path, json={"name": "Aldersay", "kit": kit})).json()
    changed = (await ana.http.put(f"{path}/{brand['id']}", json={"name": "Alder", "kit": {}})).json()
    listed = (await ana.http.get(path)).json()["items"]

    assert brand["kit"]["said"] == kit["said"]
    assert (changed["name"], changed["kit"]["colors"]) == ("Alder", [])
    assert [one["name"] for one in listed] == ["Alder"]
    no_picture = await ana.http.post(path, json={"name": "x", "kit": {"logo_id": brand["id"]}})
    assert (no_picture.status_code, no_picture.json()["code"], no_picture.json()["field"]) == (
        422, "media.logo", "kit.logo_id",
    )  # fmt: skip
    assert (await ana.http.delete(f"{path}/{brand['id']}")).status_code == 204
    assert (await ana.http.get(path)).json()["items"] == []


async def test_what_is_deleted_lies_in_the_trash_is_restored_or_deleted_for_good(
    program_of: CallerOf, nobody_there
) -> None:
    ana = await program_of("ana")
    names = ("a.png", "b.png", "c.png")
    photos = [(await ana.http.put(PATH, params={"name": n}, content=picture())).json()["id"] for n in names]
    link = (await ana.http.post(f"{PATH}/{photos[0]}/link")).json()["url"].removeprefix("http://localhost:3000")
    deleted = [(await ana.http.delete(f"{PATH}/{photo}")).status_code for photo in photos]
    again = await ana.http.delete(f"{PATH}/{photos[0]}")
    listed = (await ana.http.get(PATH, params={"trash": True})).json()["items"]
    hidden = [
        await ana.http.get(f"{PATH}/{photos[0]}{part}")
        for part in ("", "/content", "/preview", "/captions", "/lineage")
    ]  # fmt: skip
    dead = await nobody_there.get(link)
    seen = await ana.http.get(f"{PATH}/{photos[0]}/preview", params={"trash": True})
    held = (await ana.http.get(f"{PATH}/trash")).json()

    assert (deleted, again.status_code) == ([204] * 3, 404)
    assert [one["id"] for one in listed] == photos[::-1]
    assert all(one["deleted_at"] for one in listed)
    assert [answer.status_code for answer in (*hidden, dead, seen)] == [404] * 6 + [200]
    assert (held["assets"], held["size_bytes"], held["days"]) == (3, sum(one["size_bytes"] for one in listed), 30)
    restored = await ana.http.post(f"{PATH}/{photos[0]}/restore")
    assert (restored.status_code, restored.json()["deleted_at"]) == (200, None)
    assert (await nobody_there.get(link)).status_code == 200
    for photo in photos[:2]:
        assert (await ana.http.delete(f"{PATH}/{photo}", params={"for_good": True})).status_code == 204
        assert (await ana.http.post(f"{PATH}/{photo}/restore")).status_code == 404
    assert (await ana.http.delete(f"{PATH}/trash")).status_code == 204
    assert (await ana.http.get(PATH, params={"trash": True})).json()["items"] == []


async def test_words_of_the_workspace_are_kept_as_a_whole(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    path = "/api/v1/pronunciations"
    said = [{"written": "Aldersay", "spoken": "All der say", "locale": "en"}]
    kept = await ana.http.put(path, json={"said": said})
    refused = await ana.http.put(path, json={"said": [{"written": "", "spoken": "x"}]})

    assert (kept.status_code, kept.json()["items"]) == (200, said)
    assert (refused.status_code, refused.json()["field"]) == (422, "said.0.written")
    assert (await ana.http.get(path)).json()["items"] == said

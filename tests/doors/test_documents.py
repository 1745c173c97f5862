"""Documents over REST: every version stays, an edit is checked, a deletion can be undone, and files to take away."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from app.core.clock import ManualClock
from app.core.ports import Ports
from jobs import housekeeping
from tests.doors.conftest import BRIEF, Caller, CallerOf

PATH = "/api/v1/documents"
BOTH = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


async def a_run(ana: Caller, template: str = "google-rsa", **inputs: object) -> dict[str, Any]:
    if template != "google-rsa":
        samples = (await ana.http.get(f"/api/v1/templates/{template}/samples")).json()["items"]
        inputs = {**next(one["inputs"] for one in samples if one["language"] == "en"), **inputs}
    else:
        inputs = {**BRIEF, **inputs}
    answer = await ana.http.post("/api/v1/generations", json={"template": template, "inputs": inputs})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def a_document(ana: Caller, template: str = "google-rsa") -> dict[str, Any]:
    run = await a_run(ana, template)
    found: dict[str, Any] = (await ana.http.get(f"{PATH}/{run['document_id']}")).json()
    return found


@BOTH
async def test_an_edit_is_checked_and_becomes_the_newest_version(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    document = await a_document(ana)
    text = json.loads(document["text"])
    text["headlines"][0] = "A headline that is much too long for any ad on Google"

    saved = await ana.http.post(f"{PATH}/{document['id']}/versions", json={"text": json.dumps(text), "base_version": 1})

    body = saved.json()
    assert saved.status_code == 201
    assert body["document"]["version"] == 2
    over = [line for line in body["verdict"]["lines"] if line["state"] == "over"]
    assert [(line["path"], line["limit"]) for line in over] == [("headlines[0]", 30)]
    assert body["document"]["passed"] == body["verdict"]["passed"] < document["passed"]
    versions = (await ana.http.get(f"{PATH}/{document['id']}/versions")).json()["items"]
    assert [(one["number"], one["cause"]) for one in versions] == [(2, "edited"), (1, "generated")]


@BOTH
async def test_an_earlier_version_comes_back_as_the_newest(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    document = await a_document(ana)
    address = f"{PATH}/{document['id']}"
    await ana.http.post(f"{address}/versions", json={"text": "something else"})

    restored = (await ana.http.post(f"{address}/versions/1/restore")).json()
    now = (await ana.http.get(address)).json()
    second = (await ana.http.get(f"{address}/versions/2")).json()

    assert restored["version"] == 3
    assert (now["text"], now["cause"], now["passed"]) == (document["text"], "restored", document["passed"])
    assert second["text"] == "something else"


async def test_a_save_that_would_hide_another_is_refused(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    document = await a_document(ana)
    address = f"{PATH}/{document['id']}/versions"

    answers = await asyncio.gather(
        *(ana.http.post(address, json={"text": f"text {n}", "base_version": 1}) for n in range(6))
    )

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"document.moved"}


async def test_the_same_text_makes_no_version(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    document = await a_document(ana)

    saved = await ana.http.post(f"{PATH}/{document['id']}/versions", json={"text": document["text"]})

    assert saved.json()["document"]["version"] == 1


@pytest.mark.parametrize("text", ["", " \n\t", "\u0000\u0007"])
async def test_an_empty_text_is_not_saved(program_of: CallerOf, text: str) -> None:
    ana = await program_of("ana")
    document = await a_document(ana)

    saved = await ana.http.post(f"{PATH}/{document['id']}/versions", json={"text": text})

    assert (saved.status_code, saved.json()["code"]) == (422, "document.empty")


async def test_a_deletion_can_be_undone(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    document = await a_document(ana)
    address = f"{PATH}/{document['id']}"

    deleted = await ana.http.delete(address)
    gone = [await ana.http.get(address), await ana.http.get(f"{address}/export"), await ana.http.delete(address)]
    empty = (await ana.http.get(PATH)).json()["items"]
    back = await ana.http.post(f"{address}/restore")

    assert deleted.status_code == 204
    assert [answer.status_code for answer in gone] == [404, 404, 404]
    assert empty == []
    assert (back.status_code, back.json()["id"]) == (200, document["id"])
    assert (await ana.http.get(address)).json() == document


async def test_titles_are_changed_searched_and_sealed(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    first, second = await a_document(ana), await a_document(ana, "x-post")

    renamed = await ana.http.patch(f"{PATH}/{first['id']}", json={"title": "  Chairs for\nÉcole  launch "})
    found = (await ana.http.get(PATH, params={"search": "école CHAIRS"})).json()["items"]
    by_template = (await ana.http.get(PATH, params={"template": "x-post"})).json()["items"]
    refused = await ana.http.patch(f"{PATH}/{first['id']}", json={"title": "\u200b\n \t"})

    assert renamed.json()["title"] == "Chairs for École launch"
    assert [one["id"] for one in found] == [first["id"]]
    assert [one["id"] for one in by_template] == [second["id"]]
    assert (refused.status_code, refused.json()["code"]) == (422, "document.title")


async def test_documents_are_listed_last_changed_first_page_by_page(program_of: CallerOf, clock: Any) -> None:
    from datetime import timedelta

    ana = await program_of("ana")
    ids = []
    for _ in range(4):
        ids.append((await a_document(ana))["id"])
        clock.advance(timedelta(seconds=1))
    await ana.http.post(f"{PATH}/{ids[0]}/versions", json={"text": "changed last"})

    seen, cursor = [], None
    for _ in range(3):
        page = (await ana.http.get(PATH, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == [ids[0], ids[3], ids[2], ids[1]]


@BOTH
async def test_another_variant_is_kept_once_however_often_it_is_asked_for(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    run = await a_run(ana, variants=2)
    body = {"generation_id": run["id"], "variant": "B"}

    answers = await asyncio.gather(*(ana.http.post(PATH, json=body) for _ in range(5)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len((await ana.http.get(PATH)).json()["items"]) == 2
    kept = (await ana.http.get(f"{PATH}/{answers[0].json()['id']}")).json()
    assert kept["text"] == run["variants"][1]["text"]


async def test_a_variant_that_is_not_there_is_not_kept(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    run = await a_run(ana)

    answer = await ana.http.post(PATH, json={"generation_id": run["id"], "variant": "C"})

    assert answer.status_code == 404


async def test_a_text_is_checked_in_the_documents_place_and_not_kept(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    document = await a_document(ana)

    now = (await ana.http.post(f"{PATH}/{document['id']}/check")).json()
    other = (await ana.http.post(f"{PATH}/{document['id']}/check", json={"text": "{}"})).json()

    assert (now["passed"], now["total"]) == (document["passed"], document["total"])
    assert other["passed"] < now["passed"]
    assert (await ana.http.get(f"{PATH}/{document['id']}")).json()["version"] == 1


async def test_a_download_is_an_attachment_that_cannot_act_in_our_origin(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    document = await a_document(ana)

    answer = await ana.http.get(f"{PATH}/{document['id']}/export", params={"format": "md"})

    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="google-rsa-')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("form", ["md", "txt", "json", "csv"])
async def test_every_template_is_exported_in_every_form_with_its_writer(program_of: CallerOf, form: str) -> None:
    ana = await program_of("ana")
    slugs = [one["id"] for one in (await ana.http.get("/api/v1/templates")).json()["items"]]
    wrong = []
    for slug in slugs:
        document = await a_document(ana, slug)
        answer = await ana.http.get(f"{PATH}/{document['id']}/export", params={"format": form})
        labelled = {
            "json": '"provider": "embedded"', "csv": "", "md": "built-in demo writer", "txt": "built-in demo writer"
        }[form]  # fmt: skip
        if answer.status_code != 200 or (labelled not in answer.text and slug != "subtitles-srt"):
            wrong.append((slug, answer.status_code, answer.text[:200]))

    assert wrong == []


async def test_a_search_ad_is_laid_out_for_google_ads_editor(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    document = await a_document(ana)
    text = json.loads(document["text"])
    text["headlines"][0] = '=HYPERLINK("https://evil.example")'
    await ana.http.post(f"{PATH}/{document['id']}/versions", json={"text": json.dumps(text)})

    answer = await ana.http.get(f"{PATH}/{document['id']}/export", params={"format": "csv"})

    head, row = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    cells = dict(zip(head, row, strict=True))
    assert head[3:6] == ["Headline 1", "Headline 2", "Headline 3"]
    assert cells["Headline 1"] == '\'=HYPERLINK("https://evil.example")'
    assert cells["Headline 2"] == text["headlines"][1]
    assert cells["Description 1"] == text["descriptions"][0]
    assert cells["Ad type"] == "Responsive search ad"
    assert "built-in demo writer" in cells["Comment"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    from app.content.export import safe_cell

    assert safe_cell(cell) == f"'{cell}"
    assert safe_cell("plain") == "plain"


async def test_favourites_are_ones_own(browser_of: CallerOf) -> None:
    ana, bo = await browser_of("ana"), await browser_of("bo")

    marked = await asyncio.gather(*(ana.http.put("/api/v1/favourites/google-rsa") for _ in range(4)))
    await ana.http.put("/api/v1/favourites/x-post")
    unknown = await ana.http.put("/api/v1/favourites/no-such")
    hers = (await ana.http.get("/api/v1/favourites")).json()["items"]
    await ana.http.delete("/api/v1/favourites/x-post")
    left = (await ana.http.get("/api/v1/favourites")).json()["items"]

    assert {answer.status_code for answer in marked} == {204}
    assert unknown.status_code == 404
    assert [one["template"] for one in hers] == ["x-post", "google-rsa"]
    assert [one["template"] for one in left] == ["google-rsa"]
    assert (await bo.http.get("/api/v1/favourites")).json()["items"] == []


async def test_what_a_template_asks_for_is_a_json_schema_that_its_samples_fit(program_of: CallerOf) -> None:
    from jsonschema import Draft202012Validator

    ana = await program_of("ana")
    for card in (await ana.http.get("/api/v1/templates")).json()["items"]:
        detail = (await ana.http.get(f"/api/v1/templates/{card['id']}")).json()
        Draft202012Validator.check_schema(detail["inputs"])
        validator = Draft202012Validator(detail["inputs"])
        for sample in (await ana.http.get(f"/api/v1/templates/{card['id']}/samples")).json()["items"]:
            problems = [error.message for error in validator.iter_errors(sample["inputs"])]

            assert problems == [], (card["id"], sample["language"])


async def test_templates_are_found_by_what_people_call_them(program_of: CallerOf) -> None:
    ana = await program_of("ana")

    tweet = (await ana.http.get("/api/v1/templates", params={"search": "tweet"})).json()["items"]
    ads = (await ana.http.get("/api/v1/templates", params={"category": "ads"})).json()["items"]
    shelves = (await ana.http.get("/api/v1/templates/categories")).json()["items"]

    assert tweet[0]["id"] == "x-post"
    assert {one["category"] for one in ads} == {"ads"}
    assert len(shelves) == 16


async def test_any_text_is_checked_against_a_template(program_of: CallerOf) -> None:
    ana = await program_of("ana")
    text = json.dumps({"headlines": ["One that is much too long for a headline"], "descriptions": [], "paths": []})

    answer = await ana.http.post("/api/v1/templates/google-rsa/check", json={"inputs": BRIEF, "text": text})
    refused = await ana.http.post("/api/v1/templates/google-rsa/check", json={"inputs": {}, "text": text})

    failed = {one["kind"] for one in answer.json()["checks"] if one["status"] == "failed"}
    assert {"length", "count"} <= failed
    assert (refused.status_code, refused.json()["field"]) == (422, "inputs.product")


@BOTH
async def test_what_was_deleted_a_month_ago_is_gone_with_its_run_and_nothing_else(
    program_of: CallerOf, ports: Ports, clock: ManualClock
) -> None:
    ana = await program_of("ana")
    kept, gone = await a_document(ana), await a_run(ana, product="A desk")
    back = await a_document(ana)
    for document_id in (gone["document_id"], back["id"]):
        await ana.http.delete(f"{PATH}/{document_id}")
    clock.advance(timedelta(days=ports.settings.deleted_days, minutes=-1))
    await housekeeping.run_once(ports)
    assert (await ana.http.post(f"{PATH}/{back['id']}/restore")).status_code == 200
    clock.advance(timedelta(minutes=2))
    await housekeeping.run_once(ports)

    assert (await ana.http.post(f"{PATH}/{gone['document_id']}/restore")).status_code == 404
    assert (await ana.http.get(f"/api/v1/generations/{gone['id']}")).status_code == 404
    for document in (kept, back):
        assert (await ana.http.get(f"{PATH}/{document['id']}")).json()["text"] == document["text"]

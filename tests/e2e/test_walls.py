"""Two organisations in two browsers: what belongs to one does not exist for the other, at any door."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import WebSocket, expect

from tests.e2e.conftest import NewPerson, Person
from tests.e2e.test_run import SAMPLE, run_to_the_end

BRIEF = {"product": "Aldersay One, a repairable office chair", "keywords": ["repairable office chair"]}


def text_of(owner: Person) -> dict[str, str]:
    """Have a text written in the owner's workspace; return the run."""
    answer = owner.context.request.post(
        f"{owner.address}/api/v1/generations",
        data={"template": "google-rsa", "inputs": BRIEF},
        headers={"Origin": owner.address},
    )
    assert answer.status == 201, answer.text()
    run: dict[str, str] = answer.json()
    return run


@pytest.fixture
def ana(person: NewPerson) -> Person:
    """An owner of an organisation."""
    ana = person()
    ana.sign_up("ana")
    return ana


@pytest.fixture
def ben(person: NewPerson) -> Person:
    """The owner of another one, in another browser."""
    ben = person()
    ben.sign_up("ben")
    return ben


def test_an_organisation_sees_nothing_of_another_on_screen(ana: Person, ben: Person) -> None:
    run = text_of(ana)
    expect(ana.go("/documents").locator(".doc-rows li")).to_have_count(1)

    page = ben.go(f"/documents/{run['document_id']}")

    expect(page.get_by_role("heading", name="There is no document under that address.")).to_be_visible()
    assert "Aldersay" not in page.content()
    ben.go("/documents")
    expect(page.get_by_role("heading", name="Nothing is kept yet.")).to_be_visible()
    assert page.locator(".doc-rows li").count() == 0


def test_a_foreign_address_answers_like_one_that_never_was(ana: Person, ben: Person) -> None:
    run = text_of(ana)
    stored = ana.context.request.put(
        f"{ana.address}/api/v1/files?name=brief.txt", data="Aldersay", headers={"Origin": ana.address}
    )
    assert stored.status in (200, 201), stored.text()
    file_id = stored.json()["id"]

    for path, real in (
        ("/api/v1/files/{id}", file_id),
        ("/api/v1/files/{id}/content", file_id),
        ("/api/v1/documents/{id}", run["document_id"]),
        ("/api/v1/documents/{id}/export?format=md", run["document_id"]),
        ("/api/v1/generations/{id}", run["id"]),
        ("/api/v1/generations/{id}/events", run["id"]),
    ):
        assert ana.context.request.get(ana.address + path.format(id=real)).status == 200, path
        foreign, absent = (ben.context.request.get(ben.address + path.format(id=one)) for one in (real, str(uuid4())))
        assert foreign.status == absent.status == 404, path
        differing = {"request_id", "instance"}
        told = [{k: v for k, v in one.json().items() if k not in differing} for one in (foreign, absent)]
        assert told[0] == told[1], path


@pytest.mark.parametrize("path", ["/api/v1/documents", "/api/v1/generations", "/api/v1/files", "/api/v1/members"])
def test_no_list_holds_a_row_of_another(ana: Person, ben: Person, path: str) -> None:
    text_of(ana)

    told = ben.context.request.get(ben.address + path)

    assert told.status in (200, 405), told.text()  # files are not listed
    assert "Aldersay" not in told.text() and "ana@" not in told.text()


def test_the_socket_tells_one_nothing_of_what_the_other_does(ana: Person, ben: Person) -> None:
    told: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: told.append(str(frame)))

    ben.page.on("websocket", listen)
    ben.go("/documents")
    told.clear()
    run_to_the_end(ana.go(SAMPLE))  # both are looking while it is written
    page = ben.go("/documents")

    expect(page.get_by_role("heading", name="Nothing is kept yet.")).to_be_visible()
    assert told
    assert not [frame for frame in told if "Aldersay" in frame or "ana@" in frame]

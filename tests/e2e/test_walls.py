"""Two workspaces in two browsers: what belongs to one does not exist for the other."""

from __future__ import annotations

from uuid import uuid4

from playwright.sync_api import expect

from tests.e2e.conftest import NewPerson, Person

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


def test_a_workspace_sees_nothing_of_another(person: NewPerson) -> None:
    ana, ben = person(), person()
    ana.start_demo(fresh=True)
    ben.start_demo(fresh=True)
    run = text_of(ana)
    expect(ana.go("/documents").locator(".doc-rows li")).to_have_count(1)

    page = ben.go(f"/documents/{run['document_id']}")

    expect(page.get_by_role("heading", name="There is no document under that address.")).to_be_visible()
    assert "Aldersay" not in page.content()
    ben.go("/documents")
    expect(page.get_by_role("heading", name="Nothing is kept yet.")).to_be_visible()
    assert page.locator(".doc-rows li").count() == 0


def test_a_foreign_address_answers_like_one_that_never_was(person: NewPerson) -> None:
    ana, ben = person(), person()
    ana.start_demo(fresh=True)
    ben.start_demo(fresh=True)
    run = text_of(ana)

    for path, real in (
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

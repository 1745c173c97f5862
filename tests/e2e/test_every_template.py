"""Each template from its sample with the built-in writer: filled, run, checked and kept, on the screen."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.content.catalogue_files import load_catalogue
from tests.e2e.conftest import NewPerson, Person, serving
from tests.e2e.test_run import FORM, RUN_WITHIN_MS, SAMPLE, run_to_the_end

PACE = 6  # pieces per second: slow enough to press Stop in the middle


@pytest.fixture(scope="module")
def slow_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose built-in writer takes its time."""
    with serving(tmp_path_factory.mktemp("slow"), GALLEY_WRITER_PIECES_PER_S=str(PACE)) as address:
        yield address


@pytest.fixture
def slow_ana(person: NewPerson, slow_address: str) -> Person:
    """Somebody on the slow server."""
    ana = person(at=slow_address)
    ana.sign_up("ana")
    return ana


def test_every_template_runs_from_its_sample_and_is_kept(person: NewPerson) -> None:
    ana = person()
    ana.sign_up("ana")
    templates = load_catalogue().all()
    wrong = {}
    for template in templates:
        page = ana.go(f"/templates/{template.id}?sample=1")
        run_to_the_end(page)
        checked = page.locator(".head .frac").first.inner_text()
        if page.locator(".head .frac.fail, .rows .line.fail").count() or not re.search(r"\d", checked):
            wrong[template.id] = checked

    kept = ana.context.request.get(f"{ana.address}/api/v1/documents?limit=100").json()["items"]
    assert wrong == {}
    assert sorted(one["template"] for one in kept) == sorted(template.id for template in templates)


def words_set(page: Page) -> str:
    return " ".join(page.locator(".rows .line .txt").all_inner_texts()).strip()


def test_a_stop_in_mid_text_keeps_what_was_set(slow_ana: Person) -> None:
    page = slow_ana.go(SAMPLE)
    page.locator(f"{FORM} .go button.primary").click()
    expect(page.locator(".rows .line .txt").first).to_have_text(re.compile(r"\w{3}"), timeout=RUN_WITHIN_MS)

    page.get_by_role("button", name="Stop").click()

    expect(page.get_by_text("Stopped. What was set stays.")).to_be_attached(timeout=RUN_WITHIN_MS)
    stopped = words_set(page)
    assert len(stopped) > 3
    expect(page.locator(f"{FORM} .go button.primary")).to_be_visible()
    page.wait_for_timeout(3 * 1000 / PACE)  # three more pieces would have come
    assert words_set(page) == stopped
    expect(page.get_by_text("Something went wrong")).to_have_count(0)

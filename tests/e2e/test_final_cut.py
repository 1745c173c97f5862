"""A final cut that cannot be made: its draft plays on, the reason is told with a way out, and a retry makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import pick_port
from tests.e2e.conftest import NewPerson, Person
from tests.e2e.test_media import CLIP_WITHIN_MS, MADE_WITHIN_MS, PLAYS, SCRIPT, prints
from tests.media_samples import noise
from tests.running import READY, migrate, started

QUOTA_MB = 4
TOO_LITTLE_BYTES = 20_000
"""No final cut of a clip is as small as what is left then."""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a whole Galley answers in which a workspace may keep little."""
    folder = tmp_path_factory.mktemp("galley")
    migrate(folder)
    with started(folder, pick_port(), GALLEY_STORAGE_QUOTA_MB=str(QUOTA_MB)) as galley:
        galley.wait_for(READY)
        yield galley.address


def fill_up(visitor: Person) -> None:
    """Upload pictures until nothing of a sensible size fits any more."""
    api, size_px, number = f"{visitor.address}/api/v1/assets", 512, count()
    while 3 * size_px**2 > TOO_LITTLE_BYTES:
        answer = visitor.context.request.put(
            f"{api}?name=filler-{next(number)}.png", data=noise(size_px), headers={"Origin": visitor.address}
        )
        if answer.status == 429:
            assert answer.json()["code"] == "storage.quota"
            size_px = round(size_px * 0.7)
        else:
            assert answer.status == 201, answer.text()


def test_a_final_cut_that_fails_leaves_the_draft_and_is_made_by_a_retry(
    person: NewPerson, studio: str, barriers: Callable[[Page], list[str]]
) -> None:
    ana = person(at=studio)
    ana.sign_up("ana")
    page = ana.go("/media/new?tab=clip")
    page.get_by_role("textbox", name="Script").fill(SCRIPT)
    page.get_by_label("Only a draft").click()
    page.get_by_role("button", name="Make the clip").click()
    expect(page.locator(".studio-made .result .draft-mark")).to_be_visible(timeout=CLIP_WITHIN_MS)
    fill_up(ana)
    page = ana.go("/media")
    draft = prints(page).filter(has=page.locator(".draft-mark"))
    draft.locator(".fr").click()
    recipe = page.get_by_role("complementary", name="Recipe")
    small = recipe.locator("video").evaluate(PLAYS)
    recipe.get_by_role("button", name="Make the final cut").click()

    broken = page.locator(".wall").get_by_role("alert")
    expect(broken).to_contain_text("The final cut was not made.", timeout=CLIP_WITHIN_MS)
    expect(broken).to_contain_text(f"The workspace's {QUOTA_MB} MB for files are used up.")
    expect(broken).to_contain_text("empty the trash")
    expect(draft).to_have_count(1)
    expect(recipe.get_by_role("button", name="Make the final cut")).to_be_visible()
    assert recipe.locator("video").evaluate(PLAYS)["at"] >= 0.5
    assert barriers(page) == []

    fillers = prints(page).filter(has_text="filler")
    for at in range(fillers.count()):
        fillers.nth(at).get_by_role("checkbox").click()
    page.locator(".chosen-bar").get_by_role("button", name="Throw away").click()
    expect(prints(page)).to_have_count(1)
    page = ana.go("/media/trash")
    page.get_by_role("button", name="Empty the trash").click()
    page.get_by_role("alert").get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="The trash is empty.")).to_be_visible(timeout=MADE_WITHIN_MS)
    page = ana.go("/media")
    broken.get_by_role("button", name="Try again").click()

    expect(prints(page).locator(".draft-mark")).to_have_count(0, timeout=CLIP_WITHIN_MS)
    expect(page.locator(".wall .job")).to_have_count(0)
    prints(page).locator(".fr").click()
    large = recipe.locator("video").evaluate(PLAYS)
    assert large["at"] >= 0.5
    assert large["wide"] > small["wide"]

"""Every page, before and after signing up: no barrier in light, dark and Arabic, and none is wider than a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

import components.pages
from tests.e2e.conftest import PHONE, WIDE, NewPerson, Person, overflow_px, resize
from tests.e2e.test_run import SAMPLE, run_to_the_end

FOR_VISITORS = ("/", "/sign-in", "/sign-up")


def routes() -> set[str]:
    """Return the route of every page module, from its source: without Reflex in this process."""
    folder = Path(components.pages.__file__).parent
    sources = (path.read_text("utf-8") for path in folder.glob("*.py"))
    return {line.split('"')[1] for text in sources for line in text.splitlines() if line.startswith("ROUTE = ")}


def stations(ana: Person) -> Iterator[tuple[str, Page]]:
    """Go to every page, the run screen before and after a run, with something in every list."""
    page = ana.go(SAMPLE)
    yield "before a run", page
    run_to_the_end(page)
    yield "after a run", page
    document = page.locator(".head a[href^='/documents/']").last.get_attribute("href") or ""
    for route in sorted(routes() - {"/templates/[slug]"} - set(FOR_VISITORS)):
        yield route, ana.go(document if route == "/documents/[document]" else route)


def px_too_wide(page: Page) -> int:
    """Return by how many pixels a page is wider than a phone; the window is as before afterwards."""
    resize(page, PHONE)
    too_wide = overflow_px(page)
    resize(page, WIDE)
    return too_wide


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "en"), ("light", "ar")])
def test_no_page_has_a_barrier_or_is_wider_than_a_phone(
    person: NewPerson, barriers: Callable[[Page], list[str]], theme: str, language: str
) -> None:
    ana = person(theme=theme, language=language)
    found: dict[str, tuple[list[str], int]] = {}
    for path in FOR_VISITORS:
        page = ana.go(path)
        found[path] = barriers(page), px_too_wide(page)
    ana.sign_up("ana", language)
    for place, page in stations(ana):
        found[place] = barriers(page), px_too_wide(page)

    assert {place: faults for place, faults in found.items() if faults != ([], 0)} == {}
    assert len(found) >= len(routes())

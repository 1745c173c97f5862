"""The run screen: three clicks to the first text, set line by line, corrected in place, kept."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewPerson

RUN_WITHIN_MS = 30_000
SAMPLE = "/templates/google-rsa?sample=1"
FORM = "#brief-form"


def run_to_the_end(page: Page) -> None:
    """Press Run and wait until the text is set and kept."""
    page.locator(f"{FORM} .go button.primary").click()
    expect(page.locator(".checks, .below").first).to_be_visible(timeout=RUN_WITHIN_MS)
    page.locator(".head a[href^='/documents/']").wait_for(state="attached", timeout=RUN_WITHIN_MS)


def test_two_clicks_and_no_typing_lead_to_the_first_text(person: NewPerson) -> None:
    page = person().go("/")

    page.get_by_role("button", name="Try it now").click()
    page.wait_for_url("**/templates/google-rsa?sample=1")
    expect(page.get_by_role("textbox", name="Product")).not_to_have_value("")
    page.get_by_role("button", name="Run", exact=False).and_(page.locator("[type=submit]")).click()

    first = page.locator(".rows .line .txt").first
    expect(first).to_have_text(re.compile(r"\w{3}"), timeout=RUN_WITHIN_MS)
    expect(page.locator(".rows .line .n").first).to_have_text(re.compile(r"^\d+/30$"))
    expect(page.locator(".rows .line .mk svg").first).to_be_visible()


def test_a_line_corrected_in_place_is_measured_and_kept_as_a_new_version(person: NewPerson) -> None:
    visitor = person()
    visitor.start_demo(fresh=True)
    page = visitor.go(SAMPLE)
    run_to_the_end(page)

    line = page.locator(".rows .line").first
    line.get_by_role("button", name="press Enter to correct it").press("Enter")
    line.get_by_role("textbox").fill("x" * 33)
    expect(line.get_by_role("note")).to_contain_text("33 of 30. Three over.")
    line.get_by_role("textbox").fill("Chairs that can be repaired")
    expect(line.get_by_role("note")).to_have_count(0)
    line.get_by_role("textbox").press("Enter")

    expect(line.locator(".txt")).to_have_text("Chairs that can be repaired")
    page.locator(".head a[href^='/documents/']").last.click()
    expect(page.get_by_role("button", name="Version 2")).to_contain_text("now")
    expect(page.locator(".rows .line .txt").first).to_have_text("Chairs that can be repaired")

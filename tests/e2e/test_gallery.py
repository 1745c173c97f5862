"""The gallery: found within a blink, marked for good, reachable without a mouse, right in every language and width."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.content.catalogue_files import load_catalogue
from components.catalogue_data import check_count
from tests.e2e.conftest import PHONE, WIDE, WIDTHS, NewPerson, overflows_px, resize, untranslated

FIND_MS = 50

CALLED = {
    "tweet": "x-post",
    "twitter": "x-post",
    "adwords": "google-rsa",
    "ppc": "google-rsa",
    "text message": "sms-campaign",
    "srt": "subtitles-srt",
    "captions": "subtitles-srt",
    "quiz": "quiz-multiple-choice",
    "release notes": "changelog-entry",
    "schema.org": "product-jsonld",
    "press": "press-release",
    "linkdin": "linkedin-post",
    "newsleter": "newsletter",
    "summary": "summarise",
    "shorter": "shorten",
}


def cells(page: Page) -> list[str]:
    hrefs: list[str] = page.eval_on_selector_all(".cell h3 a", "all => all.map(a => a.getAttribute('href'))")
    return [href.split("?")[0].removeprefix("/templates/") for href in hrefs]


@pytest.fixture
def gallery(person: NewPerson) -> Page:
    visitor = person()
    visitor.start_demo()
    return visitor.go("/templates")


def test_every_template_stands_there_with_its_true_count_of_checks(gallery: Page) -> None:
    catalogue = load_catalogue()

    assert cells(gallery) == [template.id for template in catalogue.all()]
    for template in catalogue.all():
        cell = gallery.locator(".cell", has=gallery.get_by_role("link", name=template.name, exact=True))
        expect(cell.locator(".mt")).to_contain_text(f"{check_count(template)} checks")


def test_every_card_shows_a_typeset_example(gallery: Page) -> None:
    empty = gallery.eval_on_selector_all(".pv", "all => all.filter(pv => pv.textContent.trim().length < 20).length")

    assert empty == 0


def test_a_template_is_found_by_what_people_call_it(gallery: Page) -> None:
    everything, found = cells(gallery), {}
    box = gallery.get_by_role("searchbox")
    for words in CALLED:
        box.fill("")
        expect(gallery.locator(".cell")).to_have_count(len(everything))
        box.fill(words)
        expect(gallery.locator(".cell")).not_to_have_count(len(everything))
        found[words] = cells(gallery)[:3]

    assert {words: found[words] for words, template in CALLED.items() if template not in found[words]} == {}


def test_an_answer_is_drawn_within_a_blink(gallery: Page) -> None:
    took_ms = gallery.evaluate(
        """async () => {
          const box = document.getElementById("seek");
          const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
          const times = [];
          for (const words of ["t", "tw", "twe", "twee", "tweet", "tweet x", ""]) {
            const began = performance.now();
            set.call(box, words);
            box.dispatchEvent(new Event("input", { bubbles: true }));
            await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
            times.push(performance.now() - began);
          }
          return times.sort((a, b) => a - b)[3];
        }"""
    )

    assert took_ms < FIND_MS


def test_the_slash_key_goes_to_the_search_and_escape_empties_it(gallery: Page) -> None:
    gallery.keyboard.press("/")
    box = gallery.get_by_role("searchbox")
    expect(box).to_be_focused()

    gallery.keyboard.type("tweet")
    expect(box).to_have_value("tweet")
    gallery.keyboard.press("Escape")

    expect(box).to_have_value("")


def test_a_search_without_an_answer_offers_working_samples(gallery: Page) -> None:
    gallery.get_by_role("searchbox").fill("zzqx")

    expect(gallery.get_by_role("heading", name="No template is called “zzqx”.")).to_be_visible()
    samples = gallery.locator(".ex a")
    expect(samples).to_have_count(3)
    assert "?sample=1" in (samples.first.get_attribute("href") or "")
    gallery.get_by_role("button", name="Clear the search").click()
    expect(gallery.get_by_role("searchbox")).to_be_focused()


def test_a_category_shows_its_own_and_is_kept_in_the_address(gallery: Page) -> None:
    gallery.get_by_role("complementary").get_by_role("link", name="Social posts").click()

    expect(gallery.locator(".cell")).to_have_count(2)
    assert gallery.url.endswith("category=social")
    gallery.reload()
    expect(gallery.locator(".cell")).to_have_count(2)


def test_a_kind_shows_only_texts_of_that_form(gallery: Page) -> None:
    gallery.get_by_role("button", name="E-mail 2", exact=True).click()

    expect(gallery.locator(".cell")).to_have_count(2)
    expect(gallery.get_by_role("button", name="E-mail 2", exact=True)).to_have_attribute("aria-pressed", "true")


def test_a_chosen_language_goes_with_the_brief(gallery: Page) -> None:
    gallery.get_by_label("Language of the text").select_option("fr")

    assert gallery.get_by_role("link", name="Haiku").count() == 0
    href = gallery.get_by_role("link", name="Google responsive search ad").get_attribute("href")
    assert href == "/templates/google-rsa?language=fr"


def test_a_favourite_comes_first_and_stays(person: NewPerson) -> None:
    visitor = person()
    visitor.start_demo(fresh=True)
    page = visitor.go("/templates")
    star = page.get_by_role("button", name="Favourite: Press release")

    star.click()

    expect(star).to_have_attribute("aria-pressed", "true")
    visitor.go("/templates")
    expect(page.get_by_role("heading", name="Favourites", exact=True).last).to_be_visible()
    assert cells(page)[0] == "press-release"
    page.get_by_role("button", name="Favourite: Press release").click()
    expect(page.get_by_role("button", name="Favourite: Press release")).to_have_attribute("aria-pressed", "false")


def test_a_visitor_sees_the_gallery_but_marks_nothing(person: NewPerson) -> None:
    page = person().go("/templates")

    assert len(cells(page)) == len(load_catalogue().all())
    assert page.get_by_role("button", name="Favourite").count() == 0


def test_a_visitor_who_opens_a_template_signs_in_and_comes_back_to_it(person: NewPerson) -> None:
    page = person().go("/templates")

    page.get_by_role("link", name="Press release").click()

    page.wait_for_url("**/sign-in?next=/templates/press-release")


def test_the_palette_finds_opens_and_gives_the_focus_back(gallery: Page) -> None:
    find = gallery.get_by_role("button", name="Find or run")
    find.focus()
    gallery.keyboard.press("Control+k")
    box = gallery.get_by_role("combobox", name="Find or run")
    expect(box).to_be_focused()

    gallery.keyboard.type("tweet")
    expect(gallery.get_by_role("dialog").get_by_role("option").first).to_contain_text("Post on X also called tweet")
    gallery.keyboard.press("Escape")
    expect(find).to_be_focused()

    gallery.keyboard.press("Control+k")
    gallery.keyboard.type("tweet")
    gallery.keyboard.press("ArrowDown")
    gallery.keyboard.press("Enter")
    gallery.wait_for_url("**/templates/x-post?sample=1")


def test_every_control_is_large_enough_to_touch(person: NewPerson) -> None:
    visitor = person(size=PHONE)
    visitor.start_demo()
    page = visitor.go("/templates")

    small = page.evaluate(
        """() => [...document.querySelectorAll("a, button, input, select")]
          .filter((one) => one.checkVisibility() && !one.closest(".vh, .skip"))
          .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 80)])
          .filter(([box]) => box.width && (box.width < 24 || box.height < 24)).map(([, html]) => html)"""
    )

    assert small == []


@pytest.mark.parametrize("language", ["en", "ar", "qps"])
def test_nothing_sticks_out_sideways(person: NewPerson, language: str) -> None:
    page = person(language=language).go("/templates")

    assert overflows_px(page) == dict.fromkeys(WIDTHS, 0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_no_barrier(
    person: NewPerson, barriers: Callable[[Page], list[str]], theme: str, language: str
) -> None:
    visitor = person(theme=theme, language=language)
    visitor.start_demo(language)
    page = visitor.go("/templates")

    for size in (WIDE, PHONE):
        resize(page, size)
        assert (size, barriers(page)) == (size, [])
        page.keyboard.press("Control+k")
        page.get_by_role("dialog").get_by_role("combobox").wait_for()
        assert (size, barriers(page)) == (size, [])
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="hidden")


def test_no_raw_string_is_left_in_the_pseudo_language(person: NewPerson) -> None:
    page = person(language="qps").go("/templates")

    assert untranslated(page) == []

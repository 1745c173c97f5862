"""The public page: one button to the first text, true figures, no barrier, every language and width."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect

from components.catalogue_data import figures
from tests.e2e.conftest import PHONE, WIDE, WIDTHS, NewPerson, overflows_px, resize, untranslated

FIRST_PAGE_KIB = 350  # the goal for all scripts of the first page, compressed


def test_one_click_leads_to_a_filled_template_in_a_demo_workspace(person: NewPerson) -> None:
    visitor = person()
    page = visitor.go("/")

    page.get_by_role("button", name="Try it now").click()

    page.wait_for_url("**/templates/google-rsa?sample=1")
    cookie = next(one for one in visitor.context.cookies() if one["name"] == "galley_sid")
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax"


def test_the_page_calls_the_address_it_was_opened_under(person: NewPerson) -> None:
    visitor = person(host="127.0.0.1")
    sockets: list[str] = []
    visitor.page.on("websocket", lambda socket: sockets.append(socket.url))

    visitor.go("/")

    assert sockets and all(url.startswith(visitor.address.replace("http", "ws")) for url in sockets)


def test_the_figures_are_those_of_the_catalogue(person: NewPerson) -> None:
    counted = figures()
    page = person().go("/")

    expect(page.locator(".facts")).to_have_text(
        f"{counted.templates} templates{counted.checks:,} checks{counted.languages} languages"
    )


def test_the_example_says_that_it_is_recorded_and_can_be_paused(person: NewPerson) -> None:
    page = person(calm=False).go("/")
    example = page.get_by_role("figure", name="Recorded example")

    expect(example).to_contain_text("recorded by hand")
    example.get_by_role("button", name="Pause").click()
    expect(example.get_by_role("button", name="Play")).to_be_visible()


def test_the_example_stands_still_for_who_asked_for_less_motion(person: NewPerson) -> None:
    page = person(calm=True).go("/")

    expect(page.get_by_role("figure").get_by_role("button", name="Play")).to_be_visible()


def test_every_link_leads_somewhere(person: NewPerson) -> None:
    visitor = person()
    page = visitor.go("/")
    links: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")

    for link in set(links):
        if link.startswith("#"):
            assert page.locator(link).count() == 1, link
        else:
            assert visitor.context.request.get(visitor.address + link).status == 200, link


@pytest.mark.parametrize("language", ["en", "ar", "qps"])
def test_nothing_sticks_out_sideways(person: NewPerson, language: str) -> None:
    page = person(language=language).go("/")

    assert overflows_px(page) == dict.fromkeys(WIDTHS, 0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_no_barrier(
    person: NewPerson, barriers: Callable[[Page], list[str]], theme: str, language: str
) -> None:
    page = person(theme=theme, language=language).go("/")

    for size in (WIDE, PHONE):
        resize(page, size)
        assert (size, barriers(page)) == (size, [])


def test_arabic_is_there_on_every_load_with_language_and_direction(person: NewPerson) -> None:
    visitor = person(language="ar")

    for _ in range(5):
        page = visitor.go("/")
        expect(page.locator("html")).to_have_attribute("lang", "ar")
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        expect(page.get_by_role("button", name="جرّبه الآن")).to_be_visible()


def test_the_language_can_be_switched_and_is_remembered(person: NewPerson) -> None:
    visitor = person()
    page = visitor.go("/")

    page.get_by_role("banner").get_by_label("Language").select_option("ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")

    visitor.go("/")
    expect(page.locator("html")).to_have_attribute("lang", "ar")


def test_no_raw_string_is_left_in_the_pseudo_language(person: NewPerson) -> None:
    page = person(language="qps").go("/")

    assert untranslated(page) == []


def test_the_dark_theme_is_set_before_the_first_paint(person: NewPerson) -> None:
    visitor = person(theme="dark")
    visitor.page.add_init_script(
        "new PerformanceObserver(() => { window.firstPaint ??= document.documentElement.className; })"
        ".observe({type: 'paint', buffered: true})"
    )
    page = visitor.go("/")

    page.wait_for_function("() => window.firstPaint !== undefined")
    assert "dark" in page.evaluate("() => window.firstPaint")


def test_the_first_page_weighs_little(person: NewPerson) -> None:
    visitor = person()
    scripts: list[Response] = []
    visitor.page.on("response", lambda one: scripts.append(one) if one.request.resource_type == "script" else None)

    visitor.go("/")

    weight_kib = sum(len(gzip.compress(one.body(), 9)) for one in scripts) / 1024
    assert 0 < weight_kib <= FIRST_PAGE_KIB
    assert not any("recharts" in one.url or "markdown" in one.url for one in scripts)


def test_without_the_server_the_page_says_so_in_words(person: NewPerson) -> None:
    visitor = person()
    page = visitor.go("/")

    visitor.context.set_offline(True)
    page.evaluate("() => dispatchEvent(new Event('offline'))")
    page.get_by_role("button", name="Try it now").click()

    expect(page.get_by_role("status").filter(has_text="not available")).to_be_visible()
    visitor.faults.clear()

"""Providers and routing: a provider is tried, ordered and asked about on the screen, and one that breaks off is gone on
for. The provider simulator stands in for every vendor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, NewPerson, Person, overflow_px

PAGES = ("/settings/providers", "/settings/routing", "/status")
HEADLINES = ["Chairs That Can Be Repaired", "Chair Parts in Stock", "Buy Once, Repair for Years"]
ANSWER = {
    "headlines": [f"{line} {n}"[:30] for n, line in enumerate(HEADLINES * 3, start=1)],
    "descriptions": ["A chair with a 12-year warranty, tried for 30 days.", "Change the part, keep the chair."],
    "paths": ["repairable", "chairs"],
}


def tell(person: Person, simulator_url: str, path: str, **what: object) -> None:
    """Set something on the simulator."""
    answer = person.context.request.post(simulator_url + path, data=what)
    assert answer.ok, answer.text()


def connect(person: Person, simulator_url: str, kind: str, name: str, **more: object) -> None:
    """Connect a vendor of the simulator without the screen."""
    path = {"mistral": "/mistral/v1", "openai": "/openai/v1"}[kind]
    answer = person.context.request.post(
        f"{person.address}/api/v1/providers",
        data={"kind": kind, "name": name, "base_url": simulator_url + path, "api_key": "sk-1234567890abcd"} | more,
        headers={"Origin": person.address},
    )
    assert answer.status == 201, answer.text()


@pytest.fixture
def ana(person: NewPerson) -> Person:
    """Somebody in a fresh workspace of her own."""
    ana = person()
    ana.start_demo(fresh=True)
    return ana


def fill_form(page: Page, simulator_url: str, key: str) -> None:
    page.get_by_role("button", name="Add a provider").click()
    page.locator("#v-kind").select_option("openai")
    page.locator("#v-url").fill(f"{simulator_url}/openai/v1")
    page.locator("#v-models").fill("gpt-5-mini")
    page.locator("#v-key").fill(key)
    page.get_by_role("button", name="Test and save").click()


def test_a_provider_is_tried_before_it_is_saved(ana: Person, simulator_url: str) -> None:
    page = ana.go("/settings/providers")

    fill_form(page, simulator_url, "bad-1234567890")
    expect(page.locator("#v-key-note")).to_have_text("OpenAI refused the key. Check it in Settings, Providers.")
    expect(page.locator(".provs > li")).to_have_count(1)
    page.locator("#v-key").fill("sk-1234567890abcd")
    page.get_by_role("button", name="Test and save").click()

    row = page.locator(".provs > li").first
    expect(row).to_contain_text("Key ends abcd.")
    expect(row.locator(".res")).to_contain_text("First word in")
    expect(row).to_contain_text("Healthy")


def test_a_provider_of_pictures_is_greeted_and_says_what_its_models_make(ana: Person, simulator_url: str) -> None:
    page = ana.go("/settings/providers")
    page.get_by_role("button", name="Add a provider").click()
    page.locator("#v-kind").select_option("stability")
    expect(page.locator("#v-makes")).to_have_value("image")
    page.locator("#v-url").fill(f"{simulator_url}/stability")
    page.locator("#v-key").fill("sk-1234567890abcd")
    page.get_by_role("button", name="Test and save").click()

    row = page.locator(".provs > li").first
    expect(row.locator(".res")).to_contain_text("The provider answers after")
    page.get_by_role("button", name="More about Stability AI").click()
    expect(row.locator(".models li")).to_have_text(re.compile("Stable Diffusion 3.5 Large.*pictures"))


def test_a_wrong_new_key_leaves_the_old_one_in_service(ana: Person, simulator_url: str) -> None:
    connect(ana, simulator_url, "openai", "OpenAI")
    page = ana.go("/settings/providers")

    page.get_by_role("button", name="More about OpenAI").click()
    page.locator("#v-new-key").fill("bad-1234567890")
    page.get_by_role("button", name="Try and replace").click()

    expect(page.locator("#v-new-key-note")).to_contain_text("The present key stays.")
    expect(page.locator(".provs > li").first).to_contain_text("Key ends abcd.")
    page.locator("#v-new-key").fill("sk-1234567890wxyz")
    page.get_by_role("button", name="Try and replace").click()
    expect(page.locator(".provs > li").first).to_contain_text("Key ends wxyz.")


def test_providers_are_ordered_with_the_arrow_keys(ana: Person, simulator_url: str) -> None:
    connect(ana, simulator_url, "openai", "OpenAI")
    connect(ana, simulator_url, "mistral", "Mistral")
    page = ana.go("/settings/providers")

    grip = page.get_by_role("button", name="Move OpenAI")
    grip.press("ArrowDown")

    expect(page.locator(".provs > li").first).to_contain_text("Mistral")
    expect(page.get_by_text("OpenAI is now number 2 of 3.")).to_have_count(1)
    expect(grip).to_be_focused()
    page.reload()
    expect(page.locator(".provs > li").first).to_contain_text("Mistral")


def test_the_box_says_which_model_it_would_be(ana: Person, simulator_url: str) -> None:
    connect(ana, simulator_url, "openai", "OpenAI")
    connect(ana, simulator_url, "mistral", "Mistral")
    page = ana.go("/settings/providers")

    expect(page.locator(".verdict")).to_contain_text("It goes to GPT-5 mini, for about")
    page.get_by_label("OpenAI is down").click()

    expect(page.locator(".verdict")).to_contain_text("With OpenAI down it goes to Mistral Small")
    expect(page.locator(".tried-path .no").first).to_contain_text("Down, by your “what if”.")
    page.locator("#q-template").select_option("contract-summary")
    expect(page.locator(".verdict")).not_to_contain_text("Mistral Small")


def test_a_rule_holds_once_it_is_put_in_force(ana: Person, simulator_url: str) -> None:
    connect(ana, simulator_url, "openai", "OpenAI")
    page = ana.go("/settings/routing")

    page.locator("#o-target").select_option(label="Always strong")
    page.get_by_role("button", name="Decide so").click()
    expect(page.get_by_text("Nothing of this holds yet.")).to_be_visible()
    page.get_by_role("button", name="Put these rules in force").click()
    expect(page.get_by_text("The new rules hold from the next run on.")).to_be_visible()

    page = ana.go("/settings/providers")
    expect(page.locator(".verdict")).to_contain_text("It goes to GPT-5.2")


def test_a_provider_that_breaks_off_is_gone_on_for_and_the_seam_is_marked(ana: Person, simulator_url: str) -> None:
    connect(ana, simulator_url, "mistral", "Mistral")
    connect(ana, simulator_url, "openai", "OpenAI")
    tell(ana, simulator_url, "/_control/answers", match="Aldersay", text=json.dumps(ANSWER))
    tell(ana, simulator_url, "/_control", provider="mistral", fault={"kind": "cut", "after_tokens": 30})
    page = ana.go("/templates/google-rsa?sample=1")
    expect(page.locator(".go .price")).to_contain_text("at most")

    page.locator("#brief-form .go button.primary").click()

    expect(page.get_by_role("note").filter(has_text="Mistral broke off in this line; OpenAI went on.")).to_be_visible(
        timeout=30_000
    )
    expect(page.locator(".checks li").first).to_be_visible(timeout=30_000)
    assert [line.strip() for line in page.locator(".rows .line .txt").all_inner_texts()][:9] == ANSWER["headlines"]
    page.get_by_role("button", name="Why this model?").click()
    expect(page.locator("#why")).to_contain_text("Broke off")
    tell(ana, simulator_url, "/_control", provider="mistral", fault=None)


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "ar")])
def test_the_pages_have_no_barriers_and_fit_a_phone(
    person: NewPerson, simulator_url: str, barriers: Callable[[Page], list[str]], theme: str, language: str
) -> None:
    ana = person(size=PHONE, theme=theme, language=language)
    ana.start_demo(language, fresh=True)
    connect(ana, simulator_url, "openai", "OpenAI")

    for path in PAGES:
        page = ana.go(path)
        page.locator(".provs, .policy table, .status-rows").first.wait_for()

        assert (path, barriers(page), overflow_px(page)) == (path, [], 0)

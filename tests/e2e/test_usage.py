"""Money on screen: a month in one sentence, bars that open their calls, budgets that refuse nonsense."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.adapters.passwords_argon2 import Argon2Passwords
from app.bootstrap import build_ports
from app.core.clock import ManualClock
from app.core.settings import Settings
from app.tenancy import accounts, sessions
from app.tenancy.principal import context_for
from app.tenancy.schemas import SignUp
from app.usage import budgeting, service
from app.usage.budgeting import BudgetForm
from app.usage.prices import Price
from app.usage.schemas import Attempt
from tests.e2e.conftest import PHONE, NewPerson, Person, overflow_px

DOLLAR = 1_000_000
PAGES = ("/usage", "/settings/budgets", "/operator")


async def _fill(folder: Path) -> str:
    """Sign an operator up and book a month of calls for them; return their session's token."""
    now = datetime.now(UTC)
    ports = replace(
        build_ports(Settings(data_dir=folder), clock=ManualClock(now)),
        passwords=Argon2Passwords(memory_kib=8, passes=1),
    )
    form = SignUp(email="ines@example.org", password="plum harbour violin kettle", name="Ines Marchetti")
    signed_in = await accounts.sign_up(context_for(ports, None, "test"), form=form, address="192.0.2.1")
    ctx = context_for(ports, await sessions.resolve(ports, token=signed_in.token), "test")
    for hours in range(12):
        at = replace(ctx, ports=replace(ports, clock=ManualClock(max(now - timedelta(hours=5 * hours), _first(now)))))
        for feature, cost in (("generation", 2 * DOLLAR), ("media", DOLLAR)):
            call = Attempt(
                feature=feature, provider="Acme", kind="openai", model="pen-1", outcome="ok", total_ms=5,
                tokens_in=0, tokens_out=DOLLAR, own_price=Price(1, cost, "test"), template_id="google-rsa",
            )  # fmt: skip
            await service.record(at, call)
    await budgeting.create(ctx, form=BudgetForm(kind="tenant", limit_micros=400 * DOLLAR))
    async with ports.db.bound(tenant_id=None, user_id=ctx.user_id).write() as session:
        from app.tenancy.models import User

        (await session.get_one(User, ctx.user_id)).is_operator = True
    await ports.models.close()
    await ports.db.close()
    return signed_in.token


def _first(now: datetime) -> datetime:
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture(scope="module")
def token(address: str, server_folder: Path) -> str:
    """The session of somebody whose workspace has used a month's worth."""
    with ThreadPoolExecutor(1) as pool:  # Playwright's loop runs in this thread
        return pool.submit(asyncio.run, _fill(server_folder)).result()


def as_ines(visitor: Person, token: str) -> Person:
    visitor.context.add_cookies([{"name": "galley_sid", "value": token, "url": visitor.address}])
    return visitor


def test_a_month_is_one_sentence_and_every_bar_opens_its_calls(person: NewPerson, token: str) -> None:
    page = as_ines(person(), token).go("/usage")
    calls = page.locator("#calls")

    expect(page.locator(".say")).to_contain_text("the team has spent $36.00 of its")
    expect(page.locator(".top .purse")).to_contain_text("$36.00")
    page.locator(".wide-chart").get_by_role("button", name="Media").press("Enter")
    expect(calls.get_by_role("heading")).to_contain_text("Media 12 calls")
    page.get_by_role("button", name="pen-1").click()
    expect(calls.get_by_role("heading")).to_contain_text("pen-1 24 calls")
    calls.get_by_role("button", name="All 24 calls").click()
    expect(calls.locator("tbody tr")).to_have_count(24)
    page.get_by_role("button", name="Table").click()
    page.locator(".day-table .opens").last.click()
    expect(page.locator(".day-table tr.on")).to_have_count(1)


def test_the_month_leaves_as_csv(person: NewPerson, token: str) -> None:
    page = as_ines(person(), token).go("/usage")

    with page.expect_download() as loading:
        page.get_by_role("link", name="CSV").click()

    lines = Path(loading.value.path()).read_text("utf-8").splitlines()
    assert loading.value.suggested_filename.startswith("galley-usage-")
    assert len(lines) == 25
    assert "Ines Marchetti" in lines[1]


def test_a_budget_refuses_nonsense_and_keeps_what_makes_sense(person: NewPerson, token: str) -> None:
    page = as_ines(person(), token).go("/settings/budgets")
    rows = page.locator(".budget-rows > li")

    page.get_by_role("button", name="Set a budget").click()
    page.get_by_label("For", exact=True).select_option("feature")
    page.get_by_label("Which").select_option("media")
    page.get_by_label("Stop at").fill("lots")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field-error")).to_contain_text("Write an amount in dollars")
    page.get_by_label("Stop at").fill("10")
    page.get_by_role("button", name="Save").click()

    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text("Used up")
    rows.last.get_by_role("button", name="Remove this budget").click()
    expect(rows).to_have_count(1)


def test_an_empty_workspace_is_shown_the_way_to_its_first_call(person: NewPerson) -> None:
    visitor = person()
    visitor.start_demo(fresh=True)
    page = visitor.go("/usage")

    page.get_by_role("link", name="Run a template with a sample").click()

    page.wait_for_url("**/templates/google-rsa?sample=1")


def test_the_operators_view_is_the_operators(person: NewPerson, token: str) -> None:
    visitor = person()
    visitor.start_demo()
    expect(visitor.go("/operator").get_by_role("heading", name="This page is the operator's.")).to_be_visible()

    page = as_ines(person(), token).go("/operator")

    expect(page.locator(".say")).to_contain_text("of the people who write make")
    expect(page.locator(".workspaces tbody tr").first).to_contain_text("$36.00")


@pytest.mark.parametrize(
    ("size", "theme", "language"), [((1280, 900), "light", "en"), (PHONE, "dark", "en"), ((320, 800), "dark", "ar")]
)
def test_the_money_screens_have_no_barriers_and_fit(
    person: NewPerson,
    token: str,
    barriers: Callable[[Page], list[str]],
    size: tuple[int, int],
    theme: str,
    language: str,
) -> None:
    visitor = as_ines(person(size=size, theme=theme, language=language), token)
    visitor.context.add_cookies([{"name": "galley_lang", "value": language, "url": visitor.address}])
    visitor.context.add_init_script("localStorage.setItem('galley_account_lang', 'en')")
    for path in PAGES:
        page = visitor.go(path)
        page.locator(".say, .budget-rows").first.wait_for()

        assert overflow_px(page) <= 0, path
        assert barriers(page) == [], path

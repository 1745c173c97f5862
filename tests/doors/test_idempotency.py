"""One effect for each Idempotency-Key, whoever repeats it, however fast."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from app.core.clock import ManualClock
from tests.doors.conftest import Caller, CallerOf

INVITATIONS = "/api/v1/invitations"


async def invite(ana: Caller, key: str, role: str = "editor") -> httpx.Response:
    answer: httpx.Response = await ana.http.post(INVITATIONS, json={"role": role}, headers={"idempotency-key": key})
    return answer


async def count(ana: Caller) -> int:
    return len((await ana.http.get(INVITATIONS)).json()["items"])


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
async def test_fifty_repeats_at_once_have_one_effect_and_one_answer(browser_of: CallerOf) -> None:
    ana = await browser_of("ana")

    answers = await asyncio.gather(*(invite(ana, "key-1") for _ in range(50)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 49
    assert await count(ana) == 1


async def test_a_repeat_gets_the_first_answer_for_a_day(browser_of: CallerOf, clock: ManualClock) -> None:
    ana = await browser_of("ana")
    first = await invite(ana, "key-1")

    clock.advance(timedelta(hours=23))
    again = await invite(ana, "key-1")
    clock.advance(timedelta(hours=2))
    later = await invite(ana, "key-1")

    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert later.content != first.content


async def test_the_same_key_for_another_request_is_refused(browser_of: CallerOf) -> None:
    ana = await browser_of("ana")
    await invite(ana, "key-1")

    other = await invite(ana, "key-1", role="viewer")

    assert (other.status_code, other.json()["code"]) == (409, "idempotency.other_request")
    assert await count(ana) == 1


async def test_a_refused_request_leaves_its_key_free(browser_of: CallerOf) -> None:
    ana = await browser_of("ana")

    refused = await invite(ana, "key-1", role="emperor")
    made = await invite(ana, "key-1")

    assert (refused.status_code, made.status_code) == (422, 201)


async def test_two_people_may_use_the_same_key(browser_of: CallerOf) -> None:
    ana, bo = await browser_of("ana"), await browser_of("bo")

    answers = [await invite(ana, "key-1"), await invite(bo, "key-1")]

    assert answers[0].content != answers[1].content
    assert [await count(ana), await count(bo)] == [1, 1]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "a b"])
async def test_a_malformed_key_is_refused(browser_of: CallerOf, key: str) -> None:
    ana = await browser_of("ana")

    answer = await invite(ana, key)

    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


async def test_a_key_of_a_process_that_died_is_taken_over(
    browser_of: CallerOf, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await browser_of("ana")
    hanging = asyncio.Event()

    async def hang(*_: object, **__: object) -> None:
        hanging.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr("app.tenancy.invitations.create", hang)
        patched.setattr("app.api.idempotency._run_first", hang)  # dies without a word: the row stays
        dead = asyncio.create_task(invite(ana, "key-1"))
        await hanging.wait()
        dead.cancel()
    clock.advance(timedelta(minutes=5))

    answer = await invite(ana, "key-1")

    assert answer.status_code == 201


async def test_a_cookie_is_never_kept_for_a_repeat(browser_of: CallerOf) -> None:
    ana = await browser_of("ana")
    other = (await ana.http.post("/api/v1/organisations", json={"name": "Second"})).json()["id"]
    address, key = f"/api/v1/organisations/{other}/switch", {"idempotency-key": "key-1"}

    first = await ana.http.post(address, headers=key)
    repeat = await ana.http.post(address, headers={**key, "cookie": f"galley_sid={ana.token}"})

    assert (first.status_code, repeat.status_code) == (204, 401)
    assert "idempotency-replayed" not in repeat.headers

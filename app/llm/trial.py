"""The test button: one word from each text model of a provider, with its latency, or what is wrong in plain words.

A provider that has no text models is greeted instead: pictures, sounds and clips cost too much for a test.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from app.core.context import Context
from app.core.db import assert_no_open_session
from app.core.errors import Conflict
from app.core.ports import Brief, Message, ModelCall, ModelFinished, ModelKind, ProviderError, TextDelta
from app.llm.candidates import breaker, built_in_target, installation_key, of_connection, of_installation
from app.llm.installation import installation_providers
from app.llm.kinds import BUILT_IN_NAME
from app.llm.models import ProviderConnection
from app.llm.providers import BUILT_IN, draft, own_connection, save_test
from app.llm.routing import Candidate
from app.llm.schemas import ModelTest, ProviderForm, TestResult
from app.llm.views import test_as_json
from app.usage import service as usage
from app.usage.schemas import Attempt
from app.usage.tokens import estimate_tokens

FEATURE = "provider-test"
QUESTION = (Message("user", "Answer with the one word: ready"),)
MAX_TOKENS = 16
"""One word; a model that thinks first ends by length, which is as good an answer."""
FIRST_TOKEN_TIMEOUT_S = 15.0
MEDIA: tuple[ModelKind, ...] = ("image", "speech", "transcription", "video", "embedding")


async def test(ctx: Context, provider_id: str, *, brief: Brief | None = None) -> TestResult:
    """Ask every model of a provider for one word and keep the result with the connection.

    The built-in writer reads no prompt; it is tested by writing `brief`.

    Raises:
        NotFound: there is no such provider in this workspace.
        Conflict: the built-in writer without a brief.
    """
    if provider_id == BUILT_IN:
        if brief is None:
            raise Conflict("The built-in writer is always ready.", code="provider.no_test")
        return await _test_all(ctx, [Candidate(BUILT_IN, BUILT_IN_NAME, built_in_target())], brief=brief)
    now = ctx.ports.clock.now()
    for provider in installation_providers(ctx.ports.settings):
        if installation_key(provider.name) == provider_id:
            found = of_installation(provider, now=now)
            media = [one for kind in MEDIA for one in of_installation(provider, now=now, kind=kind)]
            return await _test_all(ctx, found) if found else await _greet(ctx, media)
    row = await own_connection(ctx, provider_id)
    result = await test_connection(ctx, row)
    await save_test(ctx, row.id, result=test_as_json(result))
    return result


async def test_connection(ctx: Context, row: ProviderConnection) -> TestResult:
    """Ask every model of a connection that need not be saved, such as one with a new key."""
    inside_allowed, now = ctx.ports.settings.local_providers_allowed, ctx.ports.clock.now()
    if found := of_connection(row, inside_allowed=inside_allowed, now=now):
        return await _test_all(ctx, found)
    media = [one for kind in MEDIA for one in of_connection(row, inside_allowed=inside_allowed, now=now, kind=kind)]
    return await _greet(ctx, media)


async def test_draft(ctx: Context, *, form: ProviderForm) -> TestResult:
    """Ask a provider that is not saved yet.

    Raises:
        InvalidInput: an address, key or model that cannot be used.
    """
    return await test_connection(ctx, await draft(ctx, form=form))


async def _test_all(ctx: Context, candidates: list[Candidate], *, brief: Brief | None = None) -> TestResult:
    tests = await asyncio.gather(*(_test_one(ctx, candidate, brief) for candidate in candidates))
    ok = all(test.ok for test in tests)
    if ok and candidates:
        breaker.succeeded(candidates[0].key)
    return TestResult(ok, ctx.ports.clock.now(), tuple(tests))


async def _greet(ctx: Context, candidates: list[Candidate]) -> TestResult:
    """Make the provider's lightest call; its one result stands for all its models, and costs nothing."""
    assert_no_open_session()
    clock, started_s = ctx.ports.clock, ctx.ports.clock.monotonic_s()
    error: ProviderError | None = None
    try:
        await ctx.ports.reach.reach(candidates[0].target, timeout_s=FIRST_TOKEN_TIMEOUT_S)
    except ProviderError as failed:
        error = failed
    took_ms = round((clock.monotonic_s() - started_s) * 1000)
    if error is None:
        breaker.succeeded(candidates[0].key)
        tests = tuple(ModelTest(one.target.model, True, took_ms, took_ms, asked=False) for one in candidates)
    else:
        said = (error.code, error.message, dict(error.params))
        tests = tuple(ModelTest(one.target.model, False, took_ms, took_ms, *said, asked=False) for one in candidates)
    return TestResult(error is None, clock.now(), tests)


async def _test_one(ctx: Context, candidate: Candidate, brief: Brief | None) -> ModelTest:
    assert_no_open_session()
    target, clock = candidate.target, ctx.ports.clock
    call = ModelCall(
        target=target,
        messages=QUESTION,
        brief=brief,
        max_tokens=MAX_TOKENS,
        temperature=0.0,
        first_token_timeout_s=FIRST_TOKEN_TIMEOUT_S,
    )
    started_s = clock.monotonic_s()
    first_s: float | None = None
    finished: ModelFinished | None = None
    error: ProviderError | None = None
    try:
        async with aclosing(ctx.ports.models.stream(call)) as events:  # type: ignore[type-var]  # as in attempt.py
            async for event in events:
                if isinstance(event, TextDelta):
                    first_s = first_s if first_s is not None else clock.monotonic_s()
                else:
                    finished = event
    except ProviderError as failed:
        error = failed
    ended_s = clock.monotonic_s()
    first_ms = round(((first_s or ended_s) - started_s) * 1000)
    total_ms = round((ended_s - started_s) * 1000)
    cost_micros = await _book(ctx, candidate, finished, error, total_ms=total_ms)
    if error is None:
        return ModelTest(target.model, True, first_ms, total_ms, cost_micros=cost_micros)
    return ModelTest(target.model, False, first_ms, total_ms, error.code, error.message, dict(error.params))


async def _book(
    ctx: Context, candidate: Candidate, finished: ModelFinished | None, error: ProviderError | None, *, total_ms: int
) -> int:
    """Book the test like any call; return its micro-dollars."""
    target = candidate.target
    attempt = Attempt(
        feature=FEATURE,
        provider=target.provider,
        kind=target.kind,
        model=target.model,
        outcome="failed" if error else "ok",
        total_ms=total_ms,
        error_code=error.code if error else "",
        tokens_in=finished.tokens_in if finished else None,
        tokens_out=finished.tokens_out if finished else None,
        prompt_tokens_guess=estimate_tokens(QUESTION[0].text),
        output_tokens_guess=1,
        billable=error is None,
        own_price=candidate.own_price,
    )
    return (await usage.record(ctx, attempt)).cost_micros

"""Earlier answers: who is served what, what keeps questions apart, what is erased. On both databases."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from app.content.catalogue_files import load_catalogue
from app.content.inputs import validate_inputs
from app.content.rendering import render_messages
from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import Unavailable
from app.core.ports import Brief, Message
from app.llm import policies
from app.llm.cache import entries, service, shelf
from app.llm.cache.models import CacheEntry
from app.llm.cache.question import LONGEST_ASKED, asked
from app.llm.events import Settled
from app.llm.policy import GatewayPolicy
from app.llm.redaction import shield
from app.llm.task import Task
from jobs import housekeeping

WRITTEN = Settled("House", "model-1", False, 10, 10, False, 120, True, 100, 900, "stop")


@dataclass(frozen=True)
class Policy:
    """What the cache asks of a policy."""

    exact_reuse: bool = True
    answer_reuse: bool = True


class WordVectors:
    """An embedder without a model: words are directions, so equal words in any order have the cosine 1."""

    model = "words"
    dimensions = 1024

    def __init__(self) -> None:
        self.asked = 0
        self.down = False

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += 1
        if self.down:
            raise Unavailable
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in set(text.casefold().replace("?", "").split()) - {"a", "the"}:
                row[zlib.crc32(word.encode()) % self.dimensions] += 1
            row /= np.linalg.norm(row) or 1
        return vectors

    async def warm(self) -> None:
        return

    async def ping(self) -> None:
        return


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine must not turn a hit into a miss."""
    monkeypatch.setattr(shelf, "WAIT_S", 60)
    monkeypatch.setattr(entries, "EMBED_WITHIN_S", 60)


@pytest.fixture
def ports(ports: Any) -> Any:
    return replace(ports, embeddings=WordVectors())


@pytest.fixture
async def ana(ctx_of: Any) -> Context:
    return await ctx_of("ana")


def question(text: str = "How long does a transfer take to Spain?", **other: Any) -> Task:
    values = {"feature": "chat", "tier": "fast", "language": "en", "template_id": "t", **other}
    return Task(messages=(Message("system", "Answer."), Message("user", text)), **values)


async def put(ctx: Context, task: Task, text: str = "Two days.", policy: Any = None, **settled: Any) -> None:
    await service.store(
        ctx, task, tier="fast", text=text, settled=replace(WRITTEN, **settled), policy=policy or Policy()
    )


async def ask(ctx: Context, task: Task, *, tier: Any = "fast", policy: Any = None) -> Any:
    return await service.lookup(ctx, task, tier=tier, policy=policy or Policy())


async def test_the_same_question_gets_the_same_answer_with_its_provenance(ana: Context) -> None:
    await put(ana, question())
    hit = await ask(ana, question("How long  does a transfer take to Spain? "))

    assert ("exact", "Two days.", "House", "model-1", 120) == (
        hit.kind, hit.text, hit.provider, hit.model, hit.saved_micros,
    )  # fmt: skip
    assert (ana.user_id, ana.ports.clock.now(), 1.0) == (hit.written_by, hit.written_at, hit.similarity)


async def test_a_question_in_other_words_gets_it_only_when_allowed(ana: Context) -> None:
    await put(ana, question())
    other = question("how long does the transfer take to Spain?")

    assert await ask(ana, other, policy=Policy(answer_reuse=False)) is None
    hit = await ask(ana, other)
    assert ("answer", "Two days.") == (hit.kind, hit.text)


@pytest.mark.parametrize("policy", [Policy(exact_reuse=False, answer_reuse=False)])
async def test_switched_off_it_neither_serves_nor_keeps(ana: Context, policy: Policy) -> None:
    await put(ana, question("Kept before?"))
    await put(ana, question(), policy=policy)

    assert await ask(ana, question("Kept before?"), policy=policy) is None
    assert await ask(ana, question()) is None


async def test_another_tenant_is_never_served(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    await put(ana, question())

    assert await ask(bo, question()) is None
    assert await ask(ana, question()) is not None


async def test_equal_questions_of_two_tenants_have_keys_that_share_nothing(
    two_tenants: tuple[Context, Context],
) -> None:
    kept = []
    for ctx in two_tenants:
        await put(ctx, question())
        async with ctx.db.read() as session:
            row = (await session.execute(sa.select(CacheEntry))).scalar_one()
        kept.append(row)

    assert kept[0].key != kept[1].key
    assert kept[0].circle != kept[1].circle
    assert kept[0].question == kept[1].question


async def test_nothing_of_a_text_lies_in_the_database_in_clear(ana: Context) -> None:
    await put(ana, question("How long does a transfer take to Zamora?"), "Canary days.")
    async with ana.ports.db.engine.connect() as connection:
        row = str((await connection.execute(sa.text("select * from cache_entry"))).mappings().all())

    assert "anary" not in row
    assert "Zamora" not in row


@pytest.mark.parametrize(
    "other",
    [
        {"template_id": "u"},
        {"language": "es"},
        {"json_output": True},
        {"scope": "kb-2"},
        {"pin": "tier:strong"},
        {"max_tokens": 10},
    ],
)
async def test_what_else_was_asked_for_must_agree(ana: Context, other: dict[str, Any]) -> None:
    await put(ana, question())

    assert await ask(ana, question(**other)) is None


async def test_another_tier_or_system_prompt_is_another_question(ana: Context) -> None:
    await put(ana, question())
    task = question()
    version_2 = replace(task, messages=(Message("system", "Answer briefly."), task.messages[1]))

    assert await ask(ana, task, tier="strong") is None
    assert await ask(ana, version_2) is None


async def test_a_fresh_text_is_not_served_but_kept(ana: Context) -> None:
    await put(ana, question())
    fresh = replace(question(), fresh=True)

    assert await ask(ana, fresh) is None
    await put(ana, fresh, "Three days.")
    assert "Three days." == (await ask(ana, question())).text


async def test_what_may_not_be_reused_is_neither_kept_nor_served(ana: Context) -> None:
    await put(ana, replace(question(), reuse=False))
    assert await ask(ana, question()) is None

    await put(ana, question())
    assert await ask(ana, replace(question(), reuse=False)) is None


@pytest.mark.parametrize(
    "settled",
    [{"embedded": True}, {"finish_reason": "length"}, {"seams": (10,)}, {"served": "exact"}],
)
async def test_only_whole_texts_of_one_model_are_kept(ana: Context, settled: dict[str, Any]) -> None:
    await put(ana, question(), **settled)

    assert await ask(ana, question()) is None


async def test_a_text_beyond_the_limit_is_not_kept(ana: Context) -> None:
    await put(ana, question(), "x" * (service.LARGEST_TEXT + 1))

    assert await ask(ana, question()) is None


async def test_it_expires_after_48_hours(ana: Context, clock: ManualClock) -> None:
    await put(ana, question())
    clock.advance(timedelta(hours=47, minutes=59))
    assert await ask(ana, question()) is not None

    clock.advance(timedelta(minutes=1))
    assert await ask(ana, question()) is None


async def test_housekeeping_deletes_what_has_expired(ana: Context, clock: ManualClock) -> None:
    await put(ana, question())
    clock.advance(timedelta(hours=49))
    await housekeeping.run_once(ana.ports)

    async with ana.db.read() as session:
        assert [] == (await session.execute(sa.select(CacheEntry.id))).all()


async def test_the_oldest_make_room(ana: Context, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "ENTRIES_KEPT", 3)
    for number in range(5):
        await put(ana, question(f"Number {number}?"))
        clock.advance(timedelta(seconds=1))

    served = [await ask(ana, question(f"Number {number}?"), policy=Policy(answer_reuse=False)) for number in range(5)]
    assert [False, False, True, True, True] == [hit is not None for hit in served]
    assert 3 == (await service.stats(ana)).entries


async def test_large_texts_make_room_by_their_size(ana: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "BYTES_KEPT", 8_000)
    for number in range(5):
        await put(ana, question(f"Number {number}?"), "x" * 1_000)

    assert (await service.stats(ana)).size_bytes <= 8_000


async def test_clearing_forgets_everything_of_one_workspace(two_tenants: tuple[Context, Context]) -> None:
    for ctx in two_tenants:
        await put(ctx, question())
    ana, bo = two_tenants

    assert 1 == await service.clear(ana)
    assert await ask(ana, question()) is None
    assert await ask(bo, question()) is not None


async def test_two_who_store_the_same_question_at_once_both_go_on(ana: Context) -> None:
    await asyncio.gather(*(put(ana, question(), text) for text in ("One.", "Two.", "Three.")))

    assert (await ask(ana, question())).text in {"One.", "Two.", "Three."}
    assert 1 == (await service.stats(ana)).entries


async def test_what_another_process_deleted_is_not_served(ana: Context) -> None:
    await put(ana, question())
    async with ana.db.write() as session:
        await session.execute(sa.delete(CacheEntry))

    assert await ask(ana, question()) is None
    assert await ask(ana, question("how long does the transfer take to Spain?")) is None


async def test_what_another_process_stored_is_served_soon(ana: Context, clock: ManualClock) -> None:
    assert await ask(ana, question()) is None
    mine = shelf._shelves.pop(ana.tenant)
    await put(ana, question())
    shelf._shelves[ana.tenant] = mine
    clock.advance(timedelta(seconds=shelf.REFRESH_S + 1))

    assert await ask(ana, question()) is not None


async def test_a_process_that_has_just_started_knows_what_is_there(
    ana: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "PAGE", 2)
    for number in "abcde":
        await put(ana, question(f"Tell me about the letter {number}?"))
    shelf.forget(ana.tenant)

    hit = await ask(ana, question("tell me about a letter e?"))
    assert "answer" == hit.kind
    assert 5 == len(shelf._shelves[ana.tenant])


async def test_only_so_many_vectors_are_held(
    two_tenants: tuple[Context, Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, bo = two_tenants
    await put(ana, question())
    await put(bo, question())
    monkeypatch.setattr(shelf, "VECTORS_KEPT", 16)
    shelf.forget(bo.tenant)

    assert await ask(bo, question()) is not None
    assert ana.tenant not in shelf._shelves


@pytest.mark.parametrize("broken", ["embeddings", "database"])
async def test_a_broken_cache_costs_no_answer(ana: Context, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await put(ana, question())
    if broken == "embeddings":
        ana.ports.embeddings.down = True
    else:
        monkeypatch.setattr(shelf, "shelf_of", None)

    assert await ask(ana, question("how long does the transfer take to Spain?")) is None
    await put(ana, question("And another?"))


async def test_hits_and_misses_are_counted_by_day_with_what_was_saved(ana: Context, clock: ManualClock) -> None:
    await ask(ana, question())
    await put(ana, question())
    await put(ana, replace(question("Without asking?"), fresh=True))
    await ask(ana, question())
    clock.advance(timedelta(days=1))
    await ask(ana, question("how long does the transfer take to Spain?"))
    stats = await service.stats(ana)
    today = await service.stats(ana, days=1)

    assert (1, 1, 1, 240, 2) == (stats.exact_hits, stats.answer_hits, stats.misses, stats.saved_micros, stats.entries)
    assert (0, 1, 0, 120) == (today.exact_hits, today.answer_hits, today.misses, today.saved_micros)
    assert 2 / 3 == stats.hit_rate


async def test_a_search_is_found_by_nearly_the_same_words_in_its_scope(ana: Context) -> None:
    vector = np.ones(8, dtype=np.float32) / np.sqrt(8, dtype=np.float32)
    await service.remember(ana, "opening hours of the shop", scope="kb-1", vector=vector, candidates=["c2", "c1"])
    same = await service.nearest(ana, "opening hours of the  shop", scope="kb-1")
    near = await service.nearest(ana, "shop opening hours of the", scope="kb-1")

    assert ("c2", "c1") == same.candidates == near.candidates
    assert np.allclose(vector, near.vector, atol=1e-3)
    assert await service.nearest(ana, "opening hours of the shop", scope="kb-2") is None
    assert await service.nearest(ana, "something else entirely", scope="kb-1") is None
    assert 2 == (await service.stats(ana)).embedding_hits


async def test_a_search_is_never_an_answer(ana: Context) -> None:
    await service.remember(ana, "how long", scope="", vector=np.ones(8, dtype=np.float32), candidates=["c"])

    assert await ask(ana, question("how long")) is None


def brief(task: Task, **inputs: object) -> Task:
    text = "\n".join(f"{name}: {value}" for name, value in inputs.items())
    return replace(task, brief=Brief("t", "en", inputs), messages=(Message("system", "Write."), Message("user", text)))


async def test_of_a_brief_only_the_sentences_may_differ(ana: Context) -> None:
    about = "A quiet chair for small offices"
    await put(ana, brief(question(), product="Aldersay One", about=about, price=199))
    same = "the quiet chair for small offices"

    assert "answer" == (await ask(ana, brief(question(), product="Aldersay One", about=same, price=199))).kind
    assert await ask(ana, brief(question(), product="Aldersay Two", about=same, price=199)) is None
    assert await ask(ana, brief(question(), product="Aldersay One", about=same, price=198)) is None


def test_a_long_text_is_compared_to_the_letter_only() -> None:
    assert asked(question("word " * 100), tier="fast").text is not None
    assert asked(question("word " * LONGEST_ASKED), tier="fast").text is None


async def test_one_persons_data_never_reaches_another_through_a_kept_text(ana: Context) -> None:
    def shielded(address: str) -> tuple[Task, Any]:
        task = question(f"Write a mail to {address} about the transfer to Spain")
        messages, vault = shield(task.messages, language="en")
        return replace(task, messages=messages), vault

    first, vault_1 = shielded("ana@example.org")
    text = vault_1.open("Dear [EMAIL_1], two days.")
    await service.store(ana, first, tier="fast", text=text, settled=WRITTEN, policy=Policy(), vault=vault_1)
    second, vault_2 = shielded("bo@example.com")
    hit = await service.lookup(ana, second, tier="fast", policy=Policy(), vault=vault_2)

    assert "Dear [EMAIL_1], two days." == hit.text
    assert "Dear bo@example.com, two days." == vault_2.open(hit.text)


@pytest.mark.parametrize("switched_off", ["exact_reuse", "answer_reuse"])
async def test_switching_re_use_off_forgets_what_was_kept(ana: Context, switched_off: str) -> None:
    policy = await policies.change(ana, form=GatewayPolicy(answer_reuse=True))
    await put(ana, question())
    policy = await policies.change(ana, form=policy.model_copy(update={"hedging": False}))
    assert 1 == (await service.stats(ana)).entries

    await policies.change(ana, form=policy.model_copy(update={switched_off: False}))
    assert 0 == (await service.stats(ana)).entries


def asked_of_template(**changed: object) -> Any:
    catalogue = load_catalogue()
    template = catalogue.get("sms-campaign")
    inputs = validate_inputs(template, {**catalogue.sample("sms-campaign", "en"), **changed})
    messages = render_messages(template, inputs, catalogue.profile("en"))
    brief = Brief(template.id, "en", inputs.values)
    return asked(Task("generation", "fast", messages, brief, template_id=template.id), tier="fast")


def test_two_briefs_of_one_template_differ_in_their_sentences_only() -> None:
    first = asked_of_template(offer="Every desk lamp is reduced by a fifth this week")
    again = asked_of_template(offer="Every desk lamp is reduced by a fifth this week")
    other = asked_of_template(offer="All our desk lamps are reduced by a fifth this week")
    louder = asked_of_template(offer="Every desk lamp is reduced by a fifth this week", tone="bold")

    assert first == again
    assert first.exact != other.exact
    assert first.frame == other.frame != louder.frame
    assert "All our desk lamps are reduced by a fifth this week" in (other.text or "")

"""Orders of one workspace that come at the same moment are written together, and each stays its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from app.core.context import Context
from app.core.errors import InvalidInput, NotFound
from app.core.group_commit import GroupCommit
from app.core.ids import new_id
from app.core.jobs import service as jobs
from app.core.jobs.models import Job
from app.core.jobs.names import JobName
from app.media import asking
from app.media.asking import Order
from app.media.models import Asset
from app.media.recipes import Look, Recipe, Shot
from app.media.schemas import Asked
from app.usage.prices import Cost
from tests.databases import CtxOf


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    return await ctx_of("ana")


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many orders went into each unit of work that was tried."""
    sizes: list[int] = []
    write = asking._write

    async def counted(ctx: Context, given: Sequence[asking._Given]) -> list[tuple[Asset, Job]]:
        sizes.append(len(given))
        return await write(ctx, given)

    monkeypatch.setattr(asking, "_orders", GroupCommit(counted))
    return sizes


async def order(ctx: Context, title: str, folder_id: UUID | None = None) -> Asked:
    """Order at once: nothing is read before, so that those of one moment come together."""
    wanted = Order("image", JobName.IMAGE, Recipe(verb="generate", prompt=title), title, folder_id)
    return await asking.ask(ctx, wanted, estimate=Cost(0, known=True))


async def test_orders_of_one_moment_are_written_in_one_unit_of_work(ana: Context, groups: list[int]) -> None:
    asked = await asyncio.gather(*(order(ana, f"Chair {number}") for number in range(12)))

    assert groups == [12]
    assert [one.asset.title for one in asked] == [f"Chair {number}" for number in range(12)]
    assert len({one.asset.id for one in asked}) == len({one.job_id for one in asked}) == 12
    shown = [await jobs.show(ana, job_id=job_id) for job_id in sorted(one.job_id for one in asked)]
    slots = ana.ports.settings.jobs_at_once
    assert [one.state for one in shown] == ["queued"] * slots + ["waiting"] * (12 - slots)


async def test_each_order_is_its_own_askers(ana: Context, groups: list[int]) -> None:
    ben = replace(ana, user_id=None, api_key_id=new_id(), actor="api_key", request_id="ben-asked-so")
    mine, his = await asyncio.gather(order(ana, "Mine"), order(ben, "His"))

    async with ana.db.read() as session:
        rows = [await session.get_one(Job, one.job_id) for one in (mine, his)]
    assert [(row.user_id, row.api_key_id, row.request_id) for row in rows] == [
        (ana.user_id, ana.api_key_id, ana.request_id),
        (None, ben.api_key_id, "ben-asked-so"),
    ]


async def test_one_at_fault_is_refused_alone(ana: Context, groups: list[int]) -> None:
    first, bad, good = await asyncio.gather(
        order(ana, "First"),
        order(ana, "Into a folder that is not there", folder_id=new_id()),
        order(ana, "Good"),
        return_exceptions=True,
    )

    assert groups == [3, 1, 1, 1]
    assert isinstance(bad, NotFound)
    for one in (first, good):
        assert isinstance(one, Asked)
        assert (await jobs.show(ana, job_id=one.job_id)).state == "queued"
    assert len(await jobs.list_jobs(ana)) == 2


@pytest.mark.parametrize(
    ("field", "recipe_with"),
    [
        ("source_id", lambda one: Recipe(verb="vary", sources=(one,))),
        ("mask_id", lambda one: Recipe(verb="generate", prompt="A chair", mask_id=one)),
        ("look.logo_id", lambda one: Recipe(verb="generate", look=Look(headline="Whole again", logo_id=one))),
        ("shots.1.image_id", lambda one: Recipe(verb="film", shots=(Shot(), Shot(image_id=one)))),
    ],
)
async def test_what_goes_in_as_a_picture_must_be_one(
    ana: Context, field: str, recipe_with: Callable[[UUID], Recipe]
) -> None:
    spoken, picture = [await kept(ana, kind) for kind in ("speech", "image")]

    with pytest.raises(InvalidInput) as refused:
        await asking.ask(ana, Order("image", JobName.IMAGE, recipe_with(spoken), "One"), estimate=Cost(0, known=True))
    asked = await asking.ask(
        ana, Order("image", JobName.IMAGE, recipe_with(picture), "Two"), estimate=Cost(0, known=True)
    )

    assert (refused.value.code, refused.value.field) == ("media.not_a_picture", field)
    assert asked.asset.title == "Two"


async def kept(ctx: Context, kind: str) -> UUID:
    """Return the id of a finished asset."""
    now = ctx.ports.clock.now()
    row = Asset(kind=kind, state="ready", origin="made", title=kind, created_at=now, updated_at=now)
    async with ctx.db.write() as session:
        session.add(row)
        await session.flush()
        return row.id

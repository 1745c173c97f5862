"""Teams: made, filled, renamed, dissolved; a member is in one at most, and no other organisation sees any of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import new_id
from app.tenancy import teams
from app.tenancy.teams import TeamForm


@pytest.fixture
async def ctx(ctx_of: Any) -> Context:
    return await ctx_of("ana")


async def named(ctx: Context, name: str) -> teams.TeamView:
    return await teams.create(ctx, form=TeamForm(name=name))


async def test_a_member_moves_from_team_to_team(ctx: Context) -> None:
    press, sales = await named(ctx, "Press"), await named(ctx, "Sales")
    await teams.assign(ctx, user_id=ctx.user_id, team_id=press.id)
    await teams.assign(ctx, user_id=ctx.user_id, team_id=sales.id)

    assert [(one.name, one.members) for one in await teams.list_all(ctx)] == [
        ("Press", ()),
        ("Sales", (ctx.user_id,)),
    ]
    assert await teams.team_of(ctx) == sales.id


async def test_dissolving_a_team_leaves_its_members_in_none(ctx: Context) -> None:
    press = await named(ctx, "Press")
    await teams.assign(ctx, user_id=ctx.user_id, team_id=press.id)
    await teams.delete(ctx, team_id=press.id)

    assert await teams.list_all(ctx) == []
    assert await teams.team_of(ctx) is None


async def test_a_member_is_taken_out_of_the_team_they_are_in(ctx: Context) -> None:
    press, sales = await named(ctx, "Press"), await named(ctx, "Sales")
    await teams.assign(ctx, user_id=ctx.user_id, team_id=press.id)
    with pytest.raises(NotFound):
        await teams.take_out(ctx, user_id=ctx.user_id, team_id=sales.id)
    await teams.take_out(ctx, user_id=ctx.user_id, team_id=press.id)

    assert await teams.team_of(ctx) is None


async def test_a_team_is_renamed_also_to_its_own_name(ctx: Context) -> None:
    press = await named(ctx, "Press")
    await teams.rename(ctx, team_id=press.id, form=TeamForm(name="PRESS"))

    assert [one.name for one in await teams.list_all(ctx)] == ["PRESS"]


@pytest.mark.parametrize(("name", "kind"), [("", InvalidInput), ("  ", InvalidInput), ("press", Conflict)])
async def test_a_name_is_needed_and_only_once(ctx: Context, name: str, kind: type[Exception]) -> None:
    await named(ctx, "Press")
    with pytest.raises(kind):
        await named(ctx, name)


async def test_there_are_at_most_so_many_teams(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teams, "MOST", 1)
    await named(ctx, "Press")
    with pytest.raises(Conflict):
        await named(ctx, "Sales")


async def test_what_is_not_there_is_not_changed(ctx: Context) -> None:
    press = await named(ctx, "Press")
    with pytest.raises(NotFound):
        await teams.rename(ctx, team_id=new_id(), form=TeamForm(name="x"))
    with pytest.raises(NotFound):
        await teams.assign(ctx, user_id=new_id(), team_id=press.id)
    with pytest.raises(NotFound):
        await teams.assign(ctx, user_id=ctx.user_id, team_id=new_id())


async def test_another_organisations_team_is_not_there(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    press = await named(ana, "Press")
    with pytest.raises(NotFound):
        await teams.delete(bo, team_id=press.id)
    with pytest.raises(NotFound):
        await teams.assign(bo, user_id=bo.user_id, team_id=press.id)

    assert await teams.list_all(bo) == []


async def test_a_persons_team_is_two_seconds_old_at_most(ctx: Context, clock: ManualClock) -> None:
    press = await named(ctx, "Press")
    assert await teams.team_of(ctx) is None
    await teams.assign(ctx, user_id=ctx.user_id, team_id=press.id)
    teams._team_of.put(ctx.ports, (ctx.tenant, ctx.user_id), (None,))  # as another process
    old = await teams.team_of(ctx)
    clock.advance(timedelta(seconds=2))

    assert (old, await teams.team_of(ctx)) == (None, press.id)


async def test_who_is_nobody_in_particular_has_no_team(ctx: Context) -> None:
    nobody = Context(ports=ctx.ports, request_id="x", tenant_id=ctx.tenant_id)

    assert await teams.team_of(nobody) is None

"""The policy of a workspace: read from memory, changed with a version, refused with the name of the field."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pydantic
import pytest
import sqlalchemy as sa

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotAllowed
from app.llm import policies, providers
from app.llm.models import GatewayPolicyRow
from app.llm.policies import Known
from app.llm.policy import GatewayPolicy, default_policy
from app.llm.schemas import ProviderForm
from app.tenancy.models import AuditEvent

KNOWN = Known(templates={"newsletter"}, kinds={"marketing"}, languages={"en", "ar"})


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for both."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
async def ctx(ctx_of: Any) -> Context:
    return await ctx_of("ana")


def policy(**routing: Any) -> GatewayPolicy:
    return GatewayPolicy.model_validate({"routing": routing})


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
async def test_a_workspace_without_a_policy_has_the_shipped_one_until_it_changes_it(ctx: Context) -> None:
    assert await policies.current(ctx) == default_policy()

    changed = await policies.change(ctx, form=policy(order="cheapest"))

    assert (changed.routing.version, changed.routing.order) == (1, "cheapest")
    assert await policies.current(ctx) == changed


async def test_another_workspace_keeps_its_own(ctx: Context, ctx_of: Any) -> None:
    other = await ctx_of("bo")
    await policies.change(ctx, form=policy(order="cheapest"))

    assert await policies.current(other) == default_policy()


async def test_a_change_in_another_process_is_seen_after_two_seconds(ctx: Context) -> None:
    await policies.current(ctx)
    async with ctx.db.write() as session:
        session.add(GatewayPolicyRow(version=1, policy=policy(version=1, order="cheapest").model_dump(mode="json")))
    seen_at_once = (await policies.current(ctx)).routing.order
    assert isinstance(ctx.ports.clock, ManualClock)
    ctx.ports.clock.advance(timedelta(seconds=2))

    assert (seen_at_once, (await policies.current(ctx)).routing.order) == ("listed", "cheapest")


async def test_every_version_is_kept_and_the_audit_trail_names_what_changed(ctx: Context) -> None:
    await policies.change(ctx, form=policy(order="cheapest"))
    await policies.change(ctx, form=default_policy())
    async with ctx.db.read() as session:
        told = (await session.execute(sa.select(AuditEvent.detail).where(AuditEvent.action == "policy.changed"))).all()
    first = await policies.at_version(ctx, version=1)

    assert first is not None
    assert first.routing.order == "cheapest"
    assert "order" in str(told[0][0]["fields"])
    assert [row[0]["version"] for row in told] == [1, 2]


async def test_a_version_that_never_was_is_none_and_0_is_the_shipped_one(ctx: Context) -> None:
    assert await policies.at_version(ctx, version=7) is None
    assert await policies.at_version(ctx, version=0) == default_policy()


async def test_two_people_do_not_overwrite_each_other(ctx: Context) -> None:
    seen = await policies.change(ctx, form=policy())
    await policies.change(ctx, form=seen)

    with pytest.raises(Conflict):
        await policies.change(ctx, form=seen)


async def test_a_stored_policy_that_does_not_fit_any_more_gives_way_to_the_shipped_one(ctx: Context) -> None:
    async with ctx.db.write() as session:
        session.add(GatewayPolicyRow(version=1, policy={"routing": {"from_another_time": True}}))

    assert await policies.current(ctx) == default_policy()


async def test_who_may_not_change_providers_may_not_change_the_policy(ctx: Context, ctx_of: Any) -> None:
    editor = await ctx_of("eva", role="editor", of=ctx)

    with pytest.raises(NotAllowed):
        await policies.change(editor, form=policy())


@pytest.mark.parametrize(
    ("routing", "code", "field"),
    [
        ({"pin": "nobody/gpt"}, "policy.model_unknown", "routing.pin"),
        ({"pin": "tier:golden"}, "policy.tier_unknown", "routing.pin"),
        ({"ban": ["nobody"]}, "policy.model_unknown", "routing.ban"),
        ({"ban": ["mistral", "built-in"]}, "policy.nobody_left", "routing.ban"),
        ({"pin": "mistral", "ban": ["Mistral"]}, "policy.model_banned", "routing.pin"),
        ({"templates": {"gone": {"tier": "fast"}}}, "policy.template_unknown", "routing.templates.gone"),
        (
            {"templates": {"newsletter": {"route": "gone"}}},
            "policy.route_unknown",
            "routing.templates.newsletter.route",
        ),
        (
            {"routes": {"a": {"models": ["mistral"], "fallback": "b"}}},
            "policy.route_unknown",
            "routing.routes.a.fallback",
        ),
        (
            {"routes": {"a": {"models": ["mistral"], "fallback": "a"}}},
            "policy.circle",
            "routing.routes.a.fallback",
        ),
        (
            {
                "routes": {
                    "a": {"models": ["mistral"], "fallback": "b"},
                    "b": {"models": ["mistral"], "fallback": "c"},
                    "c": {"models": ["mistral"], "fallback": "b"},
                }
            },
            "policy.circle",
            "routing.routes.a.fallback",
        ),
        ({"routes": {"a": {"models": ["gone/x"]}}}, "policy.model_unknown", "routing.routes.a.models"),
        ({"rules": [{"name": "r", "kinds": ["gone"], "tier": "fast"}]}, "policy.kind_unknown", "routing.rules.0.kinds"),
        (
            {"rules": [{"name": "r", "languages": ["xx"], "tier": "fast"}]},
            "policy.language_unknown",
            "routing.rules.0.languages",
        ),
    ],
)
async def test_a_policy_that_cannot_work_is_refused_by_field(ctx: Context, routing: Any, code: str, field: str) -> None:
    await providers.create(ctx, form=ProviderForm(kind="mistral", api_key="sk-very-secret-key"))

    with pytest.raises(InvalidInput) as refused:
        await policies.change(ctx, form=policy(**routing), known=KNOWN)

    assert (refused.value.code, refused.value.field) == (code, field)
    assert (await policies.current(ctx)).routing.version == 0


@pytest.mark.parametrize(
    "routing",
    [
        {"unknown": 1},
        {"rules": [{"name": "r"}]},
        {"rules": [{"name": "r", "tier": "fast", "at_least": "fast"}]},
        {"templates": {"newsletter": {}}},
        {"routes": {"a": {"models": []}}},
        {"quality": {"best": 3}},
        {"second_opinion": {"complex_down_below": 0.9, "complex_up_from": 0.1}},
        {"shares": {"fast": 90, "strong": 18, "critical": 7}},
        {"order": "by mood"},
    ],
)
def test_a_policy_that_says_nonsense_is_refused_by_its_shape(routing: Any) -> None:
    with pytest.raises(pydantic.ValidationError):
        policy(**routing)


@pytest.mark.parametrize("pin", ["", "tier:strong", "Mistral", "mistral/mistral-small-latest"])
async def test_a_runs_pin_may_name_a_tier_a_provider_or_a_model(ctx: Context, pin: str) -> None:
    await providers.create(ctx, form=ProviderForm(kind="mistral", api_key="sk-very-secret-key"))

    await policies.check_pin(ctx, pin)


@pytest.mark.parametrize("pin", ["tier:golden", "nobody", "mistral/gone"])
async def test_a_runs_pin_that_names_nobody_is_refused(ctx: Context, pin: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await policies.check_pin(ctx, pin)

    assert (refused.value.code, refused.value.field) == ("pin.unknown", "pin")

"""The policy in force for a workspace: read often, so kept in memory for two seconds; changed seldom, and audited."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

import pydantic

from app.core.context import Context
from app.core.errors import Conflict, InvalidInput
from app.core.kept import Kept
from app.core.telemetry import log
from app.llm import queries
from app.llm.cache import service as cache
from app.llm.candidates import candidates
from app.llm.models import GatewayPolicyRow
from app.llm.policy import GatewayPolicy, RoutingPolicy, default_policy
from app.llm.routing import Candidate, is_named
from app.llm.tiering import TIER_PIN, tier_named
from app.tenancy import audit


@dataclass(frozen=True, slots=True)
class Known:
    """What a policy may name of the catalogue: the ids of templates, of categories and of languages."""

    templates: Collection[str]
    kinds: Collection[str]
    languages: Collection[str]


_kept: Kept[UUID, GatewayPolicy] = Kept()


async def current(ctx: Context) -> GatewayPolicy:
    """Return the policy in force, at most two seconds old; the shipped default where the workspace has decided nothing.

    One that was stored by another version of Galley and does not fit any more gives way to the default, and is logged.
    """
    if ctx.tenant_id is None:
        return default_policy()

    async def read() -> GatewayPolicy:
        async with ctx.db.read() as session:
            row = await queries.policy(session)
        return _read(row) if row else default_policy()

    return await _kept.get(ctx.ports, ctx.tenant_id, read)


async def at_version(ctx: Context, *, version: int) -> GatewayPolicy | None:
    """Return the policy that a decision was made under, None where there was never such a one."""
    if version == 0:
        return default_policy()
    async with ctx.db.read() as session:
        row = await queries.policy(session, version=version)
    return _read(row) if row else None


async def change(ctx: Context, *, form: GatewayPolicy, known: Known | None = None) -> GatewayPolicy:
    """Put a policy in force and return it with its new version. `known`: what it may name of the catalogue.

    `form.routing.version` is the version that it was made from; 0 replaces whatever is there.

    Raises:
        NotAllowed: changing providers is not allowed.
        InvalidInput: a reference that leads nowhere, a circle of routes, or nobody left to ask; `field` says where.
        Conflict: somebody changed it meanwhile.
    """
    ctx.require("providers:write")
    check(form.routing, await candidates(ctx), known=known)
    async with ctx.db.write() as session:
        newest = await queries.policy(session)
        before = newest.version if newest else 0
        old = _read(newest) if newest else default_policy()
        if form.routing.version not in (0, before):
            raise Conflict("Somebody changed the rules meanwhile. Read them again.", code="policy.changed")
        routing = form.routing.model_copy(update={"version": before + 1})
        policy = form.model_copy(update={"routing": routing})
        session.add(
            GatewayPolicyRow(
                version=routing.version,
                policy=policy.model_dump(mode="json"),
                user_id=ctx.user_id,
                created_at=ctx.ports.clock.now(),
            )
        )
        audit.record(
            session, ctx, "policy.changed", detail={"version": routing.version, "fields": _changed(newest, policy)}
        )
    _kept.put(ctx.ports, ctx.tenant, policy)
    if (old.exact_reuse and not policy.exact_reuse) or (old.answer_reuse and not policy.answer_reuse):
        await cache.clear(ctx)
    return policy


async def check_pin(ctx: Context, pin: str) -> None:
    """Refuse a run's pin that means no tier and no model of the workspace.

    Raises:
        InvalidInput: it does not.
    """
    if pin.startswith(TIER_PIN):
        is_known = tier_named(pin.removeprefix(TIER_PIN)) is not None
    else:
        is_known = not pin or any(is_named(one, pin) for one in await candidates(ctx))
    if not is_known:
        raise InvalidInput(
            "There is no tier, provider or model {name}.", code="pin.unknown", field="pin", params={"name": pin}
        )


def check(routing: RoutingPolicy, candidates: list[Candidate], *, known: Known | None = None) -> None:
    """Refuse a policy that cannot work with these candidates.

    Raises:
        InvalidInput: `field` names what is wrong, as it is written in JSON.
    """
    _check_routes(routing)
    if known is not None:
        _check_catalogue(routing, known)
    for field, ref in _references(routing):
        if not any(is_named(one, ref) for one in candidates):
            raise InvalidInput(
                "No provider or model is called {name}.", code="policy.model_unknown", field=field, params={"name": ref}
            )
    left = [one for one in candidates if not any(is_named(one, ref) for ref in routing.ban)]
    if candidates and not left:
        raise InvalidInput("This rules out every model there is.", code="policy.nobody_left", field="routing.ban")
    for field, ref in _references(routing):
        if field != "routing.ban" and not any(is_named(one, ref) for one in left):
            raise InvalidInput(
                "{name} is asked for here and ruled out by the ban.",
                code="policy.model_banned",
                field=field,
                params={"name": ref},
            )


def _references(routing: RoutingPolicy) -> Iterator[tuple[str, str]]:
    """Yield (field, reference to a provider or model)."""
    if routing.pin.startswith(TIER_PIN):
        if tier_named(routing.pin.removeprefix(TIER_PIN)) is None:
            raise InvalidInput(
                "There are the tiers fast, strong and critical.", code="policy.tier_unknown", field="routing.pin"
            )
    elif routing.pin:
        yield "routing.pin", routing.pin
    for ref in routing.ban:
        yield "routing.ban", ref
    for name, route in routing.routes.items():
        for ref in route.models:
            yield f"routing.routes.{name}.models", ref


def _check_routes(routing: RoutingPolicy) -> None:
    for name, route in routing.routes.items():
        if route.fallback and route.fallback not in routing.routes:
            raise _unknown_route(route.fallback, f"routing.routes.{name}.fallback")
        seen = [name]
        while (route := routing.routes.get(seen[-1], route)).fallback:
            seen.append(route.fallback)
            if seen[-1] in seen[:-1]:
                raise InvalidInput(
                    "The routes run in a circle: {circle}.",
                    code="policy.circle",
                    field=f"routing.routes.{name}.fallback",
                    params={"circle": " → ".join(seen)},
                )
            if seen[-1] not in routing.routes:
                break  # told for the route that says so
    for template_id, own in routing.templates.items():
        if own.route and own.route not in routing.routes:
            raise _unknown_route(own.route, f"routing.templates.{template_id}.route")


def _unknown_route(name: str, field: str) -> InvalidInput:
    return InvalidInput("There is no route {name}.", code="policy.route_unknown", field=field, params={"name": name})


def _check_catalogue(routing: RoutingPolicy, known: Known) -> None:
    for template_id in routing.templates:
        if template_id not in known.templates:
            raise InvalidInput(
                "There is no template {name}.",
                code="policy.template_unknown",
                field=f"routing.templates.{template_id}",
                params={"name": template_id},
            )
    for place, rule in enumerate(routing.rules):
        for kind in set(rule.kinds) - set(known.kinds):
            raise InvalidInput(
                "There is no category {name}.",
                code="policy.kind_unknown",
                field=f"routing.rules.{place}.kinds",
                params={"name": kind},
            )
        for language in set(rule.languages) - set(known.languages):
            raise InvalidInput(
                "Galley does not write {name}.",
                code="policy.language_unknown",
                field=f"routing.rules.{place}.languages",
                params={"name": language},
            )


def _changed(newest: GatewayPolicyRow | None, policy: GatewayPolicy) -> str:
    """Return the names of the fields that are another than before."""
    before = (_read(newest) if newest else default_policy()).model_dump(mode="json")
    after = policy.model_dump(mode="json")
    names = [name for name in after if name != "routing" and after[name] != before[name]]
    names += [
        name for name in after["routing"] if name != "version" and after["routing"][name] != before["routing"][name]
    ]
    return ", ".join(names)


def _read(row: GatewayPolicyRow) -> GatewayPolicy:
    try:
        return GatewayPolicy.model_validate(row.policy)
    except pydantic.ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        log.error("policy.unreadable", version=row.version, field=where)
        return default_policy()

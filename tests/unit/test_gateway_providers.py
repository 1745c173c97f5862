"""A workspace's providers: keys go in and never come out, addresses stay outside, order and names are kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotFound, Unavailable
from app.core.ids import new_id
from app.core.settings import Settings
from app.llm import providers
from app.llm.candidates import candidates
from app.llm.installation import installation_providers
from app.llm.kinds import KINDS
from app.llm.schemas import ProviderChange, ProviderForm, ProviderView
from app.tenancy.models import AuditEvent
from app.usage.prices import price_of

KEY = "sk-very-secret-key-4f2c"
LOCAL = {"kind": "openai-compatible", "base_url": "http://127.0.0.1:11434/v1", "models": ({"id": "llama3.3:70b"},)}


@pytest.fixture
async def ctx(ctx_of: Any) -> Context:
    return await ctx_of("ana")


def with_settings(ctx: Context, **more: Any) -> Context:
    return replace(ctx, ports=replace(ctx.ports, settings=ctx.ports.settings.model_copy(update=more)))


async def connect(ctx: Context, **more: Any) -> ProviderView:
    return await providers.create(ctx, form=ProviderForm(**({"kind": "mistral", "api_key": KEY} | more)))


async def test_a_new_provider_needs_but_a_kind_and_a_key(ctx: Context) -> None:
    made = await connect(ctx)

    assert (made.name, made.kind, made.source, made.enabled, made.editable) == (
        "Mistral",
        "mistral",
        "workspace",
        True,
        True,
    )
    assert [(model.id, model.tier) for model in made.models] == [
        ("mistral-small-latest", "fast"),
        ("mistral-large-latest", "strong"),
    ]


async def test_a_key_is_never_shown_again(ctx: Context) -> None:
    made = await connect(ctx)
    listed = (await providers.list_providers(ctx))[0]

    assert (listed.has_key, listed.key_tail) == (True, "4f2c")
    assert "secret" not in repr(made) + repr(listed) + repr(ProviderForm(kind="mistral", api_key=KEY))


async def test_a_short_key_shows_nothing_of_itself(ctx: Context) -> None:
    assert (await connect(ctx, api_key="short")).key_tail == ""


async def test_a_key_is_sealed_in_the_database(ctx: Context) -> None:
    await connect(ctx)
    async with ctx.ports.db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(sa.text("select set_config('galley.tenant_id', :t, true)"), {"t": str(ctx.tenant)})
        stored = (await connection.execute(sa.text("select api_key from provider_connection"))).scalar_one()

    assert stored.startswith("g1.")
    assert "secret" not in stored


async def test_the_built_in_writer_is_the_last_row_and_can_be_switched_off(ctx: Context) -> None:
    await connect(ctx)
    before = (await providers.list_providers(ctx))[-1]
    off = await providers.update(ctx, providers.BUILT_IN, form=ProviderChange(enabled=False))
    after = (await providers.list_providers(ctx))[-1]
    on = await providers.update(ctx, providers.BUILT_IN, form=ProviderChange(enabled=True))

    assert (before.source, before.enabled, off.enabled, after.enabled, on.enabled) == (
        "built-in",
        True,
        False,
        False,
        True,
    )
    assert len(await providers.list_providers(ctx)) == 2


async def test_an_empty_change_leaves_the_key_and_an_empty_key_removes_it(ctx: Context) -> None:
    made = await connect(ctx)
    kept = await providers.update(ctx, made.id, form=ProviderChange(name="Paris"))
    removed = await providers.update(ctx, made.id, form=ProviderChange(api_key=""))

    assert (kept.name, kept.key_tail) == ("Paris", "4f2c")
    assert not removed.has_key


async def test_a_new_address_needs_the_key_again(ctx: Context) -> None:
    made = await connect(ctx)

    with pytest.raises(InvalidInput) as caught:
        await providers.update(ctx, made.id, form=ProviderChange(base_url="http://127.0.0.1:9999/v1"))
    again = await providers.update(
        ctx, made.id, form=ProviderChange(base_url="http://127.0.0.1:9999/v1", api_key="sk-another-secret-0001")
    )

    assert (caught.value.field, caught.value.code) == ("api_key", "provider.key_again")
    assert (again.base_url, again.key_tail) == ("http://127.0.0.1:9999/v1", "0001")


async def test_another_path_at_the_same_address_keeps_the_key(ctx: Context) -> None:
    made = await connect(ctx)

    changed = await providers.update(ctx, made.id, form=ProviderChange(base_url="https://api.mistral.ai/v2"))

    assert changed.has_key


@pytest.mark.parametrize("public_url", ["https://studio.example.com", "http://203.0.113.9"])
async def test_an_inside_address_is_refused_on_a_public_installation(ctx: Context, public_url: str) -> None:
    public = with_settings(ctx, public_url=public_url)
    made = await connect(ctx)

    for change in (
        providers.create(public, form=ProviderForm(**LOCAL)),
        providers.update(public, made.id, form=ProviderChange(base_url="http://169.254.169.254/", api_key=KEY)),
    ):
        with pytest.raises(InvalidInput) as caught:
            await change
        assert (caught.value.field, caught.value.code) == ("base_url", "provider.address_inside")


async def test_an_address_that_was_allowed_once_is_not_reached_after_the_operator_forbids_it(ctx: Context) -> None:
    await connect(ctx, **LOCAL, api_key="")

    public = with_settings(ctx, public_url="https://studio.example.com")

    assert (await candidates(ctx))[0].target.inside_allowed
    assert not (await candidates(public))[0].target.inside_allowed


async def test_a_laptop_install_may_use_its_own_machine_without_a_key(ctx: Context) -> None:
    made = await connect(ctx, **LOCAL, api_key="")

    assert (made.has_key, made.models[0].label) == (False, "llama3.3:70b")


async def test_a_price_of_ones_own_reaches_the_candidate(ctx: Context) -> None:
    free = {"id": "llama3.3:70b", "input_price": 0, "output_price": 0}
    await connect(ctx, **(LOCAL | {"models": (free,)}), api_key="")

    found = (await candidates(ctx))[0]

    assert found.own_price is not None
    assert (found.own_price.input_micros, found.own_price.output_micros) == (0, 0)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"api_key": ""}, "api_key"),
        ({"api_key": "two words"}, "api_key"),
        ({"api_key": "schlüssel"}, "api_key"),
        ({"api_key": "line\nbreak"}, "api_key"),
        ({"base_url": "ftp://example.com"}, "base_url"),
        ({"base_url": "os.environ/OPENAI_BASE_URL"}, "base_url"),
        ({"base_url": "http://user:word@example.com"}, "base_url"),
        ({"kind": "openai-compatible"}, "base_url"),
        ({"kind": "openai-compatible", "base_url": "http://127.0.0.1:1/v1"}, "models"),
        ({"models": ({"id": "a"}, {"id": "a"})}, "models"),
        ({"models": ({"id": "../../etc"},)}, "models"),
    ],
)
async def test_what_cannot_be_used_is_refused_by_field(ctx: Context, more: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await connect(ctx, **more)

    assert caught.value.field == field
    assert len(await providers.list_providers(ctx)) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "embedded"},
        {"kind": "replicate"},
        {"name": "x" * 81},
        {"base_url": "http://" + "x" * 500},
        {"api_key": "x" * 501},
        {"models": ({"id": "a b"},)},
        {"models": ({"id": "x" * 201},)},
        {"models": ({"id": "a", "tier": "best"},)},
        {"models": ({"id": "a", "input_price": -1},)},
        {"models": tuple({"id": f"m{n}"} for n in range(21))},
        {"tenant_id": "x"},
        {"position": 0},
    ],
)
def test_a_form_of_another_shape_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ProviderForm(**({"kind": "openai"} | more))


async def test_a_name_is_taken_once(ctx: Context) -> None:
    await connect(ctx)
    other = await connect(ctx, name="Lyon")

    for name in ("mistral", "Built-in Writer"):
        with pytest.raises(Conflict):
            await connect(ctx, name=name)
        with pytest.raises(Conflict):
            await providers.update(ctx, other.id, form=ProviderChange(name=name))
    assert (await providers.update(ctx, other.id, form=ProviderChange(name="Lyon"))).name == "Lyon"


async def test_there_can_be_only_so_many(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "MOST_PROVIDERS", 2)
    for name in ("One", "Two"):
        await connect(ctx, name=name)

    with pytest.raises(Conflict, match="2 providers"):
        await connect(ctx, name="Three")


async def test_a_local_server_cannot_lose_its_address(ctx: Context) -> None:
    made = await connect(ctx, **LOCAL, api_key="")

    with pytest.raises(InvalidInput) as caught:
        await providers.update(ctx, made.id, form=ProviderChange(base_url=""))

    assert caught.value.field == "base_url"


async def test_models_can_be_exchanged(ctx: Context) -> None:
    made = await connect(ctx)
    models = ({"id": "mistral-medium-latest", "tier": "critical", "label": "Medium"},)

    changed = await providers.update(ctx, made.id, form=ProviderChange(models=models))

    assert [(model.id, model.tier, model.label) for model in changed.models] == [
        ("mistral-medium-latest", "critical", "Medium")
    ]


async def test_providers_keep_the_order_they_are_given(ctx: Context) -> None:
    made = [await connect(ctx, name=name) for name in ("One", "Two", "Three")]

    listed = await providers.reorder(ctx, provider_ids=[made[2].id, made[0].id])

    assert [one.name for one in listed] == ["Three", "One", "Two", "Built-in writer"]


async def test_a_deleted_provider_is_gone(ctx: Context) -> None:
    made = await connect(ctx)
    await providers.delete(ctx, made.id)

    assert [one.source for one in await providers.list_providers(ctx)] == ["built-in"]
    with pytest.raises(NotFound):
        await providers.delete(ctx, made.id)


@pytest.mark.parametrize("nonsense", ["", "x", "built-in", "installation:Ours", "00000000-0000-0000-0000-000000000000"])
async def test_what_is_not_there_cannot_be_deleted_or_moved(ctx: Context, nonsense: str) -> None:
    with pytest.raises(NotFound):
        await providers.delete(ctx, nonsense)
    with pytest.raises(NotFound):
        await providers.reorder(ctx, provider_ids=[nonsense])


async def test_a_foreign_provider_answers_like_an_absent_one(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    made = await connect(ana)

    answers = []
    for one in (made.id, str(new_id())):
        for act in (
            providers.update(bo, one, form=ProviderChange(name="Mine")),
            providers.delete(bo, one),
            providers.reorder(bo, provider_ids=[one]),
            providers.own_connection(bo, one),
        ):
            with pytest.raises(NotFound) as caught:
                await act
            answers.append(caught.value.code)

    assert set(answers) == {"not_found"}
    assert (await providers.list_providers(ana))[0].name == "Mistral"
    assert len(await providers.list_providers(bo)) == 1


async def test_changes_stand_in_the_audit_trail_without_keys(ctx: Context) -> None:
    made = await connect(ctx)
    await providers.update(ctx, made.id, form=ProviderChange(api_key="sk-another-secret-0001"))
    await providers.delete(ctx, made.id)
    async with ctx.db.read() as session:
        events = (await session.execute(sa.select(AuditEvent).order_by(AuditEvent.id))).scalars().all()
    said = [(event.action, event.target) for event in events if event.action.startswith("provider.")]

    assert said == [("provider.created", "Mistral"), ("provider.changed", "Mistral"), ("provider.deleted", "Mistral")]
    assert "secret" not in json.dumps([event.detail for event in events])


def test_every_suggested_text_model_has_a_known_price() -> None:
    unknown = [
        model.id
        for kind in KINDS.values()
        for model in kind.models
        if model.kind == "text" and price_of(kind.kind, model.id) is None
    ]

    assert unknown == []


GOOD_FILE = """
[[provider]]
name = "House model"
kind = "openai-compatible"
base_url = "http://10.0.0.5:8000/v1"
api_key = "sk-operators-secret"

[[provider.model]]
id = "qwen3:32b"
tier = "strong"
label = "Qwen 32B"
input_price = 0
output_price = 0

[[provider.model]]
id = "embed"
tier = "fast"
kind = "embedding"
"""


async def test_the_operators_providers_come_after_ones_own_and_cannot_be_changed(ctx: Context, tmp_path: Path) -> None:
    path = tmp_path / "providers.toml"
    path.write_text(GOOD_FILE)
    ctx = with_settings(ctx, providers_file=path, public_url="https://studio.example.com")
    await connect(ctx)

    listed = await providers.list_providers(ctx)
    found = [c for c in await candidates(ctx) if c.key.startswith("installation:")]

    assert [one.source for one in listed] == ["workspace", "installation", "built-in"]
    assert (listed[1].name, listed[1].editable, listed[1].base_url, listed[1].key_tail) == (
        "House model",
        False,
        "",
        "",
    )
    assert [(c.label, c.target.tier, c.target.inside_allowed) for c in found] == [("Qwen 32B", "strong", True)]
    assert "operators-secret" not in repr(listed) + repr(found)
    with pytest.raises(NotFound):
        await providers.update(ctx, listed[1].id, form=ProviderChange(name="Mine"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[provider]]\nname = 1", "provider.1"),
        ("[[provider]]\nname='a'\nkind='nobody'\n[[provider.model]]\nid='m'", "provider.1.kind"),
        ("[[provider]]\nname='a'\nkind='openai'\napi_key='sk-secret'", "provider.1.model"),
        ("[[provider]]\nname='a'\nkind='openai'\nkey='sk-secret'\n[[provider.model]]\nid='m'", "provider.1.key"),
        ("[[provider]]\nname='a'\nkind='openai'\n[[provider.model]]\nid='m'\ntier='best'", "provider.1.model.1.tier"),
        ("[[provider]]\nname='a'\nkind='openai'\nbase_url='ftp://x'\n[[provider.model]]\nid='m'", "http"),
        ("[[provider]]\nname='a'\nkind='openai-compatible'\n[[provider.model]]\nid='m'", "http"),
        ("[[provider", "TOML"),
        (b"\xff\xfe", "TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_and_without_keys(tmp_path: Path, text: str | bytes, says: str) -> None:
    path = tmp_path / "providers.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(Unavailable) as caught:
        installation_providers(Settings(providers_file=path))

    assert says in caught.value.text()
    assert str(path) in caught.value.text()
    assert "secret" not in caught.value.text()


def test_a_missing_file_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        installation_providers(Settings(providers_file=tmp_path / "nothing.toml"))


def test_a_file_that_changes_is_read_again_and_one_that_breaks_leaves_the_last_good_one(tmp_path: Path) -> None:
    path = tmp_path / "providers.toml"
    settings = Settings(providers_file=path)
    path.write_text(GOOD_FILE)
    first = installation_providers(settings)
    path.write_text(GOOD_FILE.replace("House model", "Another"))
    _touch(path, 1)
    second = installation_providers(settings)
    path.write_text("[[provider")
    _touch(path, 2)
    third = installation_providers(settings)

    assert [one[0].name for one in (first, second, third)] == ["House model", "Another", "Another"]


def _touch(path: Path, step: int) -> None:
    import os

    stamp = path.stat().st_mtime_ns + step * 10**9
    os.utime(path, ns=(stamp, stamp))

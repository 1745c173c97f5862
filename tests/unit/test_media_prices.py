"""What media cost: by the unit that the vendor charges, never nothing for want of a price."""

from __future__ import annotations

import pytest

from app.core.ports import ModelTarget, ProviderKind
from app.llm.kinds import KINDS
from app.usage.media_prices import Amount, load_media_prices, media_cost
from app.usage.prices import Cost, Price

FLAT = 20_000


def _target(kind: ProviderKind, model: str) -> ModelTarget:
    return ModelTarget(provider="x", kind=kind, model=model)


@pytest.mark.parametrize(
    ("kind", "model", "amount", "micros"),
    [
        ("openai", "gpt-image-1", Amount(images=2), 500_000),
        ("gemini", "gemini-2.5-flash-image", Amount(images=1), 39_000),
        ("openai", "tts-1", Amount(characters=1_000, seconds=60), 15_000),
        ("openai", "gpt-4o-mini-tts", Amount(characters=1_000, seconds=60.5), 15_125),
        ("elevenlabs", "eleven_multilingual_v2", Amount(characters=100), 18_000),
        ("openai", "whisper-1", Amount(seconds=30.001), 3_001),
        ("openai", "sora-2", Amount(seconds=8), 800_000),
        ("openai", "sora-2-2025-12-08", Amount(seconds=8), 800_000),
        ("openai-compatible", "openai/tts-1", Amount(characters=10), 150),
    ],
)
def test_a_known_model_is_charged_by_its_unit(kind: ProviderKind, model: str, amount: Amount, micros: int) -> None:
    assert media_cost(_target(kind, model), amount, flat_micros=FLAT) == Cost(micros, known=True)


def test_an_unknown_model_costs_the_flat_estimate_and_says_so() -> None:
    assert media_cost(_target("openai", "x-9"), Amount(images=1), flat_micros=FLAT) == Cost(FLAT, known=False)


def test_what_is_built_in_is_free() -> None:
    assert media_cost(_target("embedded", "x"), Amount(images=1), flat_micros=FLAT) == Cost(0, known=True)


def test_what_the_provider_says_goes_before_every_list() -> None:
    cost = media_cost(_target("openai", "gpt-image-1"), Amount(images=1), flat_micros=FLAT, said_micros=42_000)

    assert cost == Cost(42_000, known=True)


def test_a_price_that_the_workspace_set_is_for_a_million_units() -> None:
    own = Price(input_micros=0, output_micros=1_500_000, source="the workspace")

    assert media_cost(_target("automatic1111", "sdxl"), Amount(images=3), flat_micros=FLAT, own=own).micros == 5


def test_every_model_of_media_that_is_suggested_has_a_price() -> None:
    suggested = [
        (kind.kind, model.id)
        for kind in KINDS.values()
        for model in kind.models
        if model.kind not in {"text", "embedding"}
    ]
    local = {"automatic1111", "comfyui"}
    unknown = [
        (kind, model)
        for kind, model in suggested
        if kind not in local and not media_cost(_target(kind, model), Amount(1, 1.0, 1), flat_micros=FLAT).known
    ]

    assert suggested
    assert unknown == []


def test_every_price_has_a_source() -> None:
    assert set(load_media_prices()) == {"openai", "gemini", "stability", "elevenlabs", "runway"}

"""A price is looked up by name, reckoned in whole micro-dollars, and never 0 for want of knowledge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ports import ProviderKind
from app.usage.prices import Price, cost_of, load_prices, price_of
from app.usage.tokens import estimate_tokens

FLAT_MICROS = 20_000


@pytest.mark.parametrize(
    ("kind", "model", "same_as"),
    [
        ("openai", "gpt-5-mini", "gpt-5-mini"),
        ("openai", "GPT-5-mini", "gpt-5-mini"),
        ("openai", "openai/gpt-5-mini", "gpt-5-mini"),
        ("openai", "gpt-5-mini-2025-08-07", "gpt-5-mini"),
        ("anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("anthropic", "claude-haiku-4-5@20251001", "claude-haiku-4-5"),
        ("gemini", "models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("gemini", "gemini-2.5-flash-001", "gemini-2.5-flash"),
        ("mistral", "mistral-small-latest", "mistral-small-latest"),
        ("mistral", "mistral-large-2999", "mistral-large-latest"),
        ("deepseek", "deepseek-chat", "deepseek-chat"),
        ("openai-compatible", "anthropic/claude-haiku-4-5", "claude-haiku-4-5"),
        ("openai-compatible", "google/gemini-2.5-flash", "gemini-2.5-flash"),
        ("openai-compatible", "openai/gpt-5-mini:nitro", "gpt-5-mini"),
    ],
)
def test_a_model_is_found_under_its_names(kind: ProviderKind, model: str, same_as: str) -> None:
    known = {name: price for prices in load_prices().values() for name, price in prices.items()}

    assert price_of(kind, model) == known[same_as]


@pytest.mark.parametrize(
    ("kind", "model"),
    [
        ("openai", "gpt-simulated"),
        ("openai", "claude-haiku-4-5"),
        ("openai-compatible", "gpt-5-mini"),
        ("openai-compatible", "llama3.3:70b"),
        ("openai-compatible", "unknown/gpt-5-mini"),
        ("anthropic", ""),
    ],
)
def test_a_model_that_nobody_priced_has_no_price(kind: ProviderKind, model: str) -> None:
    assert price_of(kind, model) is None


def test_a_dated_name_with_a_price_of_its_own_keeps_it() -> None:
    assert price_of("mistral", "mistral-small-2603") != price_of("mistral", "mistral-small")


def test_an_unknown_price_is_the_flat_one_and_says_so() -> None:
    cost = cost_of("openai", "gpt-unheard-of", tokens_in=1, tokens_out=0, flat_micros=FLAT_MICROS)

    assert (cost.micros, cost.known) == (FLAT_MICROS, False)


def test_a_known_price_is_tokens_times_price_rounded_up() -> None:
    price = Price(250_000, 2_000_000, "test")

    cost = cost_of("openai", "any", tokens_in=1_001, tokens_out=3, flat_micros=FLAT_MICROS, own=price)

    assert (cost.micros, cost.known) == (257, True)  # 250.25 + 6


def test_the_built_in_writer_is_free_of_charge() -> None:
    cost = cost_of("embedded", "built-in", tokens_in=900, tokens_out=900, flat_micros=FLAT_MICROS)

    assert (cost.micros, cost.known) == (0, True)


@given(st.sampled_from(["gpt-5-mini", "gpt-unheard-of"]), st.integers(0, 10**7), st.integers(0, 10**7))
def test_nothing_that_was_used_is_ever_booked_as_zero(model: str, tokens_in: int, tokens_out: int) -> None:
    cost = cost_of("openai", model, tokens_in=tokens_in, tokens_out=tokens_out, flat_micros=FLAT_MICROS)

    assert (cost.micros > 0) == (tokens_in + tokens_out > 0)


def test_every_price_cites_a_source_and_a_date() -> None:
    for prices in load_prices().values():
        assert all(price.source.startswith("https://") and price.verified_on for price in prices.values())


def test_every_vendor_has_models_of_several_prices() -> None:
    for kind in ("openai", "anthropic", "gemini", "deepseek", "mistral"):
        assert len({price.input_micros for price in load_prices()[kind].values()}) > 1


def test_the_figures_are_those_of_the_map_they_cite() -> None:
    import importlib.util

    folder = Path(str(importlib.util.find_spec("litellm").origin)).parent  # found, not imported
    known = json.loads((folder / "model_prices_and_context_window_backup.json").read_bytes())
    wrong = [
        name
        for kind, prices in load_prices().items()
        for name, price in prices.items()
        if (entry := known.get(f"{kind}/{name}") or known.get(name))
        and (price.input_micros, price.output_micros)
        != (round(entry["input_cost_per_token"] * 1e12), round(entry["output_cost_per_token"] * 1e12))
    ]

    assert wrong == []


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("", 0, 0),
        ("a", 1, 1),
        ("The quick brown fox jumps over the lazy dog.", 9, 13),
        ("東京の天気は晴れです", 5, 12),
        ("Быстрая коричневая лиса прыгает", 10, 24),
    ],
)
def test_a_guess_at_tokens_is_in_the_right_region(text: str, low: int, high: int) -> None:
    assert low <= estimate_tokens(text) <= high

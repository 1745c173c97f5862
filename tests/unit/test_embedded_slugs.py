"""Slugs: Latin letters from every script, whole words, within the limit."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.models_embedded.slugs import slug
from app.content.profiles import LANGUAGES


@pytest.mark.parametrize(
    ("title", "language", "expected"),
    [
        ("How to repair a chain", "en", "how-to-repair-a-chain"),
        ("Größe & Maße", "de", "groesse-masse"),
        ("Café à Évian", "fr", "cafe-a-evian"),
        ("L’été d’Anne", "fr", "l-ete-d-anne"),
        ("São Paulo: ação", "pt-BR", "sao-paulo-acao"),
        ("서울 커피 지도", "ko", "seoul-keopi-jido"),
        ("ラーメンのきほん", "ja", "ramennokihon"),
        ("東京のカフェ", "ja", "kafe"),
        ("椅子のキャスターを交換する方法", "ja", "kyasuta"),
        ("椅子のはなし", "ja", "nohanashi"),
        ("如何修理自行车链条", "zh-Hans", "ru-he-xiu-li-zi-xing-che-lian-tiao"),
        ("2026年 iPhone 选购", "zh-Hans", "2026-nian-iphone-xuan-gou"),
        ("きって", "ja", "kitte"),
        ("しゃしん", "ja", "shashin"),
        ("नमस्ते दुनिया", "hi", "namaste-duniyaa"),
        ("قهوة", "ar", "qhwa"),
        ("٢٠٢٦ ２０２６", "ar", "2026-2026"),
        ("!!!", "en", "page"),
    ],
)
def test_a_title_is_romanised(title: str, language: str, expected: str) -> None:
    assert expected == slug(title, language=language, longest=60)


def test_function_words_go_when_enough_is_left() -> None:
    assert slug("The history of the harbour", language="en", longest=60, stop={"the", "of"}) == "history-harbour"


def test_no_word_is_cut_at_the_limit() -> None:
    assert slug("repairing bicycles properly", language="en", longest=20) == "repairing-bicycles"


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_any_title_gives_a_well_formed_slug(title: str, language: str) -> None:
    made = slug(title, language=language, longest=60)

    assert regex.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
    assert len(made) <= 60

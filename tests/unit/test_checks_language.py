"""Checks of language, script, form of address, notation and readability in all eleven languages."""

import json
from pathlib import Path

import pytest

from app.content.checks.language import identify
from app.content.checks.registry import run_checks
from app.content.checks.style import flesch, lix, register_marks
from app.content.profiles import LANGUAGES
from tests.checking import context_of, output_of, said, template_of, verdict

LINES = {
    "en": ["Save on running shoes with free returns", "Every part can be replaced", "Order the part, keep the chair"],
    "es": [
        "Ahorra en zapatillas con devolución gratis",
        "Cada pieza se puede cambiar",
        "Pide la pieza y conserva la silla",
    ],
    "pt-BR": [
        "Economize em tênis com devolução grátis",
        "Cada peça pode ser trocada",
        "Peça a parte e fique com a cadeira",
    ],
    "fr": [
        "Des chaussures de course avec retours gratuits",
        "Chaque pièce se remplace",
        "Commandez la pièce, gardez la chaise",
    ],
    "de": ["Laufschuhe mit kostenloser Rückgabe", "Jedes Teil lässt sich tauschen", "Teil bestellen, Stuhl behalten"],
    "it": ["Scarpe da corsa con reso gratuito", "Ogni pezzo si può sostituire", "Ordina il pezzo e tieni la sedia"],
    "ar": ["وفّر على أحذية الجري مع إرجاع مجاني", "كل قطعة يمكن استبدالها", "اطلب القطعة واحتفظ بالكرسي"],
    "hi": ["दौड़ने के जूतों पर बचत करें", "हर पुर्ज़ा बदला जा सकता है", "पुर्ज़ा मँगाएँ, कुर्सी रखें"],
    "ja": ["返品無料のランニングシューズ", "すべての部品を交換できます", "部品を頼んで椅子はそのまま"],
    "zh-Hans": ["跑步鞋免费退换", "每个零件都可以更换", "订购零件，保留椅子"],
    "ko": ["무료 반품이 되는 러닝화", "모든 부품을 교체할 수 있습니다", "부품만 주문하고 의자는 그대로"],
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_lines_are_told_apart(language: str) -> None:
    assert [language] * 3 == [identify(line) for line in LINES[language]]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("送料無料", "ja or zh-Hans"),
        ("返品無料、即日発売", "ja"),
        ("网络订购", "zh-Hans"),
        ("網路訂購 台灣優惠", "zh-Hant"),
        ("یہ کرسی بہت اچھی ہے اور سستی ہے", "other"),
        ("Это хороший стул", "other"),
        ("12 + 30 = ?", None),
        ("", None),
    ],
)
def test_scripts_that_share_letters_are_told_apart_by_their_forms(text: str, language: str | None) -> None:
    assert language == identify(text)


def test_whole_paragraphs_of_the_question_corpus_are_told_apart(shared_data: Path) -> None:
    for code, language in (("ar", "ar"), ("en", "en"), ("es", "es"), ("zh", "zh-Hans")):
        corpus = json.loads((shared_data / "xquad" / f"xquad.{code}.json").read_text("utf-8"))
        contexts = [paragraph["context"] for article in corpus["data"] for paragraph in article["paragraphs"]][:60]
        assert len(contexts) == sum(identify(text) == language for text in contexts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_in_its_language_passes_and_in_another_fails(language: str) -> None:
    other = "de" if language == "en" else "en"

    assert (
        "passed"
        == verdict({"check": "language_is", "min_letters": 20}, ". ".join(LINES[language]), language=language).status
    )
    assert (
        "failed"
        == verdict({"check": "language_is", "min_letters": 20}, ". ".join(LINES[other]), language=language).status
    )


def test_a_text_in_another_language_is_named() -> None:
    text = ". ".join(LINES["de"])

    assert [".: This is German. English was asked for."] == said(verdict({"check": "language_is"}, text))


def test_too_few_letters_give_no_verdict() -> None:
    result = verdict({"check": "language_is", "min_letters": 20}, "Buy now", language="de")

    assert "not_checked" == result.status
    assert "Too short: 6 letters, 20 needed." == (result.reason.text() if result.reason else "")


def test_names_addresses_code_and_quotations_do_not_make_a_text_foreign() -> None:
    check = {"check": "language_is", "min_letters": 20}
    brief = "The Aldersay One is a repairable office chair with a frame that lasts and parts that can be had for years."

    assert (
        "passed"
        == verdict(check, {"a": brief, "b": ". ".join(LINES["ar"])}, inputs={"brief": brief}, language="ar").status
    )
    assert "passed" == verdict(check, ". ".join(LINES["fr"]) + " `the quick brown fox jumps`", language="fr").status


def test_values_that_stand_for_a_choice_are_not_read() -> None:
    one_of = {"check": "one_of", "at": "rows[].risk", "values": ["low", "medium", "high"]}
    template = template_of(one_of, {"check": "script_share", "min": 0.9}, form="json")
    output = output_of(template, {"rows": [{"topic": line, "risk": "medium"} for line in LINES["ar"]]})
    results = run_checks(output, context_of(template, language="ar"), only={"script_share"})

    assert ["passed"] == [result.status for result in results]


@pytest.mark.parametrize("language", LANGUAGES)
def test_almost_all_letters_are_of_the_script(language: str) -> None:
    foreign = "Купите сегодня прекрасный стул для офиса"
    check = {"check": "script_share", "min": 0.9}

    assert "passed" == verdict(check, ". ".join(LINES[language]), language=language).status
    assert "failed" == verdict(check, f"{LINES[language][0]} {foreign}", language=language).status


def test_words_of_the_brief_may_be_in_another_script() -> None:
    check = {"check": "script_share", "min": 0.9}
    text = "كرسي Aldersay One للمكتب مع USB وضمان طويل، انظر https://aldersay.example/one"

    assert "passed" == verdict(check, text, inputs={"brief": "Aldersay One"}, language="ar").status
    assert "failed" == verdict(check, text, inputs={"brief": "Another chair"}, language="ar").status


MIXED = {
    "es": "Usted puede pedirla hoy. Recibe tu silla mañana.",
    "pt-BR": "O senhor pode pedir hoje. Receba a tua cadeira amanhã.",
    "fr": "Commandez aujourd’hui votre chaise. Tu vas l’aimer.",
    "de": "Sichern Sie sich den Stuhl. Du wirst ihn lieben.",
    "it": "Oggi anche Lei può ordinare. Scopri la tua sedia.",
    "hi": "आप आज ही मँगाएँ। तुम्हारी कुर्सी कल आएगी।",
    "ja": "本日ご注文いただけます。これは良い椅子だ。",
    "zh-Hans": "您今天可以订购。你一定会喜欢。",
    "ko": "오늘 주문하실 수 있습니다. 정말 좋은 의자야.",
    "en": "To whom it may concern. Hey, grab a chair.",
    "ar": "يسرنا أن نخدم حضرتكم. شو رأيك بالكرسي؟",
}


@pytest.mark.parametrize("language", sorted(MIXED))
def test_two_forms_of_address_in_one_text_are_found(language: str) -> None:
    assert ["finding.register.mixed"] == [
        finding.code for finding in verdict({"check": "register"}, MIXED[language], language=language).findings
    ]


@pytest.mark.parametrize("language", sorted(MIXED))
def test_one_form_of_address_passes(language: str) -> None:
    polite = MIXED[language].split("。")[0].split(".")[0].split("।")[0] + "."

    assert "passed" == verdict({"check": "register"}, polite, language=language).status


def test_the_form_of_address_that_was_asked_for_is_kept() -> None:
    assert [".: “du” is informal. Formal address was asked for."] == said(
        verdict({"check": "register"}, "Heute sitzt du gut.", language="de", register="formal")
    )
    assert [".: “vous” is formal. Informal address was asked for."] == said(
        verdict({"check": "register"}, "Ici, vous êtes bien.", language="fr", register="informal")
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Sie kommt heute. Du auch?", "de"),
        ("Der Stuhl und ihr Sitz. Du sitzt gut.", "de"),
        ("Scopri La Sedia. La tua sedia.", "it"),
        ("Le ton est donné. Votre chaise arrive.", "fr"),
    ],
)
def test_words_that_only_look_like_an_address_are_none(text: str, language: str) -> None:
    assert "passed" == verdict({"check": "register"}, text, language=language).status


def test_marks_of_address_are_found_where_they_stand() -> None:
    text = "Das ist gut. Holen Sie sich Ihren Stuhl."

    assert ["Sie", "Ihren"] == [text[mark.start : mark.end] for mark in register_marks(text, "de", "formal")]


@pytest.mark.parametrize(
    ("text", "language", "marked"),
    [
        ("Nur 1,299.50 € heute", "de", "1,299.50"),
        ("Nur 12.5 % mehr", "de", "12.5"),
        ("Seulement € 12", "fr", "€ 12"),
        ("Only 1.299,50 left", "en", "1.299,50"),
        ("Only 12,5% more", "en", "12,5"),
        ("Only 12,34,567 left", "en", "12,34,567"),
        ("कुल 1,234,567 रुपये", "hi", "1,234,567"),
        ("am 11/23/2026", "de", "11/23/2026"),
        ("23/11/2026に", "ja", "23/11/2026"),
        ("السعر 35 و٤٠ ريالاً", "ar", "٤"),
    ],
)
def test_notation_of_another_language_is_marked(text: str, language: str, marked: str) -> None:
    finding = verdict({"check": "locale_format"}, text, language=language).findings[0]

    assert marked == text[finding.start : finding.end]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Nur 1.299,50 € am 23.11.2026, 12,5 % mehr", "de"),
        ("Seulement 1 299,50 € le 23/11/2026", "fr"),
        ("Only €1,299.50 on 23/11/2026 or 11/23/2026, 12.5% more", "en"),
        ("R$ 1.299,50 em 23/11/2026", "pt-BR"),
        ("कुल 12,34,567 रुपये और 99,999", "hi"),
        ("2026/11/23に1,299円、2026-11-23", "ja"),
        ("Version 1.2.0 auf 192.168.1.1 und https://a.example/1,299.50", "de"),
        ("السعر ٣٥ ريالاً", "ar"),
    ],
)
def test_notation_of_the_language_passes(text: str, language: str) -> None:
    assert [] == said(verdict({"check": "locale_format"}, text, language=language))


PLAIN = "The chair has five parts. You can change each of them. One key is all you need. It takes ten minutes. " * 3
HARD = (
    "Notwithstanding organisational considerations concerning infrastructure interoperability, comprehensive "
    "documentation requirements necessitate considerable administrative coordination throughout international schemes, "
) * 3


def test_plain_text_is_easier_than_officialese() -> None:
    assert lix(PLAIN) < 30 < 60 < lix(HARD)
    assert flesch(PLAIN) > 80 > 20 > flesch(HARD)


def test_a_hard_text_is_told_its_index() -> None:
    check = {"check": "readability", "level": "plain", "at": "."}

    assert "passed" == verdict(check, PLAIN).status
    assert said(verdict(check, HARD))[0].startswith(".: Readability index ")
    assert "not_checked" == verdict(check, "Too short.").status


def test_japanese_is_measured_by_its_sentences() -> None:
    check = {"check": "readability", "level": "plain", "at": "."}
    short = "この椅子には部品が五つあります。どれも交換できます。" * 8
    long = "この椅子には部品が五つあり、どれも交換できるので、壊れたときでも新しく買う必要はなく、" * 8 + "便利です。"

    assert "passed" == verdict(check, short, language="ja").status
    assert "failed" == verdict(check, long, language="ja").status


def test_a_school_grade_is_held() -> None:
    check = {"check": "readability", "grade_field": "grade", "tolerance": 1}
    shape = {"fields": {"grade": "number"}}

    assert "passed" == verdict(check, PLAIN, inputs={"grade": 2}, **shape).status
    assert "finding.readability.easy" == verdict(check, PLAIN, inputs={"grade": 9}, **shape).findings[0].code
    assert "finding.readability.hard" == verdict(check, HARD, inputs={"grade": 4}, **shape).findings[0].code

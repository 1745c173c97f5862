"""Checks that a text keeps to its brief: figures, dates, quotes, items, names, sources."""

import pytest

from app.content.checks.figures import figures, known_values, number_of
from app.content.checks.moments import moments
from tests.checking import said, verdict

NUMBERS = {"check": "numbers_from_inputs", "at": "."}


def unknown(text: str, brief: str, language: str = "en") -> list[str]:
    result = verdict(NUMBERS, text, inputs={"brief": brief}, language=language)
    return [text[finding.start : finding.end] for finding in result.findings]


@pytest.mark.parametrize(
    ("text", "brief", "language"),
    [
        ("1 299,50 €", "$1,299.50", "fr"),
        ("1.299,50 €", "1299.5", "de"),
        ("1'299.50", "1299,50", "de"),
        ("١٬٢٩٩٫٥٠", "1,299.50", "ar"),
        ("१,२९९.५०", "1299.50", "hi"),
        ("12,34,567", "1234567", "hi"),
        ("12,34,567", "1,234,567", "en"),
        ("35 %", "35%", "fr"),
        ("٣٥٪", "35%", "ar"),
        ("３５％", "35 %", "ja"),
        ("売上30件", "30 sales", "ja"),
        ("1.5 million", "1,500,000", "en"),
        ("1,5 Mio.", "1.5 million", "de"),
        ("1,5 Millionen", "1500000", "de"),
        ("3万5千", "35,000", "ja"),
        ("120万", "1.2 million", "zh-Hans"),
        ("2 lakh", "200000", "en"),
        ("23.11.2026", "2026-11-23", "de"),
        ("23 November 2026", "2026-11-23", "en"),
        ("at 14:30", "14:30", "en"),
        ("version 1.2.0", "1.2.0", "en"),
        ("20 200", "20200", "fr"),
        ("35k users", "35,000 users", "en"),
        ("from 20–200 people", "20 to 200", "en"),
        ("30 Millionen Pfund", "£30m", "de"),
        ("in 1621", "1620–21", "en"),
        ("2026年11月23日", "23 November 2026", "ja"),
        ("11月に発売", "in November", "ja"),
        ("40千克", "40 kg", "zh-Hans"),
    ],
)
def test_a_figure_is_the_same_in_every_notation(text: str, brief: str, language: str) -> None:
    assert [] == unknown(text, brief, language)


@pytest.mark.parametrize(
    ("text", "brief", "language", "marked"),
    [
        ("Save 35% on 1,200 chairs", "1200 chairs, save 30%", "en", ["35"]),
        ("Save 5 % today", "no figures", "fr", ["5"]),
        ("Nur 7 €", "no figures", "de", ["7"]),
        ("€7 only", "no figures", "en", ["7"]),
        ("1.5 billion", "1.5 million", "en", ["1.5 billion"]),
        ("12,5 kg", "12 and 5", "de", ["12,5"]),
        ("٣٥ كرسيًا", "30", "ar", ["٣٥"]),
        ("40件", "30件", "ja", ["40"]),
        ("In 11 steps", "steps", "en", ["11"]),
    ],
)
def test_a_figure_that_nobody_gave_is_marked(text: str, brief: str, language: str, marked: list[str]) -> None:
    assert marked == unknown(text, brief, language)


@pytest.mark.parametrize(
    "text",
    [
        "Three reasons, 3 steps",
        "1. First\n2. Second\n12. Twelfth",
        "A4, H2O and COVID19",
        "https://a.example/35-off",
        "`sleep(99)`",
    ],
)
def test_list_marks_small_counts_names_addresses_and_code_are_no_figures(text: str) -> None:
    assert [] == unknown(text, "nothing")


def test_figures_in_passages_count_as_given() -> None:
    assert "passed" == verdict(NUMBERS, "It takes 14 days.", sources=("Refunds take 14 days.",)).status


def test_a_number_in_a_structure_is_a_figure_too() -> None:
    assert ["price: Where is 129.5 from? It is in no source."] == said(verdict(NUMBERS, {"price": 129.5}))


def test_a_figure_keeps_its_place_in_a_text_of_other_digits() -> None:
    text = "السعر ١٬٢٩٩٫٥٠ ريال"

    assert ["١٬٢٩٩٫٥٠"] == [text[figure.start : figure.end] for figure in figures(text, "ar")]


@pytest.mark.parametrize(
    ("value", "language", "number"),
    [(25, "en", 25), ("25 min", "en", 25), ("1.299,50 €", "de", 1299.5), ("1,299", "en", 1299), ("1.299", "de", 1299),
     ("1.5", "de", 1.5), ("1 to 2", "en", None), (True, "en", None), (None, "en", None), ("soon", "en", None)],
)  # fmt: skip
def test_a_value_is_read_as_a_number_where_it_is_one(value: object, language: str, number: float | None) -> None:
    assert number == number_of(value, language)


def test_what_a_brief_holds_is_known_in_every_reading() -> None:
    assert {"1299", "1.299"} <= known_values("1.299", ("en",))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Leeds, 23 November 2026", "en"),
        ("November 23rd, 2026", "en"),
        ("23 de noviembre de 2026", "es"),
        ("23 de novembro de 2026", "pt-BR"),
        ("le 23 novembre 2026", "fr"),
        ("am 23. November 2026", "de"),
        ("23.11.2026", "de"),
        ("il 23 novembre 2026", "it"),
        ("٢٣ نوفمبر ٢٠٢٦", "ar"),
        ("23 नवंबर 2026", "hi"),
        ("2026年11月23日", "ja"),
        ("2026年11月23日", "zh-Hans"),
        ("2026년 11월 23일", "ko"),
        ("11월 23일", "ko"),
        ("2026-11-23", "en"),
        ("23/11/2026", "es"),
    ],
)
def test_a_date_is_read_in_every_language(text: str, language: str) -> None:
    days = {day[1:] for moment in moments(text, language) for day in moment.days}

    assert {(11, 23)} == days


def test_a_date_that_is_not_of_the_brief_is_marked_and_one_of_the_form_must_be_there() -> None:
    check = {"check": "dates", "at": ".", "rule": "equals_input"}
    shape = {"fields": {"day": "date"}, "inputs": {"day": "2026-11-23"}}

    assert "passed" == verdict(check, "Leeds, 23 November 2026", **shape).status
    assert "passed" == verdict(check, "Am 23. November geht es los.", language="de", **shape).status
    assert [
        ".: Where is 24 November 2026 from? It is not a date of the brief.",
        ".: Day, 2026-11-23, is not in the text.",
    ] == said(verdict(check, "Leeds, 24 November 2026", **shape))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("She said: “I expected a truck and got a toolbox,” and left.", "en"),
        ('She said: "I expected a truck and got a toolbox."', "en"),
        ("Sie sagte: „I expected a truck and got a toolbox“.", "de"),
        ("»I expected a truck and got a toolbox«", "de"),
        ("« I expected a truck and got a toolbox »", "fr"),
        ("「I expected a truck and got a toolbox」", "ja"),
        ("『I expected a truck and got a toolbox』", "ja"),
        ("‘I expected a truck and got a toolbox’", "en"),
        ("“I  expected\u00a0a truck and got a toolbox”", "en"),
    ],
)
def test_a_quotation_in_any_marks_is_held_against_the_brief(text: str, language: str) -> None:
    check = {"check": "quotes_verbatim", "at": "."}
    source = "Her words: I expected a truck and got a toolbox. Well."

    assert "passed" == verdict(check, text, inputs={"brief": source}, language=language).status
    assert (
        "failed"
        == verdict(check, text.replace("toolbox", "tool kit"), inputs={"brief": source}, language=language).status
    )


def test_curly_apostrophes_do_not_change_a_quotation() -> None:
    check = {"check": "quotes_verbatim", "at": "."}

    assert "passed" == verdict(check, "“It’s great, isn’t it”", inputs={"brief": "It's great, isn't it?"}).status


def test_a_name_in_quotation_marks_is_no_quotation() -> None:
    assert (
        "passed"
        == verdict({"check": "quotes_verbatim", "at": "."}, 'The “Aldersay One” is 27" wide and 30" deep').status
    )


def test_a_field_for_evidence_is_a_quotation_as_a_whole() -> None:
    check = {"check": "quotes_verbatim", "at": "points[].evidence"}
    points = {
        "points": [{"evidence": "Invoices are due"}, {"evidence": "“within 30 days.”"}, {"evidence": "in 40 days"}]
    }
    result = verdict(check, points, inputs={"brief": "Invoices are due within 30 days."})

    assert ["points[2].evidence: Not word for word in any source: “in 40 days”."] == said(result)


def test_short_fields_must_be_there_word_for_word() -> None:
    check = {"check": "contains_input", "fields": ["city", "person"], "at": "."}
    shape = {"fields": {"city": "text", "person": "text"}, "inputs": {"city": "São Paulo", "person": "Marta O'Neill"}}

    assert "passed" == verdict(check, "From SÃO PAULO: Marta O’Neill says yes.", **shape).status
    assert [".: City is not in the text: “São Paulo”."] == said(verdict(check, "Marta O'Neill says yes.", **shape))


def test_long_fields_may_be_put_in_other_words_unless_they_are_exact() -> None:
    check = {"check": "contains_input", "fields": ["trigger"], "at": "."}
    shape = {"fields": {"trigger": "text"}, "inputs": {"trigger": "opened a second warehouse in Leeds last month"}}
    text = "You opened your second warehouse last month, in Leeds of all places."

    assert "passed" == verdict(check, text, **shape).status
    assert "failed" == verdict({**check, "exact": ["trigger"]}, text, **shape).status
    assert [".: Trigger is not taken up: “opened a second warehouse in Leeds last month”."] == said(
        verdict(check, "Congratulations on the new office.", **shape)
    )


@pytest.mark.parametrize(
    ("kind", "value", "text", "language"),
    [
        ("date", "2026-11-23", "bis zum 23. November", "de"),
        ("money", "1299.50 EUR", "1.299,50 €", "de"),
        ("number", 30, "٣٠ يومًا", "ar"),
        ("url", "https://www.aldersay.example/one/", "aldersay.example/one", "en"),
    ],
)
def test_a_field_is_found_in_the_notation_of_the_language(kind: str, value: object, text: str, language: str) -> None:
    check = {"check": "contains_input", "fields": ["value"], "at": "."}

    assert "passed" == verdict(check, text, fields={"value": kind}, inputs={"value": value}, language=language).status


def test_a_field_that_was_not_given_cannot_be_missed() -> None:
    result = verdict({"check": "contains_input", "fields": ["brief"], "at": "."}, "text", inputs={"brief": ""})

    assert "not_checked" == result.status


@pytest.mark.parametrize(
    ("items", "text", "language", "missing"),
    [
        (
            ("spare parts catalogue", "open workshop"),
            "The catalogue of spare parts is out, the workshops open.",
            "en",
            0,
        ),
        (("free delivery", "longer warranty"), "Delivery is free.", "en", 1),
        (("kostenlose Lieferung", "längere Garantie"), "Wir liefern kostenlos. Die Garantie gilt länger.", "de", 0),
        (("修理できる椅子", "無料配送"), "修理できる椅子を無料で配送します。", "ja", 0),
        (("무료 배송", "보증 기간 연장"), "배송은 무료이며 보증을 연장했습니다. 기간은 5년입니다.", "ko", 0),
        (("ضمان أطول", "توصيل مجاني"), "والضمان أطول، كما أن التوصيل مجاني.", "ar", 0),
        (("मुफ़्त डिलीवरी",), "डिलीवरी मुफ़्त है।", "hi", 0),
    ],
)
def test_items_are_covered_in_any_form_of_their_words(
    items: tuple[str, ...], text: str, language: str, missing: int
) -> None:
    result = verdict(
        {"check": "covers_list", "field": "items", "at": "."},
        text,
        fields={"items": "list"},
        inputs={"items": items},
        language=language,
    )

    assert missing == len(result.findings), said(result)


def test_citations_lead_to_passages() -> None:
    check = {"check": "citations_resolve"}

    assert "passed" == verdict(check, "Yes [1], within 14 days [2].", sources=("a", "b")).status
    assert [".: [4] leads nowhere. There are 3 passages."] == said(
        verdict(check, "x [1] y [4]", sources=("a", "b", "c"))
    )
    assert [".: No passage is cited. There are 1."] == said(verdict(check, "Yes.", sources=("a",)))
    assert "not_checked" == verdict(check, "Yes [1].").status


def test_pasted_passages_are_numbered_as_they_are_written() -> None:
    check = {"check": "citations_resolve"}
    shape = {"fields": {"kb": "kb"}, "inputs": {"kb": "[1] Refunds.\n\nMore on refunds.\n\n[2] Parts."}}

    assert "passed" == verdict(check, "See [2].", **shape).status
    assert "failed" == verdict(check, "See [3].", **shape).status


def test_every_word_of_a_transcript_is_kept_in_its_order() -> None:
    check = {"check": "preserves", "what": ["words"]}
    shape = {
        "form": "srt",
        "parts": ({"at": "cues[]", "label": "Cues"},),
        "inputs": {"brief": "Hello, it's me. Who else?"},
    }
    cue = "1\n00:00:01,000 --> 00:00:03,000\n{}"

    assert "passed" == verdict(check, cue.format("hello it’s me\nwho else"), **shape).status
    assert [".: 1 words of the source are missing: else."] == said(
        verdict(check, cue.format("Hello, it's me. Who?"), **shape)
    )
    assert [".: 1 words are not in the source: well."] == said(
        verdict(check, cue.format("Well hello, it's me. Who else?"), **shape)
    )
    assert [".: The words stand in another order from “me” on."] == said(
        verdict(check, cue.format("Hello, me it's. Who else?"), **shape)
    )


def test_names_numbers_and_addresses_survive_an_edit() -> None:
    source = {
        "brief": "We asked Carmen Solís of Wendt about 140 chairs. See https://wendt.example/chairs and call Leeds."
    }

    assert (
        "passed"
        == verdict({"check": "preserves", "what": ["names"]}, "Carmen Solís, Wendt, Leeds.", inputs=source).status
    )
    assert [".: “Leeds” of the source is gone."] == said(
        verdict({"check": "preserves", "what": ["names"]}, "Carmen Solís of Wendt.", inputs=source)
    )
    assert "passed" == verdict({"check": "preserves", "what": ["numbers"]}, "140", inputs=source).status
    assert "failed" == verdict({"check": "preserves", "what": ["urls"]}, "See wendt.example", inputs=source).status


def test_names_that_spelling_does_not_show_are_not_checked() -> None:
    check = {"check": "preserves", "what": ["names"]}

    assert "not_checked" == verdict(check, "नमस्ते", inputs={"brief": "राम और सीता"}, language="hi").status


def test_a_text_that_repeats_its_brief_is_an_echo() -> None:
    brief = "The repairable office chair comes with a long warranty on its frame, and every part can be ordered singly."
    fresh = (
        "A castor that drags is no reason to buy anew: order one part, keep the rest, and go on sitting well for years."
    )
    check = {"check": "not_an_echo", "max": 0.6}

    assert "passed" == verdict(check, fresh, inputs={"brief": brief}).status
    assert "failed" == verdict(check, brief + " Yes.", inputs={"brief": brief}).status
    assert "not_checked" == verdict(check, "Too short to tell.", inputs={"brief": brief}).status

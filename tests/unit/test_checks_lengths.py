"""Checks of length, counts and sums: the line between right and wrong, and what they say beyond it."""

import pytest

from tests.checking import said, verdict

HEADLINE = {"check": "length", "at": "headlines[]", "limit": "google_ads.rsa.headline"}


def test_a_headline_may_fill_its_field_to_the_last_unit() -> None:
    assert "passed" == verdict(HEADLINE, {"headlines": ["a" * 30, "漢" * 15]}).status
    assert "failed" == verdict(HEADLINE, {"headlines": ["漢" * 15 + "a"]}).status


def test_a_long_headline_is_named_by_its_place_and_its_excess() -> None:
    result = verdict(HEADLINE, {"headlines": ["short", "Ergonomic Office Chairs That Last"]})

    assert ["headlines[1]: 33 of 30. Three over."] == said(result)
    assert "finding.length.over" == result.findings[0].code
    assert {"used": 33, "max": 30, "over": 3, "over_word": "Three"} == result.findings[0].params


def test_the_label_names_the_part_of_the_template() -> None:
    parts = ({"at": "headlines[]", "label": "Headlines", "item": "Headline"},)
    result = verdict(HEADLINE, {"headlines": ["a"]}, parts=parts)

    assert ("check.length", "Headline length") == (result.label_code, result.label_text())


def test_the_limit_decides_how_serious_a_length_is_unless_the_template_does() -> None:
    soft = {"check": "length", "at": "title", "limit": "seo.title"}

    assert "warn" == verdict(soft, {"title": "a" * 80}).severity
    assert "hard" == verdict({**soft, "severity": "hard"}, {"title": "a" * 80}).severity


def test_a_text_that_is_too_short_says_by_how_much() -> None:
    check = {"check": "length", "at": "text", "limit": "seo.description"}

    assert ["text: 10 of at least 70. 60 short."] == said(verdict(check, {"text": "Too short."}))


def test_an_item_that_lacks_the_part_is_found_and_a_part_that_is_not_there_is_not_checked() -> None:
    check = {"check": "length", "at": "pairs[].title", "limit": "seo.title"}

    assert ["pairs[1].title: Missing here."] == said(verdict(check, {"pairs": [{"title": "a"}, {}]}))
    assert "not_checked" == verdict(check, {"other": 1}).status
    assert "passed" == verdict(check, {"pairs": []}).status


def test_bytes_and_pixels_say_so() -> None:
    keywords = {"check": "length", "at": "keywords", "limit": "appstore.keywords"}
    width = {"check": "pixel_width", "at": "title", "limit": "seo.title.px"}

    assert ["keywords: 102 of 100 bytes. Two over."] == said(verdict(keywords, {"keywords": "写" * 34}))
    assert ["title: 756 px wide, 580 px shown."] == said(verdict(width, {"title": "W" * 40}))
    assert "passed" == verdict(width, {"title": "i" * 60}).status


def test_a_limit_that_nobody_knows_is_not_checked() -> None:
    result = verdict({"check": "length", "at": ".", "limit": "no.such"}, "text")

    assert "not_checked" == result.status
    assert "No such limit: no.such." == (result.reason.text() if result.reason else "")


def test_seconds_are_taken_from_the_last_row() -> None:
    check = {"check": "length", "at": "total", "limit": "youtube.shorts.seconds"}
    shape = {"form": "table", "columns": ("start", "end"), "parts": ({"at": "rows[].end", "label": "End"},)}

    assert "passed" == verdict(check, {"rows": [{"start": "0:00", "end": "3:00"}]}, **shape).status
    assert ["total: 181 s of 180. One over."] == said(
        verdict(check, {"rows": [{"start": 0, "end": 90}, {"start": 90, "end": "181"}]}, **shape)
    )


@pytest.mark.parametrize(
    ("text", "status"), [("one two three", "passed"), ("one two", "failed"), ("one two three four five", "failed")]
)
def test_words_lie_between_two_numbers(text: str, status: str) -> None:
    assert status == verdict({"check": "words", "at": ".", "min": 3, "max": 4}, text).status


def test_words_of_japanese_count_half_a_character() -> None:
    assert ["text: 9 words of 8. One over."] == said(
        verdict(
            {"check": "words", "at": "text", "max": 8}, {"text": "今日はいい天気ですねとても暑い日です"}, language="ja"
        )
    )


def test_the_first_line_stands_above_the_fold() -> None:
    check = {"check": "fold", "limit": "linkedin.post.fold", "rule": "first_line_within"}

    assert "passed" == verdict(check, "Short hook.\n\n" + "word " * 200).status
    assert said(verdict(check, "word " * 60 + "\n\nrest")) == [
        ".: The first line has 300. After 210 it is folded away."
    ]


def test_a_curly_apostrophe_that_doubles_the_price_gets_a_straight_one() -> None:
    result = verdict({"check": "sms_segments", "at": ".", "max": 1}, "It’s on: " + "a" * 100)

    assert [".: “’” makes this 2 messages. Plain characters make it 1."] == said(result)
    assert "It's on: " + "a" * 100 == result.findings[0].suggestion
    assert (2, 3) == (result.findings[0].start, result.findings[0].end)


def test_a_curly_apostrophe_that_costs_nothing_is_let_stand() -> None:
    assert "passed" == verdict({"check": "sms_segments", "at": ".", "max": 1}, "It’s on until Sunday.").status


def test_a_message_of_real_letters_is_counted_in_their_units() -> None:
    result = verdict({"check": "sms_segments", "at": ".", "max": 1}, "слово " * 14, language="en")

    assert [".: 83 of 70 characters with special letters: 2 messages instead of 1."] == said(result)


@pytest.mark.parametrize(("count", "status"), [(89, "failed"), (90, "passed"), (110, "passed"), (111, "failed")])
def test_words_may_be_a_tenth_off_what_was_asked(count: int, status: str) -> None:
    check = {"check": "words_near_field", "field": "words", "tolerance": 0.1}

    assert status == verdict(check, "word " * count, inputs={"words": 100}, fields={"words": "number"}).status


def test_a_summary_is_held_against_its_source() -> None:
    check = {"check": "length_ratio", "min": 0.1, "max": 0.4}
    source = {"brief": "word " * 100}

    assert "passed" == verdict(check, "word " * 30, inputs=source).status
    assert [".: 50 % of the source. At most 40 % wanted."] == said(verdict(check, "word " * 50, inputs=source))
    assert [".: 5 % of the source. At least 10 % wanted."] == said(verdict(check, "word " * 5, inputs=source))
    assert "not_checked" == verdict(check, "word", inputs={"brief": "short"}).status


def test_a_long_paragraph_is_marked_where_it_stands() -> None:
    text = "Short one.\n\n" + "word " * 50
    finding = verdict({"check": "paragraph_words", "max": 45}, text).findings[0]

    assert text[finding.start : finding.end] == ("word " * 50).strip()


def test_the_first_paragraph_of_a_release_comes_after_the_headline() -> None:
    shape = {
        "form": "markdown",
        "sections": ("Headline", "Details"),
        "parts": ({"at": "sections.Details", "label": "Details"},),
    }
    check = {"check": "first_paragraph_words", "max": 5}

    assert (
        "passed"
        == verdict(check, "## Headline\n\nA headline of more than five words\n\n## Details\n\nOne two.", **shape).status
    )
    assert ["sections.Details: The first paragraph has 6 words. 5 at most."] == said(
        verdict(check, "## Headline\n\nA\n\n## Details\n\none two three four five six\n\ntwo", **shape)
    )


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (2, ["headlines: 2 set, 3 at least. One missing."]),
        (3, []),
        (5, ["headlines: 5 set, 4 at most. One too many."]),
    ],
)
def test_a_list_has_so_many_items(items: int, expected: list[str]) -> None:
    check = {"check": "count", "at": "headlines", "min": 3, "max": 4}

    assert expected == said(verdict(check, {"headlines": ["x"] * items}))


def test_a_list_inside_each_item_is_counted_by_itself() -> None:
    check = {"check": "count", "at": "stories[].criteria", "min": 2, "max": 6}

    assert ["stories[1].criteria: 1 set, 2 at least. One missing."] == said(
        verdict(check, {"stories": [{"criteria": ["a", "b"]}, {"criteria": ["a"]}]})
    )


@pytest.mark.parametrize(
    ("low", "high", "label"),
    [
        (8, 15, "8 to 15 headlines"),
        (3, 3, "Exactly 3 headlines"),
        (0, 2, "At most 2 headlines"),
        (0, 0, "No headlines"),
    ],
)
def test_the_label_of_a_count_reads_like_a_sentence(low: int, high: int, label: str) -> None:
    parts = ({"at": "headlines[]", "label": "Headlines"},)
    result = verdict({"check": "count", "at": "headlines", "min": low, "max": high}, {"headlines": []}, parts=parts)

    assert label == result.label_text()


def test_as_many_items_as_the_form_asked_for() -> None:
    check = {"check": "count_equals_field", "field": "count", "at": "items"}
    shape = {"inputs": {"count": 3}, "fields": {"count": "number"}}

    assert "passed" == verdict(check, {"items": [1, 2, 3]}, **shape).status
    assert ["items: 2 set, 3 asked for."] == said(verdict(check, {"items": [1, 2]}, **shape))


def test_one_item_for_each_of_the_brief() -> None:
    check = {"check": "same_length_as", "field": "titles", "at": "slugs"}
    shape = {"inputs": {"titles": ("a", "b")}, "fields": {"titles": "list"}}

    assert "passed" == verdict(check, {"slugs": ["a", "b"]}, **shape).status
    assert "failed" == verdict(check, {"slugs": ["a"]}, **shape).status


@pytest.mark.parametrize(
    ("check", "text", "marked"),
    [
        ({"check": "emoji", "max": 1}, "one 🎉 two 👨‍👩‍👧 three", "👨‍👩‍👧"),
        ({"check": "emoji", "max": 0}, "Acme™ 🎉", "🎉"),
        ({"check": "hashtags", "max": 1}, "#one and #two, not a#three, #4 or https://a.example/#five", "#two"),
        ({"check": "exclamations", "max": 0}, "Buy now!!", "!!"),
        ({"check": "question_count", "max": 1}, "Who? What??", "??"),
        ({"check": "all_caps_words", "max": 0}, "Buy NOW", "NOW"),
        ({"check": "all_caps_words", "max": 0}, "A BARGAIN for all", "BARGAIN"),
    ],
)
def test_the_first_mark_too_many_is_shown(check: dict[str, object], text: str, marked: str) -> None:
    finding = verdict({**check, "at": "."}, text).findings[0]

    assert marked == text[finding.start : finding.end]


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ({"check": "emoji", "max": 0}, "Acme™ © 5 # *"),
        ({"check": "hashtags", "max": 0}, "#1 in C# and a&#39;b"),
        ({"check": "all_caps_words", "max": 0}, "The USB port of the CRM, model AX200"),
        ({"check": "all_caps_words", "max": 0}, "Reply STOP to opt out"),
        ({"check": "exclamations", "max": 0}, "a `!` in code"),
    ],
)
def test_look_alikes_are_not_counted(check: dict[str, object], text: str) -> None:
    assert "passed" == verdict({**check, "at": "."}, text, inputs={"brief": "Reply STOP to end"}).status


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ja", "ご都合はいかがでしょうか。"),
        ("ar", "هل يناسبكم ذلك؟"),
        ("zh-Hans", "您方便吗？"),
        ("es", "¿Le va bien?"),
    ],
)
def test_a_question_is_one_in_every_language(language: str, text: str) -> None:
    assert (
        "passed" == verdict({"check": "question_count", "min": 1, "max": 1, "at": "."}, text, language=language).status
    )


def test_a_word_that_comes_too_often_is_marked_and_grammar_is_not() -> None:
    check = {"check": "word_repeat", "at": "title", "max": 2, "ignore": "function_words"}

    assert "passed" == verdict(check, {"title": "A chair for the desk and the hall and the chair"}).status
    assert ["title: “Chair” comes more than 2 times."] == said(verdict(check, {"title": "chair chair Chair chair"}))


def test_numbers_add_up_to_a_figure_or_to_a_field() -> None:
    minutes = {"check": "sums_to", "at": "rows[].minutes", "total": "minutes"}
    shape = {
        "form": "table",
        "columns": ("minutes",),
        "parts": ({"at": "rows[].minutes", "label": "Minutes"},),
        "fields": {"minutes": "number"},
        "inputs": {"minutes": 60},
    }

    assert "passed" == verdict(minutes, {"rows": [{"minutes": 25}, {"minutes": "35 min"}]}, **shape).status
    assert ["rows[].minutes: They add up to 55, not 60. 5 apart."] == said(
        verdict(minutes, {"rows": [{"minutes": 20}, {"minutes": 35}]}, **shape)
    )
    assert "rows[1].minutes: A number belongs here." in said(
        verdict(minutes, {"rows": [{"minutes": 60}, {"minutes": "later"}]}, **shape)
    )
    assert (
        "passed" == verdict({"check": "sums_to", "at": "shares[]", "total": 100}, {"shares": [33.3, 33.3, 33.4]}).status
    )

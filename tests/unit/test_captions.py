"""Captions: lines that fit, times that can be read, in scripts with and without spaces; at the exact boundaries."""

from __future__ import annotations

import pytest

from app.content.catalogue_files import load_catalogue
from app.content.profiles import LANGUAGES
from app.core.cues import read_vtt
from app.core.media_ports import Segment, Word
from app.core.text import graphemes
from app.media.captions import (
    GAP_MS,
    LONGEST_MS,
    PAUSE_MS,
    SHORTEST_MS,
    faults,
    from_segments,
    from_words,
    read,
    rules_for,
    spread,
    write_srt,
    write_vtt,
)

SENTENCES = {
    "en": "The doors open at nine, the coffee is free until noon, and whoever comes late may still look around.",
    "es": "Las puertas se abren a las nueve, el café es gratis hasta el mediodía y quien llegue tarde puede mirar.",
    "pt-BR": "As portas abrem às nove, o café é grátis até o meio-dia e quem chegar tarde ainda pode olhar tudo.",
    "fr": "Les portes ouvrent à neuf heures, le café est gratuit jusqu’à midi et chacun peut encore regarder.",
    "de": "Die Türen öffnen um neun, der Kaffee ist bis Mittag gratis, und wer später kommt, darf sich umsehen.",
    "it": "Le porte aprono alle nove, il caffè è gratis fino a mezzogiorno e chi arriva tardi può guardare.",
    "ar": "تفتح الأبواب في التاسعة، والقهوة مجانية حتى الظهر، ومن يصل متأخرًا يمكنه أن يلقي نظرة على المكان.",
    "hi": "दरवाज़े नौ बजे खुलते हैं, दोपहर तक कॉफ़ी मुफ़्त है, और जो देर से आए वह भी आराम से देख सकता है।",
    "ja": "九時に開店します。正午まではコーヒーを無料でお出ししますので、遅く来た方もゆっくりご覧ください。",
    "zh-Hans": "我们九点开门，中午之前咖啡免费，晚到的朋友也可以慢慢看看我们的新店和所有的产品。",
    "ko": "저희는 아홉 시에 문을 열고 정오까지 커피를 무료로 드리며 늦게 오신 분도 천천히 둘러보실 수 있습니다.",
}


def timed(text: str, *, per_char_ms: int, start_ms: int = 0) -> list[Word]:
    """Return the words of a text, each character as long."""
    words, at = [], start_ms
    for word in text.split(" "):
        words.append(Word(word, at, at + len(word) * per_char_ms))
        at += (len(word) + 1) * per_char_ms
    return words


def calm(language: str) -> int:
    """Return how long a character may be said so that it can just be read, with a tenth to spare."""
    return round(1100 / (rules_for(language).chars_per_second or 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rules_are_those_of_the_languages_profile(language: str) -> None:
    profile = load_catalogue().profile(language).subtitles

    assert (profile.chars_per_line, profile.chars_per_second) == (
        rules_for(language).chars_per_line,
        rules_for(language).chars_per_second,
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_calm_speech_makes_captions_without_a_fault_in_every_language(language: str) -> None:
    text = SENTENCES[language]
    length_ms = len(text) * calm(language)

    captions = from_segments([Segment(0, length_ms, text)], locale=language)

    assert faults(captions, locale=language) == ()
    assert "".join(text.split()) == "".join("".join(caption.text for caption in captions).split())
    assert captions[0].start_ms == 0
    assert captions[-1].end_ms == length_ms


def test_a_line_of_exactly_the_limit_stays_one_and_one_more_makes_two() -> None:
    exactly = ("a" * 20, "b" * 21)
    one_more = ("a" * 20, "b" * 22)

    assert from_words(timed(" ".join(exactly), per_char_ms=60), locale="en")[0].text == " ".join(exactly)
    assert from_words(timed(" ".join(one_more), per_char_ms=60), locale="en")[0].text == "\n".join(one_more)


def test_two_full_lines_are_one_caption_and_one_more_word_begins_the_next() -> None:
    full = ["a" * 42, "b" * 42]

    two = from_words(timed(" ".join(full), per_char_ms=60), locale="en")
    three = from_words(timed(" ".join([*full, "c"]), per_char_ms=60), locale="en")

    assert [caption.text for caption in two] == ["\n".join(full)]
    assert "".join(caption.text for caption in three).replace("\n", "") == "".join([*full, "c"])
    assert len(three) == 2


def test_chinese_breaks_after_sixteen_characters() -> None:
    sixteen = "一" * 16

    assert from_segments([Segment(0, 4000, sixteen)], locale="zh-Hans")[0].text == sixteen
    assert from_segments([Segment(0, 4000, sixteen + "二")], locale="zh-Hans")[0].text.count("\n") == 1


def test_no_line_begins_with_a_mark() -> None:
    captions = from_segments(
        [Segment(0, 9000, "我们九点开门我们九点开门我们九，中午之前咖啡免费，大家都来。")], locale="zh-Hans"
    )

    assert not [line for caption in captions for line in caption.text.split("\n") if line[0] in "，。"]


def test_a_caption_lasts_no_longer_than_the_limit() -> None:
    slow = [Word("word", at * 1000, at * 1000 + 900) for at in range(12)]

    captions = from_words(slow, locale="en")

    assert max(caption.end_ms - caption.start_ms for caption in captions) <= LONGEST_MS
    assert faults(captions, locale="en") == ()


def test_a_pause_ends_a_caption_and_a_shorter_one_does_not() -> None:
    def with_pause(pause_ms: int) -> int:
        words = [Word("before", 0, 1000), Word("after", 1000 + pause_ms, 2500 + pause_ms)]
        return len(from_words(words, locale="en"))

    assert [1, 2] == [with_pause(PAUSE_MS - 1), with_pause(PAUSE_MS)]


def test_a_sentence_begins_a_new_caption() -> None:
    captions = from_words(timed("We open at nine. Everybody is welcome here.", per_char_ms=70), locale="en")

    assert ["We open at nine.", "Everybody is welcome here."] == [caption.text for caption in captions]


def test_a_short_word_stays_until_it_can_be_read_where_there_is_room() -> None:
    alone, pressed = [Word("Yes.", 0, 300)], [Word("Yes.", 0, 300), Word("Everybody", 600, 2000)]

    assert SHORTEST_MS == from_words(alone, locale="en")[0].end_ms
    assert 600 - GAP_MS == from_words(pressed, locale="en")[0].end_ms


def test_captions_never_overlap_even_when_the_words_do() -> None:
    words = [Word("One.", 0, 2000), Word("Two.", 1500, 3000), Word("Three.", 2900, 4000)]

    captions = from_words(words, locale="en")

    assert not [fault for fault in faults(captions, locale="en") if fault.fault.code in ("overlap", "backwards")]


def test_a_word_longer_than_a_line_is_cut_and_keeps_its_time() -> None:
    captions = from_words([Word("x" * 100, 0, 5000)], locale="en")

    assert "x" * 100 == "".join(caption.text for caption in captions).replace("\n", "")
    assert (0, 5000) == (captions[0].start_ms, captions[-1].end_ms)
    assert max(graphemes(line) for caption in captions for line in caption.text.split("\n")) <= 42


def test_latin_words_in_chinese_keep_their_space() -> None:
    captions = from_words(
        [Word(w, n * 300, n * 300 + 300) for n, w in enumerate(["我", "用", "Open", "Studio", "写"])], locale="zh-Hans"
    )

    assert "我用Open Studio写" == captions[0].text


def test_nothing_said_makes_no_caption() -> None:
    assert () == from_words([], locale="en")
    assert () == from_words([Word("  ", 0, 100)], locale="en")


def test_a_segments_words_share_its_time_by_their_length() -> None:
    words = list(spread(Segment(1000, 2000, "ab cdefgh")))

    assert [Word("ab", 1000, 1250), Word("cdefgh", 1250, 2000)] == words


@pytest.mark.parametrize(
    ("segment", "code"),
    [
        (Segment(0, 833, "word"), None),
        (Segment(0, 830, "word"), "brief"),
        (Segment(0, 7000, "word"), None),
        (Segment(0, 7010, "word"), "lingers"),
        (Segment(0, 3000, "a" * 42), None),
        (Segment(0, 3000, "a" * 43), "line"),
        (Segment(0, 1000, "a" * 20), None),
        (Segment(0, 1000, "a" * 21), "fast"),
        (Segment(0, 1000, "a\nb"), None),
        (Segment(0, 1000, "a\nb\nc"), "lines"),
    ],
)
def test_a_fault_begins_right_after_its_limit(segment: Segment, code: str | None) -> None:
    found = faults([segment], locale="en")

    assert [code] == [fault.fault.code for fault in found] or (code is None and not found)


def test_a_fault_says_which_caption_and_what_is_wrong() -> None:
    found = faults([Segment(0, 1000, "fine"), Segment(500, 2000, "early")], locale="en")

    assert ["Caption 2 starts at 0.5 s, before the one before it ends at 1 s."] == [fault.message for fault in found]


@pytest.mark.parametrize("write", [write_srt, write_vtt])
def test_what_is_written_reads_back_the_same(write: object) -> None:
    captions = (Segment(0, 1500, "One & <two>"), Segment(3_661_007, 3_663_250, "سطر\nآخر"))

    assert (captions, ()) == read(write(captions))  # type: ignore[operator]


def test_a_file_with_a_broken_block_is_read_without_it() -> None:
    segments, broken = read("1\n00:00:00,000 --> 00:00:01,000\nOne\n\n2\nno time\nTwo\n")

    assert ([Segment(0, 1000, "One")], [2]) == (list(segments), list(broken))


def test_vtt_of_others_is_read_without_notes_settings_and_tags() -> None:
    head = "WEBVTT - title\n\nNOTE by hand\n\n"
    cue = "intro\n00:01.000 --> 00:02.500 align:start\n<v Ann>Hello <b>there</b>\n\n"

    assert ((Segment(1000, 2500, "Hello there"),), (4,)) == read(head + cue + "bad --> worse\nx\n")


@pytest.mark.parametrize("text", ["", "WEBVTTX\n\n00:01.000 --> 00:02.000\nHello", "00:01.000 --> 00:02.000\nHello"])
def test_vtt_without_its_head_is_none(text: str) -> None:
    assert ([], [1]) == read_vtt(text)

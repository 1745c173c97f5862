"""Checks of wording: alike lines, keywords, patterns, banned words, calls to action, legal sentences, links."""

import pytest

from app.content.checks.model import BrandTerms
from app.content.checks.promises import calls_to_action
from app.content.checks.wording import find_keyword
from app.content.profiles import LANGUAGES
from tests.checking import said, verdict


def test_two_lines_that_are_almost_the_same_are_alike() -> None:
    check = {"check": "distinct", "at": "headlines[]", "max_similarity": 0.75}

    assert ["headlines[2]: Too much like line 1: 97 % the same."] == said(
        verdict(check, {"headlines": ["Save 20% today", "Fast delivery", "Save 20% today!"]})
    )


def test_options_are_compared_within_their_own_question() -> None:
    check = {"check": "distinct", "at": "items[].options[]", "max_similarity": 0.95}

    assert "passed" == verdict(check, {"items": [{"options": ["Yes", "No"]}, {"options": ["Yes", "No"]}]}).status
    assert ["items[1].options[1]: Too much like line 1: 100 % the same."] == said(
        verdict(check, {"items": [{"options": ["Yes", "No"]}, {"options": ["Yes", "yes"]}]})
    )


def test_titles_of_objects_are_compared_as_one_list() -> None:
    check = {"check": "distinct", "at": "pairs[].title", "max_similarity": 0.9}

    assert "failed" == verdict(check, {"pairs": [{"title": "Office chairs"}, {"title": "Office chairs."}]}).status


@pytest.mark.parametrize(
    ("text", "keyword", "language"),
    [
        ("The Repairable Office Chair", "repairable office chair", "en"),
        ("Repairable office chairs in stock", "repairable office chair", "en"),
        ("Chairs for the office, repairable for years", "repairable office chair", "en"),
        ("Sillas de oficina reparables", "silla de oficina", "es"),
        ("Cadeiras de escritório", "cadeira de escritorio", "pt-BR"),
        ("Bürostühle für alle", "Bürostuhl", "de"),
        ("والكراسي المكتبية", "كراسي مكتبية", "ar"),
        ("修理できるオフィスチェアの販売", "オフィスチェア", "ja"),
        ("可维修的办公椅", "办公椅", "zh-Hans"),
        ("수리되는 사무용 의자를 만나보세요", "사무용 의자", "ko"),
        ("मरम्मत योग्य कुर्सियाँ", "कुर्सी", "hi"),
    ],
)
def test_a_keyword_is_found_in_any_of_its_forms(text: str, keyword: str, language: str) -> None:
    assert find_keyword(text, keyword, language) is not None


def test_a_keyword_of_which_a_word_is_missing_is_not_there() -> None:
    assert find_keyword("Office chair parts", "repairable office chair", "en") is None


def test_enough_headlines_hold_a_keyword() -> None:
    check = {"check": "keyword", "field": "keywords", "at": "headlines[]", "min_items": 2}
    shape = {"fields": {"keywords": "list"}, "inputs": {"keywords": ("office chair", "chair parts")}}

    assert "passed" == verdict(check, {"headlines": ["Office chairs", "Parts", "Chair parts"]}, **shape).status
    assert ["headlines[]: “office chair”, or another keyword, is in 1. 2 at least."] == said(
        verdict(check, {"headlines": ["Office chairs", "Parts"]}, **shape)
    )


def test_a_keyword_stands_in_the_first_half_of_every_title() -> None:
    check = {"check": "keyword", "field": "keyword", "at": "pairs[].title", "position": "first_half"}
    shape = {"fields": {"keyword": "text"}, "inputs": {"keyword": "office chair"}}
    pairs = [{"title": "Office chair, repairable"}, {"title": "Repairable for years: office chair"}, {"title": "Parts"}]

    assert [
        "pairs[1].title: “office chair” stands too late. Put it in the first half.",
        "pairs[2].title: “office chair” is not here.",
    ] == said(verdict(check, {"pairs": pairs}, **shape))


def test_a_keyword_is_in_the_title_early_and_not_too_often() -> None:
    check = {
        "check": "keyword",
        "field": "keyword",
        "at": ".",
        "in_title": True,
        "in_first_words": 5,
        "max_density": 0.2,
    }
    shape = {"form": "markdown", "fields": {"keyword": "text"}, "inputs": {"keyword": "chair"}}
    filler = "words of quite another kind go on and on here"

    assert "passed" == verdict(check, f"# A chair\n\nThe chair. {filler}", **shape).status
    assert "title: “chair” is not here." in said(verdict(check, f"# Parts\n\nThe chair. {filler}", **shape))
    assert "failed" == verdict(check, "# Chair\n\nchair chair", **shape).status


def test_a_pattern_must_be_kept_by_every_item() -> None:
    check = {
        "check": "pattern",
        "name": "slug-form",
        "regex": "^[a-z0-9]+(-[a-z0-9]+)*$",
        "at": "slugs[]",
        "must": True,
    }

    assert ["slugs[1]: Not in the form asked for: slug form."] == said(verdict(check, {"slugs": ["a-b", "A b"]}))


def test_a_pattern_that_may_not_be_there_is_marked() -> None:
    check = {"check": "pattern", "name": "forbidden-signs", "regex": "[!$?]", "at": "title", "must": False}
    finding = verdict(check, {"title": "Chair $9"}).findings[0]

    assert (6, 7) == (finding.start, finding.end)


def test_a_pattern_by_language_is_not_checked_where_a_language_has_none() -> None:
    check = {
        "check": "pattern",
        "regex": {"en": "(?i)as an? .+ so that", "de": "(?i)als .+ damit"},
        "at": ".",
        "must": True,
    }

    assert "passed" == verdict(check, "As a clerk I want a chair so that I sit").status
    assert "failed" == verdict(check, "As a clerk I want a chair so that I sit", language="de").status
    result = verdict(check, "en español", language="es")
    assert ("not_checked", "There is no pattern for Spanish.") == (
        result.status,
        result.reason and result.reason.text(),
    )


def test_a_pattern_that_takes_too_long_is_given_up() -> None:
    check = {"check": "pattern", "regex": "(a|aa)+$", "at": ".", "must": True}

    assert "not_checked" == verdict(check, "a" * 60 + "!").status


def test_every_bullet_begins_with_a_capital_where_there_are_capitals() -> None:
    check = {"check": "starts_upper", "at": "bullets[]"}
    result = verdict(check, {"bullets": ["Firm", "• soft", "5 parts", "ويدوم", "éclair"]})

    assert ["bullets[1]", "bullets[4]"] == [finding.path for finding in result.findings]
    assert ["• Soft", "Éclair"] == [finding.suggestion for finding in result.findings]


def test_search_terms_do_not_repeat_the_title() -> None:
    check = {"check": "no_overlap", "a": "search_terms", "b": "title"}

    assert ["search_terms: “Chair” is there already. Use the room for another word."] == said(
        verdict(check, {"title": "The chair of the office", "search_terms": "seat Chair for the desk"})
    )


def test_links_are_counted_and_must_be_those_of_the_brief() -> None:
    check = {"check": "urls", "min": 0, "max": 1, "at": ".", "only_from_inputs": True}
    shape = {"fields": {"link": "url"}, "inputs": {"link": "https://www.aldersay.example/parts?utm=1"}}

    assert "passed" == verdict(check, "See aldersay.example/parts", **shape).status
    assert "passed" == verdict(check, "No link; README.md, e.g. this.", **shape).status
    assert [".: Where does https://evil.example come from? It is not in the brief."] == said(
        verdict(check, "See https://evil.example.", **shape)
    )
    assert ".: 2 links, 1 at most." in said(
        verdict(check, "aldersay.example/parts and aldersay.example/parts", **shape)
    )


@pytest.mark.parametrize(
    ("text", "language", "marked"),
    [
        ("Our chairs are RISK-FREE.", "en", "RISK-FREE"),
        ("The world’s best chair", "en", "world’s best"),
        ("Le meilleur\u00a0du monde", "fr", "Le meilleur\u00a0du monde"),
        ("業界No.1の椅子", "ja", "業界No.1"),
        ("世界一の椅子", "ja", "世界一"),
        ("업계 1위의 의자", "ko", "업계 1위"),
    ],
)
def test_a_banned_phrase_is_marked(text: str, language: str, marked: str) -> None:
    finding = verdict({"check": "banned", "lists": ["superlative"], "at": "."}, text, language=language).findings[0]

    assert marked == text[finding.start : finding.end]


def test_a_phrase_inside_a_longer_word_is_none() -> None:
    assert "passed" == verdict({"check": "banned", "lists": ["store_promo"], "at": "."}, "Carefree freedom").status


@pytest.mark.parametrize("text", ["Dear [Your name],", "Lorem ipsum dolor", "Price: TBD", "XXXX", "Hello <name>"])
def test_left_over_slots_are_found(text: str) -> None:
    assert "failed" == verdict({"check": "banned", "lists": ["placeholder"], "at": "."}, text).status


def test_a_slot_that_the_mail_system_fills_is_no_placeholder() -> None:
    assert (
        "passed"
        == verdict({"check": "banned", "lists": ["placeholder"], "at": "."}, "{{unsubscribe_url}} [1] [a](b)").status
    )


def test_a_list_without_words_for_the_language_is_not_checked() -> None:
    assert (
        "not_checked" == verdict({"check": "banned", "lists": ["fear_urgency"], "at": "."}, "x", language="ko").status
    )


def test_words_of_the_brand_are_kept() -> None:
    brand = BrandTerms(banned=("seamless",), preferred={"aldersay one": "Aldersay One"})
    result = verdict({"check": "brand_terms"}, "A seamless ALDERSAY ONE, the Aldersay One.", brand=brand)

    assert [
        ".: “seamless” is on your do-not-say list.",
        ".: “ALDERSAY ONE”: your brand says “Aldersay One”.",
    ] == said(result)
    assert "A seamless Aldersay One, the Aldersay One." == result.findings[1].suggestion


def test_without_a_brand_voice_nothing_is_said_of_it() -> None:
    result = verdict({"check": "brand_terms"}, "text")

    assert ("not_checked", "No brand voice was chosen.") == (result.status, result.reason and result.reason.text())


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("a poster by Banksy", ["Banksy"]),
        ("in the style of Greg Rutkowski", ["Greg Rutkowski"]),
        ("in the style of Jane Doe", ["Jane Doe"]),
        ("in the style of Vincent van Gogh", []),
        ("in the style of a woodcut", []),
        ("a view of Berlin by night", []),
    ],
)
def test_living_artists_are_not_named(text: str, marked: list[str]) -> None:
    result = verdict({"check": "no_living_artist_names", "at": "prompt"}, {"prompt": text})

    assert marked == [text[finding.start : finding.end] for finding in result.findings]


ASKS = {
    "en": "Read the story: https://aldersay.example/parts",
    "es": "Descubra el catálogo: https://aldersay.example/parts",
    "pt-BR": "Conheça o catálogo: https://aldersay.example/parts",
    "fr": "Découvrez le catalogue : https://aldersay.example/parts",
    "de": "Sehen Sie sich den Katalog an: https://aldersay.example/parts",
    "it": "Scopra il catalogo: https://aldersay.example/parts",
    "ar": "تصفّحوا الدليل: https://aldersay.example/parts",
    "hi": "पूरी सूची यहाँ देखें।",
    "ja": "カタログをご覧ください。",
    "zh-Hans": "请查看零件目录：https://aldersay.example/parts",
    "ko": "카탈로그를 확인하세요.",
}
TELLS = {
    "en": "Repair shops can now order any of the parts.",
    "es": "Los talleres ya pueden pedir cualquier pieza.",
    "pt-BR": "As oficinas já podem pedir qualquer peça.",
    "fr": "Les ateliers peuvent désormais commander chaque pièce.",
    "de": "Werkstätten können jetzt jedes Teil bestellen.",
    "it": "Le officine possono ora ordinare ogni pezzo.",
    "ar": "يمكن لورش الإصلاح الآن طلب أي قطعة.",
    "hi": "मरम्मत की दुकानें अब कोई भी पुर्ज़ा मँगा सकती हैं।",
    "ja": "修理店はすべての部品を注文できるようになりました。",
    "zh-Hans": "维修店现在可以订购任何零件。",
    "ko": "이제 수리점은 모든 부품을 주문할 수 있습니다.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_ask_is_counted_and_a_statement_is_none(language: str) -> None:
    assert 1 == len(calls_to_action(f"{TELLS[language]}\n\n{ASKS[language]}", language))
    assert 0 == len(calls_to_action(TELLS[language], language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_footer_of_a_mail_is_no_call_to_action(language: str) -> None:
    from app.content.checks.phrases import footer_line

    lines = [line.text for slot in ("unsubscribe", "postal_address") if (line := footer_line(slot, language))]

    assert 2 == len(lines)
    assert 0 == len(calls_to_action("\n\n".join(lines), language))


def test_a_question_asks_too_and_asking_twice_is_too_much() -> None:
    check = {"check": "call_to_action", "min": 1, "max": 1, "at": "body"}
    shape = {"form": "email"}

    assert "passed" == verdict(check, {"subject": "s", "body": "Dear Ann\n\nWould a morning suit you?"}, **shape).status
    assert ["body: Nothing asks the reader to act."] == said(
        verdict(check, {"subject": "s", "body": "We make chairs."}, **shape)
    )
    assert ["body: 2 calls to action, 1 at most."] == said(
        verdict(check, {"subject": "s", "body": "Order a part today.\n\nThat is all.\n\nBook a visit."}, **shape)
    )


def test_the_same_ask_again_counts_once() -> None:
    assert 1 == len(calls_to_action("Order now: https://a.example/x\n\nOrder now: https://a.example/x", "en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_legal_sentence_is_held_to_the_word(language: str) -> None:
    from app.content.catalogue_files import load_catalogue

    check = {"check": "disclosure", "what": "legal_draft", "at": "note"}
    sentence = load_catalogue().profile(language).disclosures["legal_draft"]

    assert "passed" == verdict(check, {"note": f"x {sentence}"}, language=language).status
    assert "failed" == verdict(check, {"note": sentence[:-4]}, language=language).status


@pytest.mark.parametrize(
    "footer",
    [
        "Unsubscribe: {{unsubscribe_url}}\nOur address: {{postal_address}}",
        "You can opt out any time. {{postal_address}}",
    ],
)
def test_a_footer_with_its_two_lines_passes(footer: str) -> None:
    check = {"check": "footer_slots", "required": ["unsubscribe", "postal_address"]}

    assert "passed" == verdict(check, {"subject": "s", "body": "Hi\n\n" + footer}, form="email").status


def test_a_missing_footer_line_is_quoted() -> None:
    check = {"check": "footer_slots", "required": ["unsubscribe", "postal_address"]}

    assert ["body: This line is missing: “Notre adresse : {{postal_address}}”"] == said(
        verdict(check, {"subject": "s", "body": "Vous désabonner : ici"}, form="email", language="fr")
    )

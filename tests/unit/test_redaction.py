"""Personal data is hidden from a provider, and back in the answer: however the text is cut, however a model copies."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content.catalogue_files import load_catalogue
from app.content.inputs import validate_inputs
from app.content.rendering import render_messages
from app.core.ports import Message
from app.llm.redaction import Vault, shield
from app.llm.redaction.vault import LONGEST, find


def kinds(text: str, language: str = "en") -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in find(text, language=language)]


def shielded(text: str, language: str = "en") -> tuple[str, Vault]:
    (message,), vault = shield((Message("user", text),), language=language)
    return message.text, vault


def streamed(vault: Vault, text: str, cuts: list[int]) -> str:
    opener, shown, at = vault.opener(), "", 0
    for cut in [*sorted(cuts), len(text)]:
        shown += opener.feed(text[at:cut])
        at = cut
    return shown + opener.end()


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Write to ana.lopez+news@mail.example.org.", "EMAIL", "ana.lopez+news@mail.example.org"),
        ("邮箱是test@example.com请查收", "EMAIL", "test@example.com"),
        ("See ftp://ana:s3cret!@files.example.org/x", "LOGIN", "ana:s3cret!"),
        ("https://api.example.org/v1?token=abcdef123456&x=1", "LOGIN", "abcdef123456"),
        ("blocked: 48.90.248.226.", "IP", "48.90.248.226"),
        ("from 2001:db8::8a2e:370:7334, again", "IP", "2001:db8::8a2e:370:7334"),
        ("card 4111 1111 1111 1111 please", "CARD", "4111 1111 1111 1111"),
        ("IBAN DE89 3704 0044 0532 0130 00 and more", "IBAN", "DE89 3704 0044 0532 0130 00"),
        ("my SSN: 460-89-9847", "ID", "460-89-9847"),
        ("social security number 460 89 9847", "ID", "460 89 9847"),
        ("NI number QQ is no; AB 12 34 56 C is", "ID", "AB 12 34 56 C"),
        ("mi DNI es 12345678Z", "ID", "12345678Z"),
        ("NIE X-1234567-L", "ID", "X-1234567-L"),
        ("n° 2 95 10 99 126 111 93", "ID", "2 95 10 99 126 111 93"),
        ("Steuer-ID 36 574 261 809", "ID", "36 574 261 809"),
        ("codice fiscale RSSMRA85T10A562S", "ID", "RSSMRA85T10A562S"),
        ("CPF 390.533.447-05", "ID", "390.533.447-05"),
        ("CNPJ 16.727.230/0001-97", "ID", "16.727.230/0001-97"),
        ("Aadhaar 2341 2341 2346", "ID", "2341 2341 2346"),
        ("주민등록번호 971013-9019902", "ID", ""),
        ("주민등록번호 971013-1019902", "ID", "971013-1019902"),
        ("身份证号是11010519491231002X。", "ID", "11010519491231002X"),
        ("マイナンバー 6214 9832 0257", "ID", "6214 9832 0257"),
        ("هوية 784-1990-1234567-1", "ID", "784-1990-1234567-1"),
    ],
)
def test_a_datum_is_found_as_what_it_is(text: str, kind: str, value: str) -> None:
    assert ([(kind, value)] if value else []) == kinds(text)


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "Call (415) 555-2671 now", "(415) 555-2671"),
        ("en", "ring +44 20 7946 0958", "+44 20 7946 0958"),
        ("en", "my registered 668 5702", "668 5702"),
        ("es", "llámame al 612 345 678", "612 345 678"),
        ("pt-BR", "celular (11) 91234-5678", "(11) 91234-5678"),
        ("fr", "au 01 84 17 61 18 svp", "01 84 17 61 18"),
        ("de", "Telefon 030/1234567", "030/1234567"),
        ("it", "cell. 347 123 4567", "347 123 4567"),
        ("ar", "جوال ٠٥٠١٢٣٤٥٦٧", "٠٥٠١٢٣٤٥٦٧"),
        ("hi", "मोबाइल ९८७६५ ४३२१०", "९८७६५ ४३२१०"),
        ("ja", "電話０３－１２３４－５６７８まで", "０３－１２３４－５６７８"),
        ("zh-Hans", "请拨打13812345678咨询", "13812345678"),
        ("ko", "연락처 010-1234-5678", "010-1234-5678"),
    ],
)
def test_a_phone_number_is_found_in_every_language(language: str, text: str, value: str) -> None:
    assert [("PHONE", value)] == kinds(text, language)


@pytest.mark.parametrize(
    "text",
    [
        "from 1.299,00 € to 12.345.678 EUR",
        "between 10/23/1951 and 2018-02-24 12:45:18",
        "in 2019-2024, 300-1000 words, 12 000 000 people",
        "1 299 000 copies, 737 219 628 views",
        "R$ 1.234.567,89 or $4,111,111",
        "version 10.4.2.1 on 127.0.0.1",
        "at 12:30:45 in std::vector<int>, a::b",
        "GTIN 4006381333931, ISBN 978-3-16-148410-0",
        "1920x1080, 16:9, 99.97 %, ±0.05",
        "EU27 members and GB59 roads",
        "#hashtag @handle a@b",
        "１９９８年５月３日に￥１２，０００",
        "Order 12345678901234567",
        "Team 123-45-67890",
    ],
)
def test_prices_dates_and_sizes_are_left_alone(text: str) -> None:
    assert [] == kinds(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mrs. Schwarz flew on Sunday", "Schwarz"),
        ("Sehr geehrter Herr von der Heide,", "von der Heide"),
        ("Dear Jean-Luc,\nthanks", "Jean-Luc"),
        ("My name is Sarah O'Neil and", "Sarah O'Neil"),
        ("Name: Fredrik L. Sommerseth\n", "Fredrik L. Sommerseth"),
        ("Best regards,\nLayla Gairbekov", "Layla Gairbekov"),
        ("山田太郎様、いつも", "山田太郎"),
        ("李小龙先生您好", "李小龙"),
        ("김민수 님, 안녕하세요", "김민수"),
        ("श्री राजेश कुमार", "राजेश कुमार"),
        ("السيدة فاطمة الزهراء", "فاطمة الزهراء"),
    ],
)
def test_a_name_that_is_announced_is_found(text: str, name: str) -> None:
    assert [name] == [value for kind, value in kinds(text) if kind == "NAME"]


@pytest.mark.parametrize(
    "text",
    [
        "Dear Team,",
        "Hello everyone!",
        "Dear Sir or Madam,",
        "お客様へ",
        "고객님께",
        "Hi there,",
        "Sehr geehrte Damen und Herren,",
    ],
)
def test_nobody_in_particular_is_no_name(text: str) -> None:
    assert [] == kinds(text)


def test_the_longest_of_those_that_overlap_is_taken() -> None:
    assert [("LOGIN", "ana:pw1234"), ("PHONE", "+49 30 1234567")] == kinds(
        "ftp://ana:pw1234@h.example.org +49 30 1234567"
    )


def test_the_same_value_has_the_same_placeholder_in_every_message() -> None:
    messages, vault = shield(
        (Message("system", "Sender: ANA@example.org"), Message("user", "ana@example.org, bo@example.org")),
        language="en",
    )

    assert ["Sender: [EMAIL_1]", "[EMAIL_1], [EMAIL_2]"] == [message.text for message in messages]
    assert {"EMAIL": 2} == vault.counts
    assert not vault.empty


def test_a_name_that_was_announced_once_is_hidden_everywhere() -> None:
    text, vault = shielded("Dear Mr. Marco Bellini, ... Bellini wrote that Bellinissimo is fine.")

    assert "Dear Mr. [NAME_1], ... [NAME_2] wrote that Bellinissimo is fine." == text
    assert "Marco Bellini and Bellini" == vault.open("[NAME_1] and [NAME_2]")


def test_a_name_that_a_form_gave_is_hidden_without_any_sign() -> None:
    (message,), vault = shield((Message("user", "Ask Zoe Quill about it"),), language="en", known=["Zoe Quill"])

    assert "Ask [NAME_1] about it" == message.text
    assert "Zoe Quill" == vault.open("[name 1]")


def test_a_text_without_personal_data_is_untouched() -> None:
    text, vault = shielded("Plain words, 3 prices.")

    assert ("Plain words, 3 prices.", True) == (text, vault.empty)
    assert "[EMAIL_1] stays" == vault.open("[EMAIL_1] stays")


@pytest.mark.parametrize(
    "copied",
    [
        "[EMAIL_1]",
        "[Email 1]",
        "[email-1]",
        "[EMAIL1]",
        "[ EMAIL_1 ]",
        r"\[EMAIL\_1\]",
        "【EMAIL_1】",
        "［EMAIL_１］",
        "[EMAIL_١]",
    ],
)
def test_a_placeholder_is_known_as_models_copy_it(copied: str) -> None:
    _, vault = shielded("ana@example.org")

    assert "to ana@example.org!" == vault.open(f"to {copied}!")


@pytest.mark.parametrize(
    "invented", ["[EMAIL_2]", "[PHONE_1]", "[EMAIL]", "[EMAIL_1", "EMAIL_1", "[1]", "[EMAIL_0001x]"]
)
def test_what_a_model_invents_stays_as_it_is(invented: str) -> None:
    _, vault = shielded("ana@example.org")

    assert invented == vault.open(invented)
    assert f"a {invented} b" == streamed(vault, f"a {invented} b", list(range(20)))


def test_a_placeholder_that_stood_in_the_prompt_is_not_given_out() -> None:
    text, vault = shielded("Literally [EMAIL_1], and ana@example.org")

    assert "Literally [EMAIL_1], and [EMAIL_2]" == text
    assert "Literally [EMAIL_1], and ana@example.org" == vault.open(text)


def test_values_fit_into_the_strings_of_json() -> None:
    text, vault = shielded('mail "o\'brien@example.org" or C:\\ +49 30\t1234567 tel 030 1234567')
    answer = json.dumps({"body": text})

    assert json.loads(vault.open(answer))["body"] == vault.open(text)


def test_hiding_again_finds_what_the_vault_holds_and_nothing_else() -> None:
    text, vault = shielded("ana@example.org, +49 30 1234567")

    assert text == vault.hide("ana@example.org, +49 30 1234567")
    assert text == vault.hide(text)
    assert "bo@example.org" == vault.hide("bo@example.org")


def test_a_vault_tells_no_values() -> None:
    _, vault = shielded("ana@example.org")

    assert "ana" not in repr(vault)


SOURCE = (
    "Write to ana@example.org or call +49 30 1234567, Mr. Bellini; [1] (see [note]) \\ IBAN DE89370400440532013000."
)


@given(st.lists(st.integers(0, len(SOURCE) + 20), max_size=30))
def test_a_stream_gives_the_same_text_wherever_it_is_cut(cuts: list[int]) -> None:
    text, vault = shielded(SOURCE)

    assert "[" in text
    assert SOURCE == streamed(vault, text, cuts)


@given(st.text(alphabet="[]［】 EMAILemail_-1２\\ab", max_size=60), st.lists(st.integers(0, 60), max_size=20))
def test_a_stream_agrees_with_the_whole_text(text: str, cuts: list[int]) -> None:
    _, vault = shielded("ana@example.org")

    assert vault.open(text) == streamed(vault, text, cuts)


@given(st.lists(st.text(alphabet="[EMAIL_1] x\\", min_size=1, max_size=5), max_size=30))
def test_a_stream_holds_back_no_more_than_a_placeholder(pieces: list[str]) -> None:
    _, vault = shielded("ana@example.org")
    opener = vault.opener()
    for piece in pieces:
        opener.feed(piece)

        assert len(opener._held) <= LONGEST + 1


@given(st.text(max_size=200))
def test_whatever_is_hidden_comes_back(text: str) -> None:
    hidden, vault = shielded(text)

    assert text == vault.open(hidden) or "[" in text or "［" in text or "【" in text


HOSTILE = (
    "A de ",
    "1 ",
    "(1",
    "a@",
    "a.",
    "Name: A\n",
    "Mr A ",
    "DE89 1A ",
    "::1",
    "4111 1111 1111 1111 ",
    "[EMAIL_",
    "王",
    "السيد ",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    began_s = time.process_time()
    hidden, vault = shielded(text)

    assert text == vault.open(hidden)
    assert time.process_time() - began_s < 2


def test_thousands_of_values_come_back() -> None:
    text = " ".join(f"a{number}@example.org" for number in range(12_000))
    hidden, vault = shielded(text)

    assert "@" not in hidden
    assert text == vault.open(hidden)


@pytest.mark.parametrize("language", ["en", "de", "pt-BR", "ar", "ja"])
def test_what_templates_say_to_a_model_is_left_alone(language: str) -> None:
    catalogue = load_catalogue()
    found = set()
    for template in catalogue.all():
        inputs = validate_inputs(template, {**catalogue.sample(template.id, language), "language": language})
        for message in render_messages(template, inputs, catalogue.profile(language)):
            found |= set(kinds(message.text, language))

    # The samples hold these: an address for the press, and somebody who is greeted.
    assert set() == {(kind, value) for kind, value in found if kind != "EMAIL"} - {("NAME", "加藤")}

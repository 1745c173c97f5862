"""Japanese for the built-in voice: kanji, numbers, particles and Latin words become the kana that is said."""

from __future__ import annotations

from pathlib import Path

import pytest
import regex

from app.adapters import models_embedded
from app.adapters.speech_embedded.japanese import Reading, read
from app.adapters.speech_embedded.japanese_latin import in_katakana, pieces
from app.adapters.speech_embedded.japanese_numbers import counted, number_of, said, spelled

BANK = Path(models_embedded.__file__).with_name("banks") / "ja.yaml"


@pytest.mark.parametrize(
    ("text", "kana"),
    [
        ("今日は良い天気です。", "キョーワ ヨイ テンキデス。"),
        ("私は東京へ行きます。", "ワタシワ トーキョーエ イキマス。"),
        ("彼は学校を出て、駅へ向かった。", "カレワ ガッコーオ デテ、エキエ ムカッタ。"),
        ("一日に三回飲んでください。", "イチニチニ サンカイ ノンデクダサイ。"),
        ("価格は1,980円（税込）です。", "カカクワ センキュウヒャクハチジュウエン、ゼーコミ、デス。"),
        ("12月1日まで、20%オフ！", "ジュウニガツ ツイタチマデ、ニジュウパーセントオフ。"),
        ("椅子の部品を替えて、ずっと使い続ける。", "イスノ ブヒンオ カエテ、ズット ツカイツヅケル。"),
        ("人気の商品が入荷しました。", "ニンキノ ショーヒンガ ニュウカシマシタ。"),
        ("では、こんにちは。母は花が好きです。", "デワ、コンニチワ。ハハワ ハナガ スキデス。"),
        ("一人で二つ買いました。", "ヒトリデ フタツ カイマシタ。"),
        ("受付は9:30〜18:00まで。", "ウケツケワ クジ サンジュップンカラ ジュウハチジマデ。"),
        ("¥1,980から$20", "センキュウヒャクハチジュウエンカラ ニジュウドル"),
        ("50㎡、3m、Mサイズ", "ゴジュウヘーホーメートル、サンメートル、エムサイズ"),
        ("2026/12/31（木）", "ニセンニジュウロクネン ジュウニガツ サンジュウイチニチ、モクヨービ"),
        ("お問い合わせは03-1234-5678まで。", "オトイアワセワ ゼロサン イチニサンヨン ゴロクナナハチ マデ。"),
        ("三本の木、十月二十日", "サンボンノ キ、ジュウガツ ハツカ"),
        ("第3回、1年生、3.5倍", "ダイサンカイ、イチネンセー、サンテンゴバイ"),
        ("日本人は手伝うと思う。", "ニホンジンワ テツダウト オモウ。"),
        ("いかがでしょうか？", "イカガデショーカ?"),
        ("新しいGalleyアプリをダウンロードしてください。", "アタラシイ ガレイアプリオ ダウンロードシテクダサイ。"),
        ("SALEでWebアプリ、AIとPDF", "セールデ ウェブアプリ、エーアイト ピーディーエフ"),
        ("ｶﾀｶﾅと㈱ギャレー", "カタカナトカブシキガイシャ ギャレー"),
        ("「A&B」", "エーアンド ビー"),
        ("", ""),
        ("々 … 。", ""),
    ],
)  # fmt: skip
def test_a_text_is_read_as_it_is_said(text: str, kana: str) -> None:
    assert kana == read(text).kana


def test_no_kanji_is_left_in_any_text() -> None:
    text = BANK.read_text()
    assert len(regex.findall(r"\p{Han}", text)) > 3000

    left = "".join(read(text[at : at + 3000]).kana for at in range(0, len(text), 3000))

    assert regex.findall(r"[\p{Han}]", left) == []
    assert len(regex.findall(r"\p{Katakana}", left)) > 8_000


@pytest.mark.parametrize("point", range(0x4E00, 0xA000, 613))
def test_a_rare_kanji_is_read_or_left_out(point: int) -> None:
    assert not regex.search(r"\p{Han}", read(f"これは{chr(point)}です。{chr(point)}{chr(point + 1)}").kana)


def test_every_word_of_the_kana_knows_its_place_in_the_text() -> None:
    text = "価格は¥1,980です。"
    reading = read(text)

    assert [("カ", "価"), ("ワ", "は"), ("セ", "¥"), ("デ", "で")] == [
        (reading.kana[kana_at], text[text_at]) for kana_at, text_at in reading.places
    ]


def test_words_of_a_phrase_share_its_time_by_their_kana() -> None:
    reading = Reading("ワタシワ イク。", ((0, 0), (3, 1), (5, 2)))

    assert [(0, 0, 0, 300), (1, 0, 300, 400), (2, 0, 500, 700)] == reading.told([[0, 4, 0, 400], [5, 2, 500, 700]])


def test_a_word_that_is_told_of_in_parts_has_the_time_of_all() -> None:
    reading = Reading("キム ト", ((0, 0), (3, 2)))

    assert [(0, 0, 0, 300), (2, 0, 300, 400)] == reading.told([[0, 2, 0, 100], [0, 2, 100, 300], [3, 1, 300, 400]])


@pytest.mark.parametrize(
    ("written", "kana"),
    [
        ("1,980", "センキュウヒャクハチジュウ"),
        ("１２", "ジュウニ"),
        ("3万5千", "サンマンゴセン"),
        ("1億2,000万", "イチオクニセンマン"),
        ("二千二十六", "ニセンニジュウロク"),
        ("二〇二六", "ニセンニジュウロク"),
        ("8600", "ハッセンロッピャク"),
        ("3333", "サンゼンサンビャクサンジュウサン"),
        ("一千万", "イッセンマン"),
        ("1兆", "イッチョウ"),
        ("3.05", "サンテンゼロゴ"),
        ("0", "ゼロ"),
    ],
)
def test_a_number_is_read(written: str, kana: str) -> None:
    assert kana == said(*(number_of(written) or (-1, "")))


@pytest.mark.parametrize("written", ["03", "12345678901234567", "1e3", "1.2.3", "本", ""])
def test_what_is_no_quantity_is_told_apart(written: str) -> None:
    assert number_of(written) is None


def test_digits_are_spelled() -> None:
    assert spelled("０9-1") == "ゼロキュウイチ"


@pytest.mark.parametrize(
    ("counter", "kana"),
    [
        ("本", "イッポン ニホン サンボン ヨンホン ロッポン ナナホン ハッポン キュウホン ジュッポン"),
        ("分", "イップン ニフン サンプン ヨンプン ロップン ナナフン ハップン キュウフン ジュップン"),
        ("階", "イッカイ ニカイ サンガイ ヨンカイ ロッカイ ナナカイ ハッカイ キュウカイ ジュッカイ"),
        ("冊", "イッサツ ニサツ サンサツ ヨンサツ ロクサツ ナナサツ ハッサツ キュウサツ ジュッサツ"),
        ("日", "イチニチ フツカ ミッカ ヨッカ イツカ ムイカ ナノカ ヨウカ ココノカ トオカ"),
        ("人", "ヒトリ フタリ サンニン ヨニン ゴニン ロクニン ナナニン ハチニン キュウニン ジュウニン"),
        ("時", "イチジ ニジ サンジ ヨジ ゴジ ロクジ シチジ ハチジ クジ ジュウジ"),
        ("月", "イチガツ ニガツ サンガツ シガツ ゴガツ ロクガツ シチガツ ハチガツ クガツ ジュウガツ"),
        ("円", "イチエン ニエン サンエン ヨエン ゴエン ロクエン ナナエン ハチエン キュウエン ジュウエン"),
        ("枚", "イチマイ ニマイ サンマイ ヨンマイ ゴマイ ロクマイ ナナマイ ハチマイ キュウマイ ジュウマイ"),
    ],
)
def test_sounds_change_between_a_number_and_what_it_counts(counter: str, kana: str) -> None:
    words = kana.split()
    numbers = range(1, 11) if len(words) == 10 else (1, 2, 3, 4, 6, 7, 8, 9, 10)

    assert words == [counted(number, counter) for number in numbers]


@pytest.mark.parametrize(
    ("number", "counter", "kana"),
    [(14, "時", "ジュウヨジ"), (20, "日", "ハツカ"), (300, "匹", "サンビャッピキ"), (0, "時", "レイジ")],
)
def test_larger_numbers_follow_their_last_part(number: int, counter: str, kana: str) -> None:
    assert kana == counted(number, counter)


def test_the_first_of_a_month_has_a_name() -> None:
    assert ("ツイタチ", "イチニチ") == (counted(1, "日", in_month=True), counted(1, "日"))


@pytest.mark.parametrize(
    ("word", "kana"),
    [
        ("Galley", ["ガレイ"]),
        ("download", ["ダウンロード"]),
        ("ChatGPT", ["チャト", "ジーピーティー"]),
        ("Aldersay", ["アルダーセイ"]),
        ("marketing", ["マーケティング"]),
        ("Łódź", ["ロドズ"]),
        ("é", ["イー"]),
        ("1-?", []),
    ],
)
def test_a_latin_word_becomes_katakana(word: str, kana: str) -> None:
    assert kana == [in_katakana(piece) for piece in pieces(word)]


@pytest.mark.parametrize("word", ["strengths", "xqzj", "rhythm", "Mmm", "aeiou", "yyy", "wwwwx", "Qu", "they're"])
def test_any_latin_word_becomes_katakana_and_nothing_else(word: str) -> None:
    assert regex.fullmatch(r"[\p{Katakana}ー]+", "".join(in_katakana(piece) for piece in pieces(word)))

"""Phone numbers: what a word calls one, what is written like one, or what can be dialled where the language is spoken.

Prices, dates, sizes and ranges look alike, so a number without any sign of being a phone number is left in the text.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from app.llm.redaction.found import Found, digits_of, words_before

_RUN = regex.compile(r"(?<![\w.,/:#-])(?:\+ ?|\(\+?)?\d[\d ()./-]{3,26}\d(?![\w%]|[.,:]\d|-\w)", regex.ASCII)
_WORDS = regex.compile(
    r"(?<!\p{L})(?:phone|telephone|tel|t[eé]l[eé]phone|telefon\w*|tel[eé]fono?\w*|call(?:ed|ing)?|m[oó]bil\w*|cell\w*"
    r"|fax|whatsapp|sms|text(?:ed|ing)? (?:me|us|him|her|them)|dial\w*|answering|reach(?:ed|able)?|desk|contact\w*"
    r"|hotline|ll[aá]m\w*|m[oó]vil|celular|lig(?:ue|ar|ação)|contato|contacto|appel\w*|portable|joindre|joignable|num[eé]ro"
    r"|handy|ruf\w*|anruf\w*|rückruf|durchwahl|mobil|cellulare|chiam\w*|recapito|tél|registered|messages to)(?!\p{L})"
    r"|هاتف|جوال|موبايل|تلفون|اتصل|اتصال|واتساب|फ़ोन|फोन|मोबाइल|कॉल|संपर्क|電話|携帯|连络|电话|手机|致电|热线|拨打|전화|휴대폰|연락처|핸드폰",
    regex.IGNORECASE,
)
_MONEY_OR_UNIT = (
    r"(?:[%‰$€£¥₹₩₽]|R\$|(?:EUR|USD|GBP|JPY|CNY|INR|KRW|BRL|CHF|AED|SAR|kg|km|cm|mm|ml|kWh|MB|GB|px|pcs?|units?|users?|words?"
    r"|euros?|dollars?|people|items?|years?|ans|años|anos|Jahre)(?!\p{L})|円|元|원|ريال|درهم|دولار|रुपये|人|万|億|만)"
)
_BEFORE_MONEY = regex.compile(r"(?:[$€£¥₹₩₽]|R\$|EUR|USD|GBP|JPY|CNY|INR|KRW|BRL|CHF|AED|SAR|No\.?|#)\s?$")
_AFTER_UNIT = regex.compile(rf"\s?{_MONEY_OR_UNIT}", regex.IGNORECASE)
_DATE = regex.compile(
    r"(?<!\d|\d[-/.])(?:(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}([-/.])\d{1,2}\1(?:\d{4}|\d\d))(?![-/.]?\d)"
    r"|(?<!\d)(?:19|20)\d\d\s?[-/]\s?(?:19|20)?\d\d(?!\d)",
    regex.ASCII,
)
_GROUPED_THOUSANDS = regex.compile(r"[1-9]\d{0,2}(?:[ .]\d{3})+")
_NORTH_AMERICAN = regex.compile(r"\(?[2-9]\d{2}\)?[-. ]{1,2}\d{3}[-. ]\d{4}")
_LOCAL = regex.compile(r"[2-9]\d{2} \d{4}")
_INDIAN_MOBILE = regex.compile(r"[6-9]\d{4}[ -]\d{5}")
_AREA_CODE = regex.compile(r"\(0?\d{2,4}\) ?\d{3,5}[- ]?\d{3,5}")
_TRUNK = regex.compile(r"0\d{1,4}(?:[ ./-]{1,3}\d{1,9}){1,6}")
_BARE = regex.compile(r"\d+")

SHORTEST = 7
LONGEST = 15  # ITU-T E.164
SHORTEST_WITH_TRUNK = 9
SHORTEST_CALLED_SO = 6

REGIONS = {
    "en": ("US", "GB", "AU", "CA"),
    "es": ("ES", "MX", "AR", "CO", "CL"),
    "pt-BR": ("BR", "PT"),
    "fr": ("FR", "BE", "CH", "CA"),
    "de": ("DE", "AT", "CH"),
    "it": ("IT", "CH"),
    "ar": ("SA", "AE", "EG", "MA", "JO"),
    "hi": ("IN",),
    "ja": ("JP",),
    "zh-Hans": ("CN",),
    "ko": ("KR",),
}
"""Where a language's readers dial, most of them first."""
_WITHOUT_TRUNK = frozenset({"US", "CA", "ES", "MX", "CO", "BR", "PT", "IT", "CN", "IN", "CL"})
"""Where a number is written without a 0 before the area code. Elsewhere ten digits without it are any ten digits."""


def phones(text: str, language: str) -> Iterator[Found]:
    """Yield phone numbers. `text` is plain."""
    dates: list[tuple[int, int]] | None = None
    for match in _RUN.finditer(text):
        if dates is None:
            dates = [date.span() for date in _DATE.finditer(text)]
        start, end = match.span()
        number = match.group()
        if number.count("(") != number.count(")"):
            number = number.lstrip("(") if number.startswith("(") else number[: number.rfind("(")].rstrip()
            end = start + len(number) if not match.group().startswith("(") else end
            start = end - len(number)
        dated = any(begin < end and start < stop for begin, stop in dates)
        if not dated and _is_dialled(text, start, end, language):
            yield Found(start, end, "PHONE", digits_of(number).removeprefix("00"))


def _is_dialled(text: str, start: int, end: int, language: str) -> bool:
    number = text[start:end]
    digits = digits_of(number)
    if not SHORTEST_CALLED_SO <= len(digits) <= LONGEST or len(set(digits)) < 3:
        return False
    if number.startswith(("+", "(+")):
        return len(digits) >= SHORTEST
    if _BEFORE_MONEY.search(text, max(0, start - 5), start) or _AFTER_UNIT.match(text, end):
        return False
    if words_before(_WORDS, text, start):
        return True
    if len(digits) < SHORTEST or _GROUPED_THOUSANDS.fullmatch(number):
        return False
    return _is_written_so(number, digits) or _can_be_dialled(number, language)


def _is_written_so(number: str, digits: str) -> bool:
    if any(shape.fullmatch(number) for shape in (_NORTH_AMERICAN, _LOCAL, _INDIAN_MOBILE, _AREA_CODE)):
        return True
    return len(digits) >= SHORTEST_WITH_TRUNK and bool(_TRUNK.fullmatch(number))


def _can_be_dialled(number: str, language: str) -> bool:
    """Whether the number exists where the language is spoken; digits in one run must begin as dialled there."""
    import phonenumbers

    regions = REGIONS.get(language, REGIONS["en"])
    if _BARE.fullmatch(number) and not (number.startswith("0") or language in {"zh-Hans", "hi"}):
        return False
    for region in regions:
        if not number.startswith(("0", "(0")) and region not in _WITHOUT_TRUNK:
            continue
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number_for_region(parsed, region):
            return True
    return False

"""What search engines read: titles, descriptions, structured data, slugs."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import regex

from app.adapters.models_embedded.desk import Desk, distinct, one_line
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.slugs import slug
from app.content.checks.units import measure

_TITLE = ("seo.title", "seo.title.px")
_DESCRIPTION = ("seo.description", "seo.description.px")
_SLUG = "seo.slug"
_SLUG_WORDS = (60, 60, 4, 5, 3)  # by variant; odd variants keep function words
_LEAD_SHARE = 0.6
_PAIRS = 3
_SCHEMA = "https://schema.org/"
_CURRENCY = regex.compile(r"\b[A-Z]{3}\b")
_SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₩": "KRW",
    "R$": "BRL",
    "元": "CNY",
    "円": "JPY",
    "원": "KRW",
    "$": "USD",
}


def meta_tags(desk: Desk) -> Draft:
    """Write three pairs of title and description, the keyword in front, narrow enough in pixels."""
    keyword, about, brand = desk.text("keyword"), desk.text("page_about"), desk.text("brand")
    slots = {"keyword": keyword, "brand": brand}
    titles = desk.phrases("title", slots) + desk.phrases("title", {"page_about": about, **slots})
    chosen = distinct(
        filter(lambda text: _narrow(desk, text, _TITLE), dict.fromkeys(titles)), most=_PAIRS, similar=0.88
    )
    chosen += distinct(titles, most=_PAIRS - len(chosen), similar=0.88, taken=chosen)
    leads = distinct(_leads(desk, about, slots), most=_PAIRS, similar=0.95) or [keyword]
    return {
        "pairs": [
            {"title": title, "description": _description(desk, leads[index % len(leads)], index)}
            for index, title in enumerate(chosen)
        ]
    }


def _leads(desk: Desk, about: str, slots: dict[str, str]) -> list[str]:
    """Return the beginnings of a description that fit, those that say what the page is about first."""
    told = one_line((desk.sentences(about) or [about])[0])
    most = (desk.limits[_DESCRIPTION[0]].max or 160) * _LEAD_SHARE
    short = desk.cut_to(told, lambda text: len(text) <= most)
    leads = desk.phrases("lead", {"page_about": short, **slots})
    leads.sort(key=lambda text: short.casefold() not in text.casefold())
    return [text for text in leads if _narrow(desk, desk.sentence(text), _DESCRIPTION)]


def _description(desk: Desk, lead: str, index: int) -> str:
    """Fill the description with closing sentences as long as it stays narrow enough."""
    tails = desk.phrases("tail")
    text = desk.sentence(lead)
    for tail in tails[index:] + tails[:index]:
        longer = desk.paragraph(text, tail)
        if _narrow(desk, longer, _DESCRIPTION):
            text = longer
    return text


def _narrow(desk: Desk, text: str, limits: tuple[str, ...]) -> bool:
    return all((found := desk.limits[limit]).max is None or measure(text, found.unit) <= found.max for limit in limits)


def product_jsonld(desk: Desk) -> Draft:
    """Write schema.org Product data; a fact that the brief lacks is left out."""
    name, brand, sku = desk.text("name"), desk.text("brand"), desk.text("sku")
    amount, currency = money(desk.line("price"))
    product: dict[str, object] = {"@context": _SCHEMA.rstrip("/"), "@type": "Product", "name": name}
    product["description"] = desk.say("description", {"name": name, "brand": brand})
    if sku:
        product["sku"] = sku
    if brand:
        product["brand"] = {"@type": "Brand", "name": brand}
    offer: dict[str, object] = {"@type": "Offer", "price": amount}
    if currency:
        offer["priceCurrency"] = currency
    offer["availability"] = _SCHEMA + _availability(desk)
    product["offers"] = offer
    return {"jsonld": product}


def money(text: str) -> tuple[str, str]:
    """Return amount (plain decimal) and ISO currency ("" where none is named) of a price as it was typed."""
    code = _CURRENCY.search(text)
    currency = code.group() if code else next((iso for sign, iso in _SIGNS.items() if sign in text), "")
    digits = "".join(_plain_digit(char) for char in text)
    found = regex.search(r"\d[\d.,'\s\u00a0\u202f]*", digits)
    return (_decimal(found.group()) if found else text), currency


def _plain_digit(char: str) -> str:
    return {"٫": ".", "٬": ","}.get(char) or (str(int(char)) if char.isdecimal() else char)


def _decimal(number: str) -> str:
    compact = regex.sub(r"['\s\u00a0\u202f]", "", number).rstrip(".,")
    fraction = regex.search(r"[.,](\d{1,2})$", compact)
    whole = regex.sub(r"[.,]", "", compact[: fraction.start()] if fraction else compact)
    plain = f"{whole}.{fraction.group(1)}" if fraction else whole
    try:
        return f"{Decimal(plain):f}"
    except InvalidOperation:
        return plain


def _availability(desk: Desk) -> str:
    value = desk.line("availability").casefold()
    named = {"OutOfStock": "out_of_stock", "PreOrder": "preorder", "InStock": "in_stock"}
    for result, words in named.items():
        if result.casefold() in value or any(_is_word_in(word.casefold(), value) for word in desk.bank.words[words]):
            return result
    return "InStock"


def _is_word_in(word: str, value: str) -> bool:
    return word == value if len(word) <= 3 and word.isascii() else word in value


def url_slugs(desk: Desk) -> Draft:
    """Write one readable slug per title, in Latin letters, whatever the script of the title."""
    longest = int(desk.limits[_SLUG].max or 60)
    slugs: list[str] = []
    for title in desk.items("titles"):
        base = slug(
            title, language=desk.profile.code, longest=longest, stop=() if desk.variant % 2 else desk.stop_words
        )
        base = "-".join(base.split("-")[: _SLUG_WORDS[desk.variant % len(_SLUG_WORDS)]])
        name, count = base, 2
        while name in slugs:
            name, count = f"{base[: longest - 5].rstrip('-')}-{count}", count + 1
        slugs.append(name)
    return {"slugs": slugs}

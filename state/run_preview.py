"""How a finished text would look in the place it goes to. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

HEADLINES_SHOWN = 2  # a search ad shows two or three; two always fit on a phone


@dataclass
class PreviewView:
    """What the preview card shows; an empty `kind` means there is none for this template."""

    kind: str = ""
    source: str = ""
    place: str = ""
    title: str = ""
    body: str = ""
    detail: str = ""
    combinations: int = 0


def preview_of(
    template_id: str, data: Mapping[str, object], text: str, inputs: Mapping[str, object], *, turn: int = 0
) -> PreviewView:
    """Return the preview of a text; `turn` chooses among the combinations of a search ad."""
    match template_id:
        case "google-rsa":
            return _search_ad(data, inputs, turn)
        case "meta-tags":
            return _search_result(data, inputs, turn)
        case "x-post":
            posts = _texts(data, "variants")
            return PreviewView("post", body=_pick(posts, turn), combinations=len(posts)) if posts else PreviewView()
        case "linkedin-post" | "sms-campaign":
            kind = "sms" if template_id == "sms-campaign" else "post"
            return PreviewView(kind, body=text) if text else PreviewView()
        case "newsletter" | "cold-email":
            return _email(data)
    return PreviewView()


def _search_ad(data: Mapping[str, object], inputs: Mapping[str, object], turn: int) -> PreviewView:
    headlines, descriptions, paths = (_texts(data, key) for key in ("headlines", "descriptions", "paths"))
    if len(headlines) < HEADLINES_SHOWN or not descriptions:
        return PreviewView()
    count = len(headlines)
    combinations = count * (count - 1) * len(descriptions)
    first = turn % count
    second = (first + 1 + turn // count % (count - 1)) % count
    host = _host(inputs.get("landing_url"))
    return PreviewView(
        "search_ad",
        source=host.split(".")[0].capitalize(),
        place=" › ".join([host, *paths]),
        title=f"{headlines[first]} – {headlines[second]}",
        body=_pick(descriptions, turn),
        combinations=combinations,
    )


def _search_result(data: Mapping[str, object], inputs: Mapping[str, object], turn: int) -> PreviewView:
    pairs = [pair for pair in _items(data, "pairs") if isinstance(pair, Mapping)]
    if not pairs:
        return PreviewView()
    pair = pairs[turn % len(pairs)]
    brand = str(inputs.get("brand") or "") or "Example"
    return PreviewView(
        "search_result",
        source=brand,
        place="example.com",
        title=str(pair.get("title", "")),
        body=str(pair.get("description", "")),
        combinations=len(pairs),
    )


def _email(data: Mapping[str, object]) -> PreviewView:
    subject = str(data.get("subject", ""))
    body = " ".join(str(data.get("body", "")).split())
    if not subject:
        return PreviewView()
    return PreviewView("email", title=subject, body=str(data.get("preheader") or body[:90]), detail=body[:280])


def _host(url: object) -> str:
    return urlsplit(str(url or "")).hostname or "example.com"


def _items(data: Mapping[str, object], key: str) -> Sequence[object]:
    value = data.get(key)
    return value if isinstance(value, list | tuple) else ()


def _texts(data: Mapping[str, object], key: str) -> list[str]:
    return [item for item in _items(data, key) if isinstance(item, str) and item]


def _pick(texts: Sequence[str], turn: int) -> str:
    return texts[turn % len(texts)]

"""What the media screens show: prints of the wall, what is being made, and the recipe of one of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from state import money
from state.run_view import CheckView

if TYPE_CHECKING:
    from app.media.schemas import AssetView

ASSETS = "/api/v1/assets"
RATIOS = {"speech": 3.2, "transcript": 1.6, "video": 1.7778}
"""Width over height of what has no size of its own, or not yet."""


@dataclass
class AssetRow:
    """A print on the wall. `ratio` is width over height; the links are good while one is signed in."""

    id: str = ""
    kind: str = "image"
    title: str = ""
    alt: str = ""
    ratio: float = 1.0
    thumb: str = ""
    src: str = ""
    download: str = ""
    captions: str = ""
    duration: str = ""
    words: str = ""
    size: str = ""
    price: str = ""
    made_by: str = ""
    embedded: bool = False
    uploaded: bool = False
    draft: bool = False


@dataclass
class JobRow:
    """Something in the making, in the place where it will hang. `permille` is how far it is, from 0 to 1000.

    `cut`: "draft" or "final" where a clip is made in two steps; the draft hangs there while its final cut is made.
    """

    id: str = ""
    asset_id: str = ""
    kind: str = "image"
    title: str = ""
    ratio: float = 1.0
    state: str = "queued"
    cut: str = ""
    step: str = ""
    permille: int = 0
    eta_s: int = 0
    price: str = ""
    error_code: str = ""
    error: str = ""
    error_params: dict[str, str | int | float] = field(default_factory=dict)


@dataclass
class Kin:
    """An asset or a document that this one was made from, or that uses it."""

    id: str = ""
    kind: str = "asset"
    title: str = ""
    thumb: str = ""
    href: str = ""


@dataclass
class Detail:
    """The recipe of the chosen one. Of a picture: who would edit, vary or cut it out ("" nobody), and who could;
    `reshaped`: it can be made in other shapes.
    """

    id: str = ""
    kind: str = "image"
    title: str = ""
    alt: str = ""
    prompt: str = ""
    template_id: str = ""
    template: str = ""
    made_by: str = ""
    embedded: bool = False
    uploaded: bool = False
    voice: str = ""
    locale: str = ""
    seed: str = ""
    size: str = ""
    duration: str = ""
    weight: str = ""
    price: str = ""
    created_at: str = ""
    rights: str = ""
    licence: str = ""
    folder: str = ""
    tags: list[str] = field(default_factory=list)
    made_from: list[Kin] = field(default_factory=list)
    used_in: list[Kin] = field(default_factory=list)
    src: str = ""
    thumb: str = ""
    download: str = ""
    captions: str = ""
    words: str = ""
    edit_by: str = ""
    edit_masked: bool = False
    edit_could: str = ""
    vary_by: str = ""
    vary_embedded: bool = False
    cut_by: str = ""
    cut_could: str = ""
    reshaped: bool = False
    came: str = ""
    checks: list[CheckView] = field(default_factory=list)
    passed: int = 0
    total: int = 0
    failed: int = 0
    draft: bool = False
    finishing: bool = False


@dataclass(frozen=True)
class Narrowing:
    """What the wall is narrowed to; "" stands for all."""

    query: str = ""
    kind: str = ""
    provider: str = ""
    rights: str = ""
    since: str = ""
    folder: str = ""
    tag: str = ""


@dataclass
class Choice:
    """A value one may filter by or choose, and how many have it."""

    value: str = ""
    label: str = ""
    count: int = 0


def asset_row(view: AssetView, *, words: str = "") -> AssetRow:
    """Return a print; `words` are the beginning of a transcript."""
    at = f"{ASSETS}/{view.id}"
    is_text = view.kind == "transcript"
    cut = f"cut={view.sha256[:8]}" if view.kind == "video" else ""  # the final cut has the draft's address
    return AssetRow(
        id=str(view.id),
        kind=view.kind,
        title=view.title,
        alt=view.alt_text,
        ratio=shape(view.width_px, view.height_px, view.kind),
        thumb=f"{at}/preview?{cut}".rstrip("?") if view.has_preview else "",
        src="" if is_text else f"{at}/content?{cut}".rstrip("?"),
        download=f"{at}/captions?format=srt" if is_text else f"{at}/content?download=true",
        captions=f"{at}/captions?format=" if view.has_captions else "",
        duration=clock(view.duration_ms),
        words=words,
        size=pixels(view.width_px, view.height_px),
        price=money.price(view.cost_micros) if view.cost_micros else "",
        made_by=view.model or view.provider,
        embedded=view.embedded,
        uploaded=view.origin == "uploaded",
        draft=view.draft,
    )


def clock(duration_ms: int) -> str:
    """Return a length of time as players write it: 0:31, 1:02:05; "" for none."""
    if duration_ms <= 0:
        return ""
    seconds = round(duration_ms / 1000) or 1
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def pixels(width_px: int, height_px: int) -> str:
    """Return a size in pixels, "" for what has none."""
    return f"{width_px} × {height_px} px" if width_px and height_px else ""


def shape(width_px: int, height_px: int, kind: str) -> float:
    """Return the ratio in which something hangs on the wall; extremes are cut so that a row stays a row."""
    if width_px and height_px:
        return round(min(4.0, max(0.4, width_px / height_px)), 4)
    return RATIOS.get(kind, 1.0)


def weight(size_bytes: int) -> str:
    """Return how heavy a file is: 812 kB, 3.4 MB."""
    if size_bytes >= 1_000_000:
        return f"{size_bytes / 1_000_000:.1f} MB"
    return f"{max(1, round(size_bytes / 1000))} kB" if size_bytes else ""

"""The machine's checks of a finished picture: its pixels, its weight, its colours, and where its words stand.

Looked at is the file that is kept, after it was cut and scaled; what cannot be known is said to be not checked.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.core.media_ports import Edges
from app.core.media_tools import Cleaned, Swatch
from app.media.aspects import Size
from app.media.color_difference import Lab, difference, lab_of
from app.media.outcomes import CheckId, Outcome, Param, Status, Verdict

BYTES_OF_KB = 1_024
DELTA_E = 20.0
"""How far a colour may be from the brand's, as the catalogue's template for social images has it."""
NEAR_SHARE = 0.5
"""Of what is coloured, so much is to be near the brand's: a picture may have an accent of its own."""
TINTS, SHADES = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75), (0.15, 0.3, 0.45, 0.6, 0.75)
"""How much white or black goes into a brand's colour that is still taken for it."""
COLOURED_CHROMA = 12.0
"""From here on a colour is seen as one, and not as a white, a grey or a black."""
SAFE_MARGIN = 0.05
"""Of the shorter side, as the catalogue's template for banners has it."""
BLANK_DELTA_E = 2.0
"""Nearer ones look the same side by side."""
SAME_SHAPE = 0.01
ADVICE = frozenset({"palette_near"})
"""What is told and does not count as a fault, as the catalogue has it."""


def outcome_of(
    cleaned: Cleaned, *, wanted: Size | None, brand: Sequence[str], words_px: Sequence[Edges] | None
) -> Outcome:
    """Return what became of a picture. `wanted` None: it keeps the shape of what it was made from, so none is checked.
    `words_px` None: nobody knows where its words stand.
    """
    verdicts = [_size(cleaned, wanted), _weight(cleaned, wanted)] if wanted else []
    verdicts += [_not_blank(cleaned.colors), _palette(cleaned.colors, brand), _safe_area(cleaned, words_px)]
    width_px, height_px = cleaned.came_px
    return Outcome(came_width_px=width_px, came_height_px=height_px, verdicts=tuple(verdicts))


def _size(cleaned: Cleaned, wanted: Size) -> Verdict:
    has, asked = (f"{one.width_px} × {one.height_px}" for one in (cleaned, wanted))
    ratio = cleaned.width_px * wanted.height_px / (cleaned.height_px * wanted.width_px)
    note = "" if has == asked else "too_small" if abs(ratio - 1) <= SAME_SHAPE else "other_shape"
    return _verdict("size", note, {"size": has}, params={"size": asked})


def _weight(cleaned: Cleaned, wanted: Size) -> Verdict:
    used = -(-len(cleaned.data) // BYTES_OF_KB)
    params: dict[str, Param] = {"max": wanted.most_kb}
    return _verdict("weight", "too_heavy" if used > wanted.most_kb else "", {"used": used, **params}, params=params)


def _not_blank(colors: Sequence[Swatch]) -> Verdict:
    seen = [lab_of(one.color) for one in colors]
    is_blank = all(difference(seen[0], one) <= BLANK_DELTA_E for one in seen[1:])
    return _verdict("not_blank", "blank" if is_blank else "")


def _palette(colors: Sequence[Swatch], brand: Sequence[str]) -> Verdict:
    """Most of what is coloured is near one of the brand's colours, a tint or a shade of it; a brand of greys is held
    against everything.
    """
    if not brand:
        return _verdict("palette_near", "no_brand_colors", status="not_checked")
    coloured = [color for color in brand if lab_of(color).chroma >= COLOURED_CHROMA]
    own = [lab for color in coloured or brand for lab in _family(color)]
    seen = [(one, lab_of(one.color)) for one in colors]
    if coloured:
        seen = [(one, lab) for one, lab in seen if lab.chroma >= COLOURED_CHROMA]
    if not seen:
        return _verdict("palette_near", "no_color")
    distances = [(one, min(difference(lab, mine) for mine in own)) for one, lab in seen]
    far = [(one, distance) for one, distance in distances if distance > DELTA_E]
    if sum(one.share for one, _ in far) <= (1 - NEAR_SHARE) * sum(one.share for one, _ in distances):
        return _verdict("palette_near")
    most, distance = max(far, key=lambda found: found[0].share)
    share = max(1, round(most.share * 100))
    told: dict[str, Param] = {"color": most.color, "share": share, "distance": round(distance), "max": round(DELTA_E)}
    return _verdict("palette_near", "far_color", told)


def _family(color: str) -> list[Lab]:
    """Return a colour with its tints and shades."""
    channels = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    mixed = [[c + (255 - c) * white for c in channels] for white in TINTS]
    mixed += [[c * (1 - black) for c in channels] for black in SHADES]
    return [lab_of("#{:02x}{:02x}{:02x}".format(*map(round, one))) for one in mixed]


def _safe_area(cleaned: Cleaned, words_px: Sequence[Edges] | None) -> Verdict:
    if words_px is None:
        return _verdict("safe_area", "words_unknown", status="not_checked")
    margin = min(cleaned.width_px, cleaned.height_px) * SAFE_MARGIN
    gaps = [
        min(left, top, cleaned.width_px - right, cleaned.height_px - bottom) for left, top, right, bottom in words_px
    ]
    free = min(gaps, default=margin)
    return _verdict("safe_area", "near_edge" if free < margin else "", {"used": round(free), "min": round(margin)})


def _verdict(
    check: CheckId,
    note: str = "",
    note_params: dict[str, Param] | None = None,
    *,
    params: dict[str, Param] | None = None,
    status: Status | None = None,
) -> Verdict:
    """Return a verdict: without a note it passed."""
    return Verdict(
        id=check,
        severity="warn" if check in ADVICE else "hard",
        status=status or ("failed" if note else "passed"),
        params=params or {},
        note=note,
        note_params=(note_params or {}) if note else {},
    )

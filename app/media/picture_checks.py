"""The machine's checks of a finished picture: its pixels, weight and colours, its words, and what was to stay of its
source.

Looked at is the file that is kept, after it was cut and scaled; what cannot be known is said to be not checked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.core.media_ports import Part, SetText
from app.core.media_tools import Cleaned, Swatch
from app.core.text import word_count
from app.media.aspects import MOST_WORDS, Size, size_of
from app.media.color_difference import Lab, difference, lab_of
from app.media.outcomes import CheckId, Outcome, Param, Status, Verdict
from app.media.recipes import Recipe

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
LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3, of words of any size, as the catalogue's templates have it."""
KEPT_SHARE = 0.9
"""Of what was to stay, as the catalogue's template for product scenes has it."""
TOLD_CHARACTERS = 40
"""As much of a text is told as finds it again."""
ADVICE = frozenset({"palette_near", "source_pixels_kept"})
"""What is told and does not count as a fault, as the catalogue has it."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a picture is held against. `size` None: it keeps the shape of what it was made from, so none is checked.

    `most_words` None: nobody limits them; `words_advice`: it is the network that does, and no template. `labels` are
    the texts that were to stand on it. `keeps_source`: something of its source was to stay; `painted`: by its mask.
    """

    size: Size | None = None
    brand: Sequence[str] = ()
    labels: Mapping[Part, str] = field(default_factory=dict)
    most_words: int | None = None
    words_advice: bool = False
    keeps_source: bool = False
    painted: bool = False


def sought_of(recipe: Recipe, size: Size | None) -> Sought:
    """Return what the picture of a recipe is held against."""
    look, by_template = recipe.look, MOST_WORDS.get(recipe.template_id)
    asked: dict[Part, str] = {
        "headline": look.headline,
        "subline": look.subline,
        "call_to_action": look.call_to_action,
        "brand": "" if look.logo_id else look.brand,
    }
    painted = recipe.verb == "edit" and recipe.mask_id is not None
    return Sought(
        size=size,
        brand=look.colors,
        labels={part: text for part, text in asked.items() if text.strip()},
        most_words=by_template or size_of(recipe.aspect).most_words,
        words_advice=by_template is None,
        keeps_source=painted or recipe.verb == "cut_out",
        painted=painted,
    )


def outcome_of(cleaned: Cleaned, sought: Sought, words: Sequence[SetText] | None) -> Outcome:
    """Return what became of a picture; `cleaned` was measured at the lines of `words`. None: nobody knows its words."""
    size = sought.size
    verdicts = [_size(cleaned, size), _weight(cleaned, size)] if size else []
    verdicts += [_not_blank(cleaned.colors), _palette(cleaned.colors, sought.brand)]
    verdicts += [_safe_area(cleaned, words), _text_contrast(cleaned.contrasts, words)]
    if sought.most_words is not None:
        verdicts.append(_overlay_words(words, sought.most_words, is_advice=sought.words_advice))
    if sought.labels:
        verdicts.append(_labels_present(words, sought.labels))
    if sought.keeps_source:
        verdicts.append(_source_pixels_kept(cleaned, painted=sought.painted))
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


def _safe_area(cleaned: Cleaned, words: Sequence[SetText] | None) -> Verdict:
    if words is None:
        return _verdict("safe_area", "words_unknown", status="not_checked")
    margin = min(cleaned.width_px, cleaned.height_px) * SAFE_MARGIN
    places = [line.place_px for text in words for line in text.lines]
    gaps = [min(left, top, cleaned.width_px - right, cleaned.height_px - bottom) for left, top, right, bottom in places]
    free = min(gaps, default=margin)
    return _verdict("safe_area", "near_edge" if free < margin else "", {"used": round(free), "min": round(margin)})


def _text_contrast(contrasts: Sequence[float], words: Sequence[SetText] | None) -> Verdict:
    params: dict[str, Param] = {"min": LEAST_CONTRAST}
    if words is None:
        return _verdict("text_contrast", "words_unknown", params=params, status="not_checked")
    texts = [text.text for text in words for _ in text.lines]
    found, text = min(zip(contrasts, texts, strict=True), default=(LEAST_CONTRAST, ""))
    note = "low_contrast" if found < LEAST_CONTRAST else ""
    return _verdict("text_contrast", note, {"text": _beginning(text), "used": found}, params=params)


def _overlay_words(words: Sequence[SetText] | None, most: int, *, is_advice: bool) -> Verdict:
    """The brand's name is none of the words: it stands there as a logo does."""
    params: dict[str, Param] = {"max": most}
    if words is None:
        return _verdict("overlay_words", "words_unread", params=params, status="not_checked", is_advice=is_advice)
    used = sum(word_count(text.text) for text in words if text.part != "brand")
    note = "too_many_words" if used > most else ""
    return _verdict("overlay_words", note, {"used": used, **params}, params=params, is_advice=is_advice)


def _labels_present(words: Sequence[SetText] | None, labels: Mapping[Part, str]) -> Verdict:
    if words is None:
        return _verdict("labels_present", "words_unread", status="not_checked")
    there = {text.part: _letters(text.text) for text in words}
    missing = [_beginning(text) for part, text in labels.items() if there.get(part, "") != _letters(text)]
    told = ", ".join(f"“{text}”" for text in missing)
    return _verdict("labels_present", "missing_words" if missing else "", {"missing": told})


def _letters(text: str) -> str:
    """Return what tells a text from another: no space, no sign, nothing that a line's end may add."""
    return "".join(one for one in unicodedata.normalize("NFC", text) if unicodedata.category(one)[0] in "LMN")


def _beginning(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= TOLD_CHARACTERS else text[: TOLD_CHARACTERS - 1].rstrip() + "…"


def _source_pixels_kept(cleaned: Cleaned, *, painted: bool) -> Verdict:
    params: dict[str, Param] = {"min": round(KEPT_SHARE * 100)}
    kept = cleaned.kept
    if kept is None:
        return _verdict("source_pixels_kept", "source_shape", params=params, status="not_checked")
    if kept.share is None:
        if painted:
            return _verdict("source_pixels_kept", "all_painted", params=params, status="not_checked")
        return _verdict("source_pixels_kept", "nothing_left", params=params)
    if kept.share >= KEPT_SHARE or kept.changed_px is None:
        return _verdict("source_pixels_kept", params=params)
    left, top, right, bottom = (round(edge) for edge in kept.changed_px)
    told: dict[str, Param] = {"share": int(kept.share * 100), "start": f"{left}, {top}", "end": f"{right}, {bottom}"}
    return _verdict("source_pixels_kept", "pixels_changed", told, params=params)


def _verdict(
    check: CheckId,
    note: str = "",
    note_params: dict[str, Param] | None = None,
    *,
    params: dict[str, Param] | None = None,
    status: Status | None = None,
    is_advice: bool = False,
) -> Verdict:
    """Return a verdict: without a note it passed."""
    return Verdict(
        id=check,
        severity="warn" if check in ADVICE or is_advice else "hard",
        status=status or ("failed" if note else "passed"),
        params=params or {},
        note=note,
        note_params=(note_params or {}) if note else {},
    )

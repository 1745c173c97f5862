"""What the checks of pictures say, by code: the English default and the source for translators."""

from __future__ import annotations

from app.core.errors import fill
from app.media.outcomes import Outcome, Verdict
from app.media.schemas import PictureCheck, PictureOutcome

PICTURE_TEXTS: dict[str, str] = {
    "picture.size": "{size} pixels",
    "picture.weight": "At most {max} KB",
    "picture.not_blank": "Not blank",
    "picture.palette_near": "Near the brand’s colours",
    "picture.safe_area": "Words clear of the edges",
    "picture.text_contrast": "Words stand out, {min} to 1 at least",
    "picture.overlay_words": "Words on it: at most {max}",
    "picture.labels_present": "All words that were asked for",
    "picture.source_pixels_kept": "What was to stay is as it was, {min}\u00a0% of it at least",
    "picture.other_shape": "It has {size}: another shape.",
    "picture.too_small": "It has {size}: the right shape, but made larger it would blur.",
    "picture.too_heavy": "{used} KB of {max}.",
    "picture.blank": "It is one colour from edge to edge.",
    "picture.no_color": "It has no colour at all.",
    "picture.far_color": "Most of its colour is another: {color}, {share}\u00a0% of the picture, is {distance} away; "
    "up to {max} is near.",
    "picture.near_edge": "Words stand {used} px from an edge; {min} are to be free.",
    "picture.low_contrast": "“{text}”: {used} to 1.",
    "picture.too_many_words": "There are {used}; more than {max} are not read at a glance.",
    "picture.missing_words": "Not on it, or not whole: {missing}",
    "picture.pixels_changed": "{share}\u00a0% is as it was; the rest lies between {start} and {end} px.",
    "picture.nothing_left": "Nothing of the source is left.",
    "picture.no_brand_colors": "No colours of a brand were given.",
    "picture.words_unknown": "A model made it: where its words stand cannot be known.",
    "picture.words_unread": "A model made it: which words stand on it cannot be known.",
    "picture.source_shape": "It came in another shape than its source: the two cannot be laid over each other.",
    "picture.all_painted": "All of it was painted over: nothing was to stay.",
}
"""Names of checks first, then why one did not pass or was not made."""


def told(outcome: Outcome) -> PictureOutcome:
    """Return what became of a picture, in words."""
    return PictureOutcome(
        outcome.came_width_px, outcome.came_height_px, tuple(_told(verdict) for verdict in outcome.verdicts)
    )


def _told(verdict: Verdict) -> PictureCheck:
    label, note = f"picture.{verdict.id}", f"picture.{verdict.note}" if verdict.note else ""
    return PictureCheck(
        id=verdict.id,
        severity=verdict.severity,
        status=verdict.status,
        label=fill(PICTURE_TEXTS[label], verdict.params),
        label_code=label,
        params=verdict.params,
        note=fill(PICTURE_TEXTS[note], verdict.note_params) if note else "",
        note_code=note,
        note_params=verdict.note_params,
    )

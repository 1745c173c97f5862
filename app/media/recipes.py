"""What an asset was made with, kept as JSON beside it, so that it can be explained, made again and varied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Verb = Literal["generate", "edit", "vary", "cut_out", "say", "write_down", "film", "upload"]

PROMPT_CHARACTERS = 4_000
TEXT_CHARACTERS = 60_000
"""Of a text to say: about an hour and a quarter."""
UNSAID = "square"
"""The form of a picture for which nobody named one."""
MOST_SCENES = 60
MOST_WORDS_SAID = 200
"""Of one list: a text's own, a brand's or the workspace's. A recipe holds all three."""

Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Look(_Part):
    """Words and brand on a drawn picture or a clip; a model reads the prompt instead."""

    headline: Annotated[str, Field(max_length=200)] = ""
    subline: Annotated[str, Field(max_length=400)] = ""
    call_to_action: Annotated[str, Field(max_length=80)] = ""
    brand: Annotated[str, Field(max_length=80)] = ""
    colors: Annotated[tuple[Color, ...], Field(max_length=5)] = ()
    style: Annotated[str, Field(max_length=60)] = ""
    logo_id: UUID | None = None


class Said(_Part):
    """How a word is to be said: `written` as it stands, `spoken` as it sounds, in one language or ("") in all."""

    written: Annotated[str, Field(min_length=1, max_length=60)]
    spoken: Annotated[str, Field(min_length=1, max_length=120)]
    locale: Annotated[str, Field(max_length=10)] = ""


WordsSaid = Annotated[tuple[Said, ...], Field(max_length=MOST_WORDS_SAID)]


class Kit(_Part):
    """How a brand looks and sounds."""

    colors: Annotated[tuple[Color, ...], Field(max_length=5)] = ()
    style: Annotated[str, Field(max_length=60)] = ""
    logo_id: UUID | None = None
    voice: Annotated[str, Field(max_length=120)] = ""
    speed: Annotated[float, Field(ge=0.5, le=2.0)] = 1.0
    said: WordsSaid = ()


class Shot(_Part):
    """One scene of a clip."""

    heading: Annotated[str, Field(max_length=200)] = ""
    narration: Annotated[str, Field(max_length=2_000)] = ""
    image_id: UUID | None = None
    seconds: Annotated[float, Field(ge=0, le=60)] = 0.0


class Recipe(_Part):
    """Everything that went in. Which of it counts depends on the verb; `model`: the one that was asked for, or none.

    `sources`: the assets that it is made from, the one to change or to write down first.
    """

    verb: Verb
    template_id: Annotated[str, Field(max_length=80)] = ""
    template_version: int = 0
    inputs: dict[str, Any] = Field(default_factory=dict)  # Any: the fields of a template
    document_id: UUID | None = None
    locale: Annotated[str, Field(max_length=10)] = "en"
    brand_id: UUID | None = None
    model: Annotated[str, Field(max_length=200)] = ""
    sources: Annotated[tuple[UUID, ...], Field(max_length=20)] = ()
    prompt: Annotated[str, Field(max_length=PROMPT_CHARACTERS)] = ""
    negative: Annotated[str, Field(max_length=1_000)] = ""
    aspect: Annotated[str, Field(max_length=40)] = UNSAID
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    look: Look = Look()
    mask_id: UUID | None = None
    text: Annotated[str, Field(max_length=TEXT_CHARACTERS)] = ""
    voice: Annotated[str, Field(max_length=120)] = ""
    speed: Annotated[float, Field(ge=0.5, le=2.0)] = 1.0
    form: Literal["mp3", "wav"] = "mp3"
    said: Annotated[tuple[Said, ...], Field(max_length=3 * MOST_WORDS_SAID)] = ()
    translate_to: Literal["", "en"] = ""
    shots: Annotated[tuple[Shot, ...], Field(max_length=MOST_SCENES)] = ()
    captions: bool = True
    music: bool = False
    draft: bool = False


def said_in(locale: str, words: Sequence[Said]) -> tuple[Said, ...]:
    """Return the words that are said so in a language: once each, the language's own way before that of all."""
    language = _language(locale)
    fitting = [one for one in words if _language(one.locale) in ("", language)]
    found: dict[str, Said] = {}
    for one in sorted(fitting, key=lambda word: not word.locale):
        found.setdefault(one.written.casefold(), one)
    return tuple(found.values())


def _language(locale: str) -> str:
    return locale.split("-")[0].casefold()


def read_recipe(stored: str) -> Recipe:
    """Return a recipe as it was kept; what became of it is read by outcomes.py."""
    return Recipe.model_validate_json(stored, extra="ignore")

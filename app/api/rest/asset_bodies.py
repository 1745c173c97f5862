"""What is sent to make, change and show an asset, and what is answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.api.shapes import Body
from app.media.again import How
from app.media.cuts import Cuts
from app.media.making import TITLE_CHARACTERS
from app.media.recipes import (
    MOST_SCENES,
    PROMPT_CHARACTERS,
    TEXT_CHARACTERS,
    Kit,
    Look,
    Recipe,
    Shot,
    WordsSaid,
)
from app.media.schemas import AssetView, Rights
from app.media.scripts import spoken_text

Title = Annotated[str, Field(max_length=TITLE_CHARACTERS)]
Model = Annotated[
    str, Field(max_length=200, description="`provider/model` to ask first; empty: the workspace's order.")
]
Locale = Annotated[str, Field(min_length=2, max_length=10, examples=["en"])]
Voice = Annotated[str, Field(max_length=120, description="Id of a voice; empty: one that speaks the language.")]


class _New(Body):
    title: Title = ""
    folder_id: UUID | None = None
    model: Model = ""
    locale: Locale = "en"
    template_id: Annotated[str, Field(max_length=80)] = ""
    template_version: int = 0
    inputs: dict[str, Any] = Field(default_factory=dict)  # Any: the fields of a template
    document_id: Annotated[UUID | None, Field(description="The document that it is made from.")] = None
    brand_id: Annotated[UUID | None, Field(description="The brand whose ways it takes.")] = None

    def shared(self) -> dict[str, Any]:  # Any: fields of a recipe
        """Return what goes into every recipe."""
        names = ("model", "locale", "template_id", "template_version", "inputs", "document_id", "brand_id")
        return {name: getattr(self, name) for name in names}


class NewImage(_New):
    """A picture. `source_id` is the one to change; a mask is transparent where to paint."""

    kind: Literal["image"]
    verb: Literal["generate", "edit", "vary", "cut_out"] = "generate"
    prompt: Annotated[str, Field(max_length=PROMPT_CHARACTERS)] = ""
    negative: Annotated[str, Field(max_length=1_000)] = ""
    aspect: Annotated[str, Field(max_length=40, description="A form, a network or a ratio.")] = "square"
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    look: Look = Look()
    source_id: UUID | None = None
    mask_id: UUID | None = None

    def recipe(self) -> Recipe:
        """Return it as a recipe."""
        return Recipe(
            verb=self.verb,
            prompt=self.prompt,
            negative=self.negative,
            aspect=self.aspect,
            seed=self.seed,
            look=self.look,
            sources=(self.source_id,) if self.source_id else (),
            mask_id=self.mask_id,
            **self.shared(),
        )


class NewSpeech(_New):
    """A text to say; without a text the document's is said."""

    kind: Literal["speech"]
    text: Annotated[str, Field(max_length=TEXT_CHARACTERS)] = ""
    voice: Voice = ""
    speed: Annotated[float, Field(ge=0.5, le=2.0)] = 1.0
    form: Literal["mp3", "wav"] = "mp3"
    said: WordsSaid = ()

    def recipe(self, text: str) -> Recipe:
        """Return it as a recipe, with the document's text where it has none of its own."""
        return Recipe(
            verb="say",
            text=self.text or spoken_text(text)[:TEXT_CHARACTERS],
            voice=self.voice,
            speed=self.speed,
            form=self.form,
            said=self.said,
            **self.shared(),
        )


class NewTranscript(_New):
    """A recording or a clip to write down. `locale` "auto": let the model hear which language it is."""

    kind: Literal["transcript"]
    source_id: UUID
    translate_to: Literal["", "en"] = ""

    def recipe(self) -> Recipe:
        """Return it as a recipe."""
        return Recipe(
            verb="write_down", sources=(self.source_id,), translate_to=self.translate_to, **self.shared()
        )  # fmt: skip


class NewVideo(_New):
    """A clip of scenes, of a script, or of a document that a video template wrote.

    What is built in makes a draft first, then by itself the final cut, which takes the draft's place in the asset.
    A connected model has no drafts: there the one job makes the final clip, unless a draft alone is asked for.
    """

    kind: Literal["video"]
    script: Annotated[str, Field(max_length=TEXT_CHARACTERS)] = ""
    shots: Annotated[tuple[Shot, ...], Field(max_length=MOST_SCENES)] = ()
    prompt: Annotated[str, Field(max_length=PROMPT_CHARACTERS)] = ""
    aspect: Annotated[str, Field(max_length=40)] = "story"
    look: Look = Look()
    voice: Voice = ""
    speed: Annotated[float, Field(ge=0.5, le=2.0)] = 1.0
    said: WordsSaid = ()
    captions: bool = True
    music: bool = False
    draft: Annotated[
        bool | None,
        Field(
            description="Left out: a draft, then the final cut. `true`: only a draft. `false`: the final cut at once."
        ),
    ] = None

    @property
    def which(self) -> Cuts:
        """Return which cuts are asked for."""
        return "both" if self.draft is None else "draft" if self.draft else "final"

    def recipe(self) -> Recipe:
        """Return it as a recipe."""
        same = ("shots", "prompt", "aspect", "look", "voice", "speed", "said", "captions", "music")
        return Recipe(verb="film", **{name: getattr(self, name) for name in same}, **self.shared())


NewAsset = Annotated[NewImage | NewSpeech | NewTranscript | NewVideo, Field(discriminator="kind")]


class Accepted(BaseModel):
    """What was asked for: the asset is there and is being made. The price is the most it may cost, in micro-dollars."""

    asset: AssetView
    job_id: UUID
    estimate_micros: int
    estimate_known: bool


class ChangeAsset(Body):
    """What to change; what is left out stays. `folder_id` null takes it out of its folder."""

    title: Title | None = None
    alt_text: Annotated[str, Field(max_length=1_000)] | None = None
    rights: Rights | None = None
    licence_note: Annotated[str, Field(max_length=2_000)] | None = None
    tags: Annotated[tuple[str, ...], Field(max_length=20)] | None = None
    folder_id: UUID | None = None


class RunAgain(Body):
    """How to make it again: `same`, a `variation`, or the `final` cut of a draft, in its place."""

    how: How = "same"
    title: Title = ""


class UseIn(Body):
    """The document that uses the asset."""

    document_id: UUID


class AskLink(Body):
    """How long a link is to work; left out: as long as the operator allows."""

    minutes: int | None = None


class Linked(BaseModel):
    """A link that works without a sign-in until its end."""

    url: str
    until: str


class FolderName(Body):
    """A folder's name."""

    name: Annotated[str, Field(min_length=1, max_length=TITLE_CHARACTERS)]


class Brand(Body):
    """A brand: how it is called, looks and sounds."""

    name: Annotated[str, Field(min_length=1, max_length=TITLE_CHARACTERS)]
    kit: Kit = Kit()


class WordList(Body):
    """How words are said in the whole workspace."""

    said: WordsSaid


class CaptionFaultOut(BaseModel):
    """A caption, counted from 1, that cannot be read as it should."""

    number: int
    code: str
    used: float
    limit: float
    message: str

"""What crosses the doors of media."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.media.outcomes import Param, Severity, Status
from app.media.recipes import Recipe

AssetKind = Literal["image", "speech", "transcript", "video"]
AssetState = Literal["making", "ready", "failed", "cancelled"]
Origin = Literal["made", "uploaded", "mask"]
"""mask: what a picture was edited through; lists leave it out, and it goes with the last picture that needs it."""
Rights = Literal["own", "licensed", "generated", "unknown"]
TextForm = Literal["vtt", "srt", "txt"]


@dataclass(frozen=True, slots=True)
class AssetView:
    """An asset as lists show it. `job_state`, `step` and `done_permille` are of its job, while it is being made.

    `draft`: it is the draft of a clip, or that is made of it first. While its final cut is made the state is `making`,
    and what can be read already is the draft; where the final cut failed it is `ready` with the `error_code`.
    """

    id: UUID
    kind: AssetKind
    state: AssetState
    origin: Origin
    title: str
    alt_text: str
    rights: Rights
    licence_note: str
    tags: tuple[str, ...]
    folder_id: UUID | None
    media_type: str
    width_px: int
    height_px: int
    duration_ms: int
    size_bytes: int
    sha256: str
    has_preview: bool
    has_captions: bool
    provider: str
    model: str
    embedded: bool
    seed: int | None
    cost_micros: int
    cost_known: bool
    job_id: UUID | None
    job_state: str
    step: str
    done_permille: int
    error_code: str
    user_id: UUID | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    draft: bool = False

    @property
    def is_there(self) -> bool:
        """Whether there is something to look at: what is finished, or a draft whose final cut is still made."""
        return self.state == "ready" or (self.draft and self.size_bytes > 0)


@dataclass(frozen=True, slots=True)
class PictureCheck:
    """What one check of a finished picture said; `not_checked` never counts as passed. `note` says why it did not pass.

    `label` and `note` are English; the codes with their params give them in other languages.
    """

    id: str
    severity: Severity
    status: Status
    label: str
    label_code: str
    params: dict[str, Param]
    note: str
    note_code: str
    note_params: dict[str, Param]


@dataclass(frozen=True, slots=True)
class PictureOutcome:
    """What became of a picture: the size in which its maker delivered it, and what was checked of the finished file."""

    came_width_px: int
    came_height_px: int
    checks: tuple[PictureCheck, ...]


@dataclass(frozen=True, slots=True)
class AssetDetail:
    """An asset with what it was made with; a picture that was made also with what became of it."""

    asset: AssetView
    recipe: Recipe
    outcome: PictureOutcome | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """The other end of a line of descent. `title` is empty for what is no asset, or is gone."""

    kind: Literal["asset", "document"]
    id: UUID
    title: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class Lineage:
    """What an asset was made from, and where it is used: in documents, and in assets made from it."""

    made_from: tuple[Tie, ...]
    used_in: tuple[Tie, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """An asset that will be there, the job that makes it, and what it may cost at most."""

    asset: AssetView
    job_id: UUID
    estimate_micros: int
    estimate_known: bool


@dataclass(frozen=True, slots=True)
class FolderView:
    """A folder, and how many assets lie in it."""

    id: UUID
    name: str
    assets: int


@dataclass(frozen=True, slots=True)
class TagView:
    """A tag, and how many assets have it."""

    label: str
    assets: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list shows. Empty: everything but masks and the trash; with `in_trash` the trash alone.

    `search` is held against titles, alt texts, tags and prompts.
    """

    kind: str = ""
    origin: str = ""
    rights: str = ""
    folder_id: UUID | None = None
    tag: str = ""
    search: str = ""
    in_trash: bool = False

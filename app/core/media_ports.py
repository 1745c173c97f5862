"""Pictures, speech, transcripts and clips from models: the ports, and what crosses them.

Each has an embedded adapter that needs no key, network or service, and says what it is. Every adapter takes a target
of its kind and raises ProviderError kinds only; a vendor's exception never crosses.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from app.core.ports import ModelTarget
from app.core.sound_ports import SPEECH_LUFS as SPEECH_LUFS
from app.core.sound_ports import JoinedSound as JoinedSound
from app.core.sound_ports import SoundForm as SoundForm
from app.core.sound_ports import SoundMeasure as SoundMeasure
from app.core.sound_ports import SoundTools as SoundTools

Progress = Callable[[str, float], Awaitable[None]]
"""(step name, share done from 0 to 1). Raises the ledger's Cancelled when the job is to end."""

Edges = tuple[float, float, float, float]
"""Left, top, right and bottom of a rectangle, in pixels."""

Part = Literal["headline", "subline", "call_to_action", "brand"]


@dataclass(frozen=True, slots=True)
class SetLine:
    """Letters of one colour (`#rrggbb`) on one line of a picture, and where: from their tops to their feet."""

    place_px: Edges
    color: str


@dataclass(frozen=True, slots=True)
class SetText:
    """One of the texts on a picture: what of it there was room for, and its lines from top to bottom."""

    part: Part
    text: str
    lines: tuple[SetLine, ...]


AspectName = Literal["square", "portrait", "story", "landscape", "wide", "link"]


@dataclass(frozen=True, slots=True)
class Media:
    """One finished thing as bytes. Width and height in pixels, 0 where there is none; duration in ms, 0 for stills.

    `cost_micros` is what the provider said it costs, None where it said nothing. `words` are the texts that stand on a
    picture, None where nobody knows.
    """

    data: bytes
    media_type: str
    width_px: int = 0
    height_px: int = 0
    duration_ms: int = 0
    cost_micros: int | None = None
    words: tuple[SetText, ...] | None = None


@dataclass(frozen=True, slots=True)
class Design:
    """What the embedded composer draws: words and brand, where a model would read `prompt`."""

    headline: str = ""
    subline: str = ""
    call_to_action: str = ""
    brand: str = ""
    colors: tuple[str, ...] = ()
    style: str = ""
    locale: str = "en"
    logo: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ImageCall:
    """One picture to make. `source` is the picture to edit, vary or cut out; `mask` is transparent where to paint."""

    target: ModelTarget
    verb: Literal["generate", "edit", "vary", "cut_out"]
    prompt: str
    width_px: int
    height_px: int
    negative: str = ""
    seed: int | None = None
    design: Design = Design()
    source: bytes = field(default=b"", repr=False)
    mask: bytes = field(default=b"", repr=False)
    timeout_s: float = 120.0


class Images(Protocol):
    """Pictures."""

    def verbs(self, target: ModelTarget) -> frozenset[str]:
        """Return which verbs of ImageCall the target can do."""
        ...

    def keeps_to_mask(self, target: ModelTarget) -> bool:
        """Return whether the target, when it edits, changes only what a mask leaves open."""
        ...

    async def make(self, call: ImageCall, progress: Progress) -> Media:
        """Return the picture, PNG, JPEG or WebP, checked to be one.

        Raises:
            ProviderError: one of its kinds.
        """
        ...

    async def ping(self) -> None:
        """Return when the embedded adapter can serve."""
        ...


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of a provider. `locales` empty: any language."""

    id: str
    name: str
    locales: tuple[str, ...] = ()
    gender: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """When a word is said, in milliseconds from the start."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class SpeechCall:
    """One text to say, at most `max_chars` of the target long: the service cuts longer ones and joins the parts.

    `speed` 1.0 is the voice's own. `previous` and `following` are the texts around this part, for its melody.
    """

    target: ModelTarget
    text: str
    voice: str
    locale: str
    speed: float = 1.0
    previous: str = ""
    following: str = ""
    timeout_s: float = 120.0


@dataclass(frozen=True, slots=True)
class SpeechPiece:
    """The next bytes of the sound (one format for the whole stream), and the words that became known with them.

    Words are timed from the start of the whole sound and come once each, in order; none where the provider tells none.
    """

    data: bytes
    media_type: str
    words: tuple[Word, ...] = ()


class Speech(Protocol):
    """Texts said aloud."""

    def max_chars(self, target: ModelTarget) -> int:
        """Return how long one call's text may be."""
        ...

    async def voices(self, target: ModelTarget) -> Sequence[Voice]:
        """Return the voices to choose from.

        Raises:
            ProviderError: one of its kinds.
        """
        ...

    def say(self, call: SpeechCall) -> AsyncIterator[SpeechPiece]:
        """Yield the sound as it comes: audio/mpeg or audio/wav; closing the iterator ends the provider's work.

        Raises:
            ProviderError: one of its kinds.
        """
        ...

    async def ping(self) -> None:
        """Return when the embedded adapter can serve."""
        ...


@dataclass(frozen=True, slots=True)
class TranscriptionCall:
    """One sound or clip to write down. `translate_to` is "en" or empty: what the models of this kind can do."""

    target: ModelTarget
    data: bytes = field(repr=False)
    media_type: str
    locale: str = ""
    translate_to: str = ""
    timeout_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech, in milliseconds from the start."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said. `locale` is the language that was heard."""

    text: str
    locale: str
    segments: tuple[Segment, ...]
    duration_ms: int
    cost_micros: int | None = None


class Transcription(Protocol):
    """Speech written down. There is no embedded recogniser: the embedded adapter refuses with a clear message."""

    async def write_down(self, call: TranscriptionCall) -> Transcript:
        """Return what was said.

        Raises:
            ProviderError: one of its kinds.
            Unavailable: the target is embedded; a provider is needed.
        """
        ...


VOICE_LEAD_MS = 350
"""The picture comes first, the voice after it: so long after its scene begins a narration."""
VOICE_TAIL_MS = 450


@dataclass(frozen=True, slots=True)
class Scene:
    """One slide of a clip: a picture or a drawn card, what is said over it, and the captions of what is said.

    `image` empty: a card is drawn from `heading` and the design. `duration_ms` 0: as long as the narration.
    """

    heading: str
    narration: str = ""
    image: bytes = field(default=b"", repr=False)
    sound: bytes = field(default=b"", repr=False)
    sound_type: str = ""
    captions: tuple[Segment, ...] = ()
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class VideoCall:
    """One clip. The embedded adapter sets `scenes`; a model reads `prompt` and starts from `first_frame` if given."""

    target: ModelTarget
    prompt: str
    width_px: int
    height_px: int
    duration_s: float
    scenes: tuple[Scene, ...] = ()
    design: Design = Design()
    draft: bool = False
    music: bool = False
    first_frame: bytes = field(default=b"", repr=False)
    resume: Mapping[str, str] = field(default_factory=dict)
    """What `started` was told by an earlier try of the same job: the provider's task is asked after, not begun anew."""
    timeout_s: float = 900.0


class Video(Protocol):
    """Clips."""

    async def make(
        self, call: VideoCall, progress: Progress, *, started: Callable[[Mapping[str, str]], Awaitable[None]]
    ) -> Media:
        """Return the clip as video/mp4, H.264 in yuv420p. `started` is told what finds the provider's task again.

        What `progress` raises, and a cancellation, end the work here and leave the provider's task alone: the job may
        be paused, or another worker's already. Whoever knows that nobody wants the clip calls `give_up`.

        Raises:
            ProviderError: one of its kinds.
        """
        ...

    async def give_up(self, target: ModelTarget, task: Mapping[str, str]) -> None:
        """Ask the provider to end a task, where it has a way; `task` is what `started` was told. Never fails."""
        ...

    async def ping(self) -> None:
        """Return when the embedded adapter can serve."""
        ...


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What a clip or a sound says of itself; names as ffmpeg has them, empty where there is none of it.

    `plays_anywhere`: H.264 in yuv420p in an MP4, with AAC, MP3 or no sound at all.
    """

    form: str
    duration_ms: int
    width_px: int = 0
    height_px: int = 0
    video_codec: str = ""
    pixel_format: str = ""
    audio_codec: str = ""

    @property
    def plays_anywhere(self) -> bool:
        """Whether every browser and network plays it as it is."""
        return (
            (self.form, self.video_codec, self.pixel_format) == ("mp4", "h264", "yuv420p")
            and self.audio_codec in ("aac", "mp3", "")
        )  # fmt: skip


class Clips(Protocol):
    """Uploaded and received clips, read by a program within limits: nothing in them is believed before."""

    async def facts(self, path: Path) -> ClipFacts:
        """Return what the file holds; the name says nothing, the content does.

        Raises:
            InvalidInput: it holds no picture and no sound that are known here, or more than is accepted.
        """
        ...

    async def poster(self, path: Path, *, at_ms: int = 0, longest_side_px: int = 1280) -> Media:
        """Return one frame as JPEG, the nearest to `at_ms` that there is.

        Raises:
            InvalidInput: there is no frame that can be read.
        """
        ...

    async def strip(self, path: Path, *, count: int, height_px: int = 90) -> Media:
        """Return `count` frames from all over the clip side by side, as JPEG.

        Raises:
            InvalidInput: there is no frame that can be read.
        """
        ...

    async def playable(self, path: Path, into: Path) -> ClipFacts:
        """Write the clip to `into` so that it plays anywhere, with its index in front, and return its facts.

        Raises:
            InvalidInput: it cannot be read to its end within the limits.
        """
        ...

    async def ping(self) -> None:
        """Return when clips can be read.

        Raises:
            Unavailable: they cannot.
        """
        ...

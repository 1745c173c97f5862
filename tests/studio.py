"""Makers of media for tests: real bytes of the real kinds, made in a moment; what each answers can be scripted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.core.errors import Unavailable
from app.core.media_ports import (
    ImageCall,
    Media,
    Progress,
    Segment,
    SpeechCall,
    SpeechPiece,
    Transcript,
    TranscriptionCall,
    VideoCall,
    Voice,
)
from app.core.ports import ModelTarget
from tests.media_samples import clip, picture, sound

Answer = Exception | bytes | Callable[[], Awaitable[bytes]]


@dataclass
class _Scripted:
    """What was asked, and what is answered instead of the usual; in order."""

    answers: list[Answer] = field(default_factory=list)
    calls: list[Any] = field(default_factory=list)

    async def _answer(self, call: Any, usual: Callable[[], bytes]) -> bytes:
        self.calls.append(call)
        if not self.answers:
            return usual()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, bytes) else await answer()

    async def ping(self) -> None:
        return

    async def close(self) -> None:
        return


class DrawnImages(_Scripted):
    """An Images port that draws one colour. The built-in one only generates."""

    def verbs(self, target: ModelTarget) -> frozenset[str]:
        return frozenset({"generate"} if target.kind == "embedded" else {"generate", "edit", "vary", "cut_out"})

    def keeps_to_mask(self, target: ModelTarget) -> bool:
        return target.kind != "gemini"

    async def make(self, call: ImageCall, progress: Progress) -> Media:
        await progress("draw", 0.5)
        size = (call.width_px, call.height_px)
        data = await self._answer(call, lambda: picture("PNG", size=size, color=f"#{(call.seed or 0) % 2**24:06x}"))
        return Media(data, "image/png", *size)


class ToneSpeech(_Scripted):
    """A Speech port that hums: 50 ms for each character."""

    def max_chars(self, target: ModelTarget) -> int:
        return 200

    async def voices(self, target: ModelTarget) -> Sequence[Voice]:
        return (Voice("ana", "Ana", ("en",)), Voice("zaid", "Zaid", ("ar",)))

    async def say(self, call: SpeechCall) -> AsyncIterator[SpeechPiece]:
        seconds = round(max(0.2, len(call.text) * 0.05), 2)
        yield SpeechPiece(await self._answer(call, lambda: sound("wav", seconds=seconds)), "audio/wav")


class ReadTranscription(_Scripted):
    """A Transcription port that always hears the same; the built-in one does not exist."""

    async def write_down(self, call: TranscriptionCall) -> Transcript:
        if call.target.kind == "embedded":
            raise Unavailable
        text = (await self._answer(call, lambda: b"The chair is whole again. Sit down and roll.")).decode()
        return Transcript(text, "en", (Segment(0, 4_000, text),), 4_000)


@dataclass
class CardVideo(_Scripted):
    """A Video port that shows a test card for a second."""

    given_up: list[str] = field(default_factory=list)

    async def give_up(self, target: ModelTarget, task: Mapping[str, str]) -> None:
        self.given_up.append(f"{target.model} {task['id']}")

    async def make(
        self, call: VideoCall, progress: Progress, *, started: Callable[[Mapping[str, str]], Awaitable[None]]
    ) -> Media:
        await progress("frames", 0.5)
        if call.target.kind != "embedded" and not call.resume:
            await started({"id": "task-1"})
        data = await self._answer(call, lambda: clip("mp4"))
        return Media(data, "video/mp4", 128, 96, 1_000)

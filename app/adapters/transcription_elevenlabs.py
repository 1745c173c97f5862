"""Speech written down by ElevenLabs' Scribe through its own client; its words become segments."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from app.adapters.elevenlabs_client import MAX_JSON_BYTES, ONE_TRY, ElevenLabsClients, language_code
from app.adapters.models_litellm_failures import failure
from app.adapters.transcripts import file_name, locale_of, milliseconds
from app.core.media_ports import Segment, Transcript, TranscriptionCall
from app.core.ports import ProviderBadAnswer, ProviderRefusedRequest
from app.core.text import SENTENCE_END

LONGEST_PAUSE_MS = 900
LONGEST_SEGMENT_MS = 15_000


class ElevenLabsTranscription:
    """The Transcription port over ElevenLabs."""

    def __init__(self) -> None:
        self._clients = ElevenLabsClients()

    async def write_down(self, call: TranscriptionCall) -> Transcript:
        """Return what was said.

        Raises:
            ProviderError: one of its kinds; it cannot translate.
        """
        from app.adapters.speech_stream import call_failure

        target = call.target
        if call.translate_to:
            raise failure(ProviderRefusedRequest, target.provider, "it writes down and does not translate")
        client, link = await self._clients.open(target, answers=("application/json",), limit_bytes=MAX_JSON_BYTES)
        more: dict[str, Any] = {"language_code": language_code(call.locale)} if call.locale else {}  # Any: keywords
        try:
            async with asyncio.timeout(call.timeout_s):
                answer: Any = await client.speech_to_text.convert(
                    model_id=target.model,
                    file=(file_name(call.media_type), call.data, call.media_type),
                    timestamps_granularity="word",
                    tag_audio_events=False,
                    request_options=ONE_TRY,
                    **more,
                )
            if not isinstance(getattr(answer, "text", None), str):
                raise failure(ProviderBadAnswer, target.provider, "the answer holds no text")
            segments = tuple(_segments(answer.words or ()))
            heard = locale_of(str(getattr(answer, "language_code", "") or ""), call.locale)
            duration_ms = milliseconds(getattr(answer, "audio_duration_secs", None))
            return Transcript(
                answer.text.strip(), heard, segments, duration_ms or max((s.end_ms for s in segments), default=0)
            )
        except Exception as error:  # the client's own, of many classes
            raise call_failure(link, target, error) from None
        finally:
            await link.close()

    async def close(self) -> None:
        """End every connection of the running loop."""
        await self._clients.close()


def _segments(words: Iterable[Any]) -> Iterable[Segment]:  # Any: the client's own
    """Yield sentences, cut at long pauses too; spaces come as words of their own."""
    text, start_ms, end_ms = "", 0, 0
    for word in words:
        if word.type == "audio_event":
            continue
        if word.type == "word":
            begins_ms, ends_ms = milliseconds(word.start), milliseconds(word.end)
            if text.strip() and _closes(text, start_ms, end_ms, begins_ms):
                yield Segment(start_ms, end_ms, text.strip())
                text = ""
            start_ms = start_ms if text.strip() else begins_ms
            end_ms = max(ends_ms, begins_ms)
        text += word.text
    if text.strip():
        yield Segment(start_ms, end_ms, text.strip())


def _closes(text: str, start_ms: int, end_ms: int, next_ms: int) -> bool:
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    sentence_over = bool(ends) and not text[ends[-1] :].strip()
    return sentence_over or next_ms - end_ms > LONGEST_PAUSE_MS or next_ms - start_ms > LONGEST_SEGMENT_MS

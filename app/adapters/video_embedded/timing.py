"""When each scene stands, when its voice speaks, and which caption is on. Pure: times in milliseconds from the start.

scene   |‾‾‾ fade in ‾‾‾|                                  | next scene fades in
voice        |- lead -|~~~~~~~~ narration ~~~~~~~~|- tail -|
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.media_ports import VOICE_LEAD_MS, VOICE_TAIL_MS, Scene, Segment

FADE_MS = 500
LEAD_MS, TAIL_MS = VOICE_LEAD_MS, VOICE_TAIL_MS
SHORTEST_MS = 1_200
SILENT_MS = (2_000, 12_000)  # a scene that nobody speaks over, where no length is given


@dataclass(frozen=True, slots=True)
class Slot:
    """One scene on the time line. `captions` carry times of the clip, not of the scene."""

    start_ms: int
    end_ms: int
    voice_ms: int
    voice_length_ms: int
    captions: tuple[Segment, ...]

    @property
    def length_ms(self) -> int:
        """How long it stands."""
        return self.end_ms - self.start_ms


def lay_out(scenes: Sequence[Scene], voice_lengths_ms: Sequence[int], *, wanted_ms: int) -> tuple[Slot, ...]:
    """Return a slot for each scene: as long as asked for, and never shorter than its voice.

    `wanted_ms` is shared out among scenes that have neither a length nor a voice.
    """
    slots: list[Slot] = []
    at_ms = 0
    share_ms = min(max(wanted_ms // max(len(scenes), 1), SILENT_MS[0]), SILENT_MS[1])
    for scene, voice_length_ms in zip(scenes, voice_lengths_ms, strict=True):
        spoken_ms = LEAD_MS + voice_length_ms + TAIL_MS if voice_length_ms else 0
        given_ms = max(scene.duration_ms, spoken_ms - TAIL_MS) if scene.duration_ms else 0
        length_ms = given_ms or spoken_ms or share_ms
        end_ms = at_ms + max(length_ms, SHORTEST_MS)
        voice_ms = at_ms + LEAD_MS
        slots.append(Slot(at_ms, end_ms, voice_ms, voice_length_ms, _shifted(scene.captions, voice_ms, end_ms)))
        at_ms = end_ms
    return tuple(slots)


def _shifted(captions: Sequence[Segment], by_ms: int, end_ms: int) -> tuple[Segment, ...]:
    moved = [Segment(s.start_ms + by_ms, min(s.end_ms + by_ms, end_ms), s.text.strip()) for s in captions]
    return tuple(segment for segment in moved if segment.text and segment.start_ms < segment.end_ms)


def caption_at(slot: Slot, at_ms: float) -> Segment | None:
    """Return the caption that is on; the later of two that overlap."""
    on = [segment for segment in slot.captions if segment.start_ms <= at_ms < segment.end_ms]
    return on[-1] if on else None

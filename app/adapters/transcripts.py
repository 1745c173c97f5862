"""What the transcribers share: names of files and of languages, and times."""

from __future__ import annotations

import math

MAX_MS = 24 * 3_600_000
_ENDINGS = {
    "audio/mpeg": "mp3", "audio/mp3": "mp3", "audio/wav": "wav", "audio/x-wav": "wav", "audio/mp4": "m4a",
    "audio/x-m4a": "m4a", "audio/ogg": "ogg", "audio/flac": "flac", "audio/webm": "webm", "video/mp4": "mp4",
    "video/webm": "webm", "video/quicktime": "mp4",
}  # fmt: skip
LANGUAGE_NAMES = {
    "english": "en", "spanish": "es", "portuguese": "pt-BR", "french": "fr", "german": "de", "italian": "it",
    "arabic": "ar", "hindi": "hi", "japanese": "ja", "chinese": "zh-Hans", "korean": "ko",
    "eng": "en", "spa": "es", "por": "pt-BR", "fra": "fr", "deu": "de", "ita": "it", "ara": "ar", "hin": "hi",
    "jpn": "ja", "cmn": "zh-Hans", "zho": "zh-Hans", "kor": "ko", "pt": "pt-BR", "zh": "zh-Hans",
}  # fmt: skip
"""Whisper says the English name, ElevenLabs ISO 639-3; two languages stand for their one market here."""


def file_name(media_type: str) -> str:
    """Return a name for a recording: Whisper tells the form by the ending."""
    return f"recording.{_ENDINGS.get(media_type, 'mp3')}"


def locale_of(said: str, asked: str) -> str:
    """Return the locale that a provider's name of a language stands for; what was asked for where it says none."""
    said = said.strip().lower()
    return LANGUAGE_NAMES.get(said, said) or asked


def milliseconds(seconds: object) -> int:
    """Return seconds as whole milliseconds, nonsense as 0."""
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not math.isfinite(seconds):
        return 0
    return min(max(round(seconds * 1000), 0), MAX_MS)

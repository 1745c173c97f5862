"""The built-in voices: which of espeak-ng's speak for which language, at which pace.

Japanese is read from kana (`japanese.py`): espeak-ng knows no kanji. Arabic is read as written, so without vowel signs
the short vowels are missing; it can be followed, and sounds right where the signs are there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.core.media_ports import Voice

WOMAN = "+f2"
"""espeak-ng's variant of a voice; the plain one is a man's."""


@dataclass(frozen=True, slots=True)
class BuiltInVoice:
    """One voice. `espeak_name` is what espeak-ng calls it; its own words a minute, set so that it narrates calmly."""

    id: str
    name: str
    locale: str
    espeak_name: str
    words_per_minute: int
    gender: str = "male"


_MEN = (
    BuiltInVoice("en-us", "American English", "en", "en-us", 140),
    BuiltInVoice("en-gb", "British English", "en", "en", 140),
    BuiltInVoice("es-419", "Latin American Spanish", "es", "es-419", 150),
    BuiltInVoice("es", "Spanish of Spain", "es", "es", 150),
    BuiltInVoice("pt-br", "Brazilian Portuguese", "pt-BR", "pt-br", 138),
    BuiltInVoice("fr", "French", "fr", "fr", 122),
    BuiltInVoice("de", "German", "de", "de", 135),
    BuiltInVoice("it", "Italian", "it", "it", 150),
    BuiltInVoice("ar", "Arabic", "ar", "ar", 195),
    BuiltInVoice("hi", "Hindi", "hi", "hi", 140),
    BuiltInVoice("ja", "Japanese", "ja", "ja", 160),
    BuiltInVoice("cmn", "Mandarin Chinese", "zh-Hans", "cmn", 210),
    BuiltInVoice("ko", "Korean", "ko", "ko", 190),
)
_WOMEN = tuple(
    replace(man, id=f"{man.id}-f", espeak_name=f"{man.espeak_name}+f2", gender="female") for man in _MEN
)  # espeak-ng's variant "f2" of the same voice
BUILT_IN: dict[str, BuiltInVoice] = {voice.id: voice for pair in zip(_MEN, _WOMEN, strict=True) for voice in pair}


def offered() -> tuple[Voice, ...]:
    """Return the voices to choose from; each name says that it is a draft."""
    return tuple(
        Voice(voice.id, f"{voice.name} (draft voice)", (voice.locale,), voice.gender) for voice in BUILT_IN.values()
    )


def chosen(voice: str, locale: str) -> BuiltInVoice | None:
    """Return the voice of that id, without one the first of the language; None where there is none.

    A voice speaks its own language only: for another one the voice of the same gender there stands in.
    """
    wanted = BUILT_IN.get(voice)
    if voice and wanted is None:
        return None
    if wanted is not None and (not locale or wanted.locale == locale):
        return wanted
    speaking = [found for found in BUILT_IN.values() if found.locale == locale]
    return next((found for found in speaking if wanted and found.gender == wanted.gender), next(iter(speaking), None))

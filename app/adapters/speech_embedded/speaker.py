"""Says one text with espeak-ng and ends: a program of its own, started as `python -I -S speaker.py LIBRARY DATA`.

espeak-ng is under the GPL and written in C. It is loaded in this child alone, never in a process of Galley's, and a
text that trips it costs one child. In: a JSON object on standard input. Out: the length of a JSON head in four bytes,
the head (`rate_hz`, `words` as [first character, characters, start in ms, end in ms]), then samples, 16 bits, mono.
"""

from __future__ import annotations

import ctypes
import json
import sys

# Names and numbers after espeak-ng/src/include/espeak-ng/speak_lib.h, version 1.52
_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_CHARACTERS = 1
_UTF8 = 0x1
_END_PAUSE = 0x1000
_RATE, _PITCH = 1, 3
_LAST, _WORD, _END = 0, 1, 5


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class _Recording:
    """The samples and the words as they come."""

    def __init__(self) -> None:
        self.samples = bytearray()
        self.words: list[list[int]] = []
        self._open = False

    def take(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]) -> int:
        """Note what espeak hands over; 0 lets it go on."""
        if samples and count > 0:
            self.samples += ctypes.string_at(samples, count * 2)
        at = 0
        while events[at].type != _LAST:
            self._note(events[at])
            at += 1
        return 0

    def _note(self, event: _Event) -> None:
        if event.type in (_WORD, _END) and self._open:
            self.words[-1][3] = max(event.audio_position, self.words[-1][2])
            self._open = False
        if event.type == _WORD:
            self.words.append([event.text_position - 1, event.length, event.audio_position, event.audio_position])
            self._open = True


def _say(library_path: str, data_path: str, wanted: dict[str, str | int]) -> tuple[int, _Recording]:
    """Return the rate in Hz and the recording of a text.

    Raises:
        RuntimeError: espeak-ng cannot start, or knows no such voice.
    """
    library = ctypes.CDLL(library_path)
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, data_path.encode(), _DONT_EXIT)
    if rate_hz <= 0:
        raise RuntimeError("espeak-ng does not start")
    recording = _Recording()
    callback = _Callback(recording.take)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(str(wanted["voice"]).encode()) != 0:
        raise RuntimeError("espeak-ng has no such voice")
    library.espeak_SetParameter(_RATE, int(wanted["words_per_minute"]), 0)
    library.espeak_SetParameter(_PITCH, int(wanted["pitch"]), 0)
    text = str(wanted["text"]).encode()
    flags = _UTF8 | _END_PAUSE
    if library.espeak_Synth(text, ctypes.c_size_t(len(text) + 1), 0, _CHARACTERS, 0, flags, None, None) != 0:
        raise RuntimeError("espeak-ng does not speak")
    library.espeak_Terminate()
    return rate_hz, recording


def main() -> None:
    """Read the order, speak, and write what was said."""
    rate_hz, recording = _say(sys.argv[1], sys.argv[2], json.load(sys.stdin))
    head = json.dumps({"rate_hz": rate_hz, "words": recording.words}).encode()
    sys.stdout.buffer.write(len(head).to_bytes(4, "big") + head + recording.samples)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

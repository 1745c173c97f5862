"""Sound is joined, levelled, converted and measured: by the level and the length of what comes out."""

from __future__ import annotations

import math
import struct
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from app.adapters import sound_ffmpeg
from app.adapters.ffmpeg_program import ffmpeg_path
from app.adapters.limited_child import ChildMissing, ChildTimedOut
from app.adapters.sound_ffmpeg import FfmpegSound
from app.adapters.sound_heads import sound_type, wav_head
from app.adapters.speech_embedded import EmbeddedSpeech
from app.core.errors import InvalidInput, TooLarge, Unavailable
from app.core.media_ports import SpeechCall
from app.core.ports import ModelTarget
from app.core.sound_ports import SPEECH_LUFS, SoundForm

RATE_HZ = 22_050
ONE_MS = 2


def tone(seconds: float, *, level: float = 0.1, rate_hz: int = RATE_HZ) -> bytes:
    """Return a WAV file with a tone, at a level from 0 to 1."""
    samples = (int(32_767 * level * math.sin(math.tau * 440 * at / rate_hz)) for at in range(int(seconds * rate_hz)))
    data = b"".join(struct.pack("<h", sample) for sample in samples)
    return wav_head(len(data), rate_hz=rate_hz) + data


def converted(data: bytes, folder: Path, name: str, *options: str) -> bytes:
    """Return the sound in another form."""
    source, made = folder / "tone.wav", folder / name
    source.write_bytes(data)
    subprocess.run([ffmpeg_path(), "-v", "error", "-y", "-i", source, *options, made], check=True)
    return made.read_bytes()


async def spoken(text: str = "We open at nine. Everybody is welcome, and the coffee is free until noon.") -> bytes:
    """Return a spoken WAV file."""
    call = SpeechCall(ModelTarget("Built-in", "embedded", "built-in"), text, "en-us", "en")
    return b"".join([piece.data async for piece in EmbeddedSpeech().say(call)])


@pytest.mark.parametrize("form", ["mp3", "wav"])
async def test_speech_is_levelled_to_what_podcasts_are(form: SoundForm) -> None:
    sound = FfmpegSound()

    joined = await sound.join([await spoken()], form=form)
    measured = await sound.measure(joined.media.data)

    assert SPEECH_LUFS == pytest.approx(measured.loudness_lufs, abs=0.7)
    assert measured.true_peak_db <= -1.5
    assert {"mp3": "audio/mpeg", "wav": "audio/wav"}[form] == joined.media.media_type == sound_type(joined.media.data)


@pytest.mark.parametrize("level", [0.01, 0.05, 0.9])
async def test_a_steady_tone_is_brought_to_any_level(level: float) -> None:
    sound = FfmpegSound()

    joined = await sound.join([tone(3, level=level)], form="mp3", loudness_lufs=-20.0)

    assert -20.0 == pytest.approx((await sound.measure(joined.media.data)).loudness_lufs, abs=0.4)


async def test_silence_stays_silence() -> None:
    sound = FfmpegSound()

    joined = await sound.join([tone(2, level=0.0)], form="wav")
    measured = await sound.measure(joined.media.data)

    assert 1.0 == measured.silence_share
    assert measured.loudness_lufs <= -70


async def test_without_a_goal_the_level_stays() -> None:
    sound = FfmpegSound()
    before = (await sound.measure(tone(3))).loudness_lufs

    levels = [
        (await sound.measure((await sound.join([tone(3)], form=form, loudness_lufs=None)).media.data)).loudness_lufs
        for form in ("mp3", "wav")
    ]

    assert [before] * 2 == pytest.approx(levels, abs=0.3)


async def test_parts_of_different_forms_are_joined_with_pauses_and_say_where_they_begin(tmp_path: Path) -> None:
    parts = [tone(1), converted(tone(1, rate_hz=48_000), tmp_path, "part.mp3"), tone(1)]

    joined = await FfmpegSound().join(parts, form="wav", pause_ms=400)
    measured = await FfmpegSound().measure(joined.media.data, peaks=100)

    gaps = [later - earlier for earlier, later in pairwise(joined.starts_ms)]
    assert [1_400, 1_400] == pytest.approx(gaps, abs=60)  # MP3 adds up to two frames
    assert measured.duration_ms == pytest.approx(joined.media.duration_ms, abs=ONE_MS)
    assert 0.8 / 3.8 == pytest.approx(measured.silence_share, abs=0.05)


async def test_a_waveform_shows_where_it_is_loud(tmp_path: Path) -> None:
    joined = await FfmpegSound().join([tone(1, level=0.5), tone(1, level=0.05)], form="wav", loudness_lufs=None)

    peaks = (await FfmpegSound().measure(joined.media.data, peaks=4)).peaks

    assert [0.5, 0.5, 0.05, 0.05] == pytest.approx(list(peaks), abs=0.02)


async def test_a_waveform_of_more_points_than_samples_has_them_all() -> None:
    assert 5_000 == len((await FfmpegSound().measure(tone(0.5), peaks=5_000)).peaks)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("part.mp3", ()),
        ("part.m4a", ("-c:a", "aac")),
        ("part.flac", ()),
        ("part.ogg", ("-c:a", "libopus")),
        ("part.mp4", ("-f", "lavfi", "-i", "color=s=64x64:d=2", "-c:a", "aac", "-pix_fmt", "yuv420p")),
        ("part.webm", ("-c:a", "libopus")),
    ],
)
async def test_recordings_and_clips_become_a_small_track_for_a_transcriber(
    tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    track = await FfmpegSound().voice_track(converted(tone(2), tmp_path, name, *options))

    assert ("audio/mpeg", "audio/mpeg") == (track.media_type, sound_type(track.data))
    assert 2_000 == pytest.approx(track.duration_ms, abs=120)
    assert len(track.data) < 16_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html><title>Sign in</title>",
        b"\x00" * 4_096,
        b"RIFF\x00\x00\x00\x00WAVE",
        b"ID3\x04\x00\x00\x00\x00\x00\x00",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
async def test_what_is_no_sound_is_refused_and_nothing_else_is_opened(data: bytes) -> None:
    sound = FfmpegSound()

    for refused in (sound.join([tone(0.5), data], form="mp3"), sound.measure(data), sound.voice_track(data)):
        with pytest.raises(InvalidInput) as caught:
            await refused
        assert "sound.unreadable" == caught.value.code


async def test_a_playlist_is_not_followed_to_another_sound(tmp_path: Path) -> None:
    (tmp_path / "secret.wav").write_bytes(tone(1))
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\nfile://{tmp_path}/secret.wav\n#EXT-X-ENDLIST\n"

    with pytest.raises(InvalidInput):
        await FfmpegSound().measure(playlist.encode())


async def test_a_picture_holds_no_sound(tmp_path: Path) -> None:
    picture = converted(tone(0.1), tmp_path, "picture.mp4", "-f", "lavfi", "-i", "color=s=64x64:d=1", "-map", "1:v")

    with pytest.raises(InvalidInput):
        await FfmpegSound().voice_track(picture)


async def test_no_parts_are_refused() -> None:
    with pytest.raises(InvalidInput):
        await FfmpegSound().join([], form="mp3")


async def test_sound_beyond_the_limit_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_ffmpeg, "MAX_SAMPLES_MB", 1)

    with pytest.raises(TooLarge):
        await FfmpegSound().join([tone(20, rate_hz=8_000)], form="mp3")


@pytest.mark.parametrize("failure", [ChildTimedOut("ffmpeg"), ChildMissing("ffmpeg"), RuntimeError("none")])
async def test_a_converter_that_cannot_work_is_a_part_that_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(sound_ffmpeg, "run_ffmpeg", fails)

    with pytest.raises(Unavailable):
        await FfmpegSound().join([tone(0.2)], form="mp3")


async def test_it_is_ready_where_ffmpeg_is() -> None:
    await FfmpegSound().ping()

"""What the Clips adapter does with clips, with what only looks like one, and with what was made to do harm."""

from __future__ import annotations

import asyncio
import io
import subprocess
import time
from pathlib import Path

import pytest
from PIL import Image

from app.adapters.clip_ffmpeg import FfmpegClips
from app.adapters.ffmpeg_program import ffmpeg_path
from app.core.errors import InvalidInput
from app.core.media_ports import ClipFacts

SEEN = "-f lavfi -i testsrc=size=320x180:rate=10:duration={}"
HEARD = "-f lavfi -i sine=duration={}"
MAKING = {
    "plain.mp4": f"{SEEN.format(3)} {HEARD.format(3)} -pix_fmt yuv420p -c:v libx264 -c:a aac",
    "odd.mp4": "-f lavfi -i testsrc=size=321x181:rate=10:duration=1 -pix_fmt yuv444p -c:v libx264",
    "web.webm": f"{SEEN.format(2)} {HEARD.format(2)} -pix_fmt yuv420p -c:v libvpx-vp9 -deadline realtime -c:a libopus",
    "phone.mov": f"{SEEN.format(1)} -pix_fmt yuv420p -c:v libx264 -f mov",
    "sound.mp3": f"{HEARD.format(2)} -c:a libmp3lame",
    "old.avi": f"{SEEN.format(1)} -c:v mpeg4",
    "exotic.mkv": f"{SEEN.format(1)} -c:v ffv1",
}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of real clips."""
    folder = tmp_path_factory.mktemp("clips")
    for name, how in MAKING.items():
        command = [ffmpeg_path(), "-hide_banner", "-loglevel", "error", "-y", *how.split(), str(folder / name)]
        subprocess.run(command, check=True, timeout=60)
    return folder


@pytest.fixture
def clips() -> FfmpegClips:
    return FfmpegClips()


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("plain.mp4", ClipFacts("mp4", 3000, 320, 180, "h264", "yuv420p", "aac")),
        ("odd.mp4", ClipFacts("mp4", 1000, 321, 181, "h264", "yuv444p", "")),
        ("web.webm", ClipFacts("matroska", 2000, 320, 180, "vp9", "yuv420p", "opus")),
        ("phone.mov", ClipFacts("mp4", 1000, 320, 180, "h264", "yuv420p", "")),
        ("sound.mp3", ClipFacts("mp3", 2000, 0, 0, "", "", "mp3")),
        ("old.avi", ClipFacts("avi", 1000, 320, 180, "mpeg4", "yuv420p", "")),
    ],
)
async def test_the_facts_of_a_clip_are_its_contents(
    name: str, facts: ClipFacts, made: Path, clips: FfmpegClips
) -> None:
    found = await clips.facts(made / name)

    assert abs(found.duration_ms - facts.duration_ms) <= 60
    assert (found.form, found.width_px, found.height_px) == (facts.form, facts.width_px, facts.height_px)
    assert (found.video_codec, found.pixel_format) == (facts.video_codec, facts.pixel_format)
    assert found.audio_codec == facts.audio_codec
    assert found.plays_anywhere == (name in ("plain.mp4", "phone.mov"))


async def test_a_wrong_name_changes_nothing(made: Path, clips: FfmpegClips, tmp_path: Path) -> None:
    renamed = tmp_path / "holiday.txt"
    renamed.write_bytes((made / "web.webm").read_bytes())

    assert (await clips.facts(renamed)).video_codec == "vp9"


@pytest.mark.parametrize("name", ["plain.mp4", "odd.mp4", "web.webm", "old.avi"])
async def test_a_poster_is_a_frame_of_the_clip(name: str, made: Path, clips: FfmpegClips) -> None:
    poster = await clips.poster(made / name, at_ms=99_999, longest_side_px=100)
    picture = Image.open(io.BytesIO(poster.data))

    assert (picture.format, max(picture.size)) == ("JPEG", 100)
    assert picture.size == (poster.width_px, poster.height_px)
    assert len(picture.convert("RGB").getcolors(100_000) or ()) > 100


async def test_a_poster_is_taken_where_it_was_asked_for(made: Path, clips: FfmpegClips) -> None:
    early, late = [await clips.poster(made / "plain.mp4", at_ms=at_ms) for at_ms in (0, 2500)]

    assert early.data != late.data


@pytest.mark.parametrize("name", ["plain.mp4", "web.webm"])
async def test_a_strip_shows_all_of_the_clip(name: str, made: Path, clips: FfmpegClips) -> None:
    strip = await clips.strip(made / name, count=6, height_px=90)
    picture = Image.open(io.BytesIO(strip.data)).convert("RGB")
    cells = [picture.crop((number * 160, 0, number * 160 + 160, 90)) for number in range(6)]

    assert picture.size == (960, 90)
    assert len({cell.tobytes() for cell in cells}) == 6
    assert all(len(cell.getcolors(100_000) or ()) > 100 for cell in cells)  # none is black


@pytest.mark.parametrize("name", ["plain.mp4", "odd.mp4", "web.webm", "phone.mov", "old.avi"])
async def test_a_clip_is_made_to_play_anywhere(name: str, made: Path, clips: FfmpegClips, tmp_path: Path) -> None:
    facts = await clips.playable(made / name, tmp_path / "plain.mp4")
    data = (tmp_path / "plain.mp4").read_bytes()

    assert facts.plays_anywhere
    assert data.index(b"moov") < data.index(b"mdat")


async def test_a_sound_has_nothing_to_see(made: Path, clips: FfmpegClips) -> None:
    for look in (clips.poster(made / "sound.mp3"), clips.strip(made / "sound.mp3", count=3)):
        with pytest.raises(InvalidInput) as told:
            await look

        assert told.value.code == "clip.no_picture"


def _bad(name: str, made: Path) -> bytes:
    plain = (made / "plain.mp4").read_bytes()
    if name == "a playlist that leads to a file":
        return b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    if name == "a list that leads to another machine":
        return b"ffconcat version 1.0\nfile 'http://127.0.0.1:1/clip.mp4'\n"
    return {
        "nothing": b"",
        "a web page": b"<!doctype html><title>Sign in</title>",
        "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        "half a clip": plain[: len(plain) // 3],
        "only the beginning": plain[:32],
        "noise": bytes(range(256)) * 400,
        "a codec that is not known here": (made / "exotic.mkv").read_bytes(),
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "a web page",
        "a drawing",
        "only the beginning",
        "half a clip",
        "noise",
        "a playlist that leads to a file",
        "a list that leads to another machine",
        "a codec that is not known here",
    ],
)
async def test_what_is_no_clip_is_refused_in_time(name: str, made: Path, clips: FfmpegClips, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(_bad(name, made))
    began_s = time.monotonic()
    for look in (clips.poster(path), clips.strip(path, count=4), clips.playable(path, tmp_path / "out.mp4")):
        with pytest.raises(InvalidInput) as told:
            await look

        assert told.value.code == "clip.unreadable"
    assert time.monotonic() - began_s < 20


async def test_a_bomb_of_pixels_goes_off_in_a_child(clips: FfmpegClips, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.mp4"
    how = "-f lavfi -i color=black:size=8192x8192:rate=1:duration=1 -pix_fmt yuv420p -c:v mjpeg -q:v 31"
    command = [ffmpeg_path(), "-hide_banner", "-loglevel", "error", "-y", *how.split(), str(bomb)]
    subprocess.run(command, check=True, timeout=60)
    before_kb = _resident_kb()
    poster = await clips.poster(bomb, longest_side_px=64)

    assert poster.width_px == 64
    assert _resident_kb() - before_kb < 60_000


async def test_a_larger_picture_than_is_accepted_is_refused(clips: FfmpegClips, tmp_path: Path) -> None:
    large = tmp_path / "large.mkv"
    how = "-f lavfi -i color=black:size=8400x64:rate=1:duration=1 -pix_fmt yuv420p -c:v mjpeg -q:v 31"
    command = [ffmpeg_path(), "-hide_banner", "-loglevel", "error", "-y", *how.split(), str(large)]
    subprocess.run(command, check=True, timeout=60)
    with pytest.raises(InvalidInput) as told:
        await clips.facts(large)

    assert told.value.code == "clip.too_large"


async def test_an_absent_file_is_no_clip(clips: FfmpegClips, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        await clips.facts(tmp_path / "none.mp4")


async def test_a_name_that_looks_like_an_option_is_a_name(made: Path, clips: FfmpegClips, tmp_path: Path) -> None:
    for name in ("-version", "http:clip", "concat:a|b"):
        odd = tmp_path / name
        odd.write_bytes((made / "plain.mp4").read_bytes())

        assert (await clips.facts(odd)).width_px == 320


async def test_many_at_once_do_not_mix(made: Path, clips: FfmpegClips) -> None:
    found = await asyncio.gather(*(clips.facts(made / name) for name in ("plain.mp4", "odd.mp4", "web.webm")))

    assert [facts.width_px for facts in found] == [320, 321, 320]


async def test_the_ping_passes_where_there_is_a_program(clips: FfmpegClips) -> None:
    await clips.ping()


def _resident_kb() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))

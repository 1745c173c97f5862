"""Files made safe: what they hold besides themselves goes, what opens to too much is refused, previews are small."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from app.adapters.media_tools import LimitedMediaTools
from app.core.errors import InvalidInput, TooLarge
from tests.media_samples import clip, ffmpeg_made, photo_with_place, picture, pixel_bomb, sound

tools = LimitedMediaTools()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_a_picture_stays_what_it_is_and_gets_a_preview(form: str) -> None:
    cleaned = await tools.clean(picture(form, size=(900, 600)), kind=form.lower())
    opened, preview = Image.open(io.BytesIO(cleaned.data)), Image.open(io.BytesIO(cleaned.preview))

    assert (opened.format, opened.size, cleaned.media_type) == (form, (900, 600), f"image/{form.lower()}")
    assert (preview.format, preview.size) == ("WEBP", (640, 427))
    red, green, blue = opened.convert("RGB").getpixel((450, 300))
    assert abs(red - 200) + abs(green - 80) + abs(blue - 60) < 12


async def test_a_photo_loses_where_and_by_whom_it_was_taken_and_stands_upright() -> None:
    cleaned = await tools.clean(photo_with_place(), kind="jpeg")
    opened = Image.open(io.BytesIO(cleaned.data))

    assert (cleaned.width_px, cleaned.height_px) == opened.size == (48, 64)
    assert dict(opened.getexif()) == {}
    assert b"Somebody Private" not in cleaned.data
    assert b"Exif" not in cleaned.data


async def test_what_stands_behind_the_pixels_is_gone() -> None:
    out = io.BytesIO()
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", "<script>alert('Private')</script>")
    Image.new("RGBA", (8, 8), (1, 2, 3, 128)).save(out, "PNG", pnginfo=info)
    cleaned = await tools.clean(out.getvalue(), kind="png")

    assert b"Private" not in cleaned.data
    assert Image.open(io.BytesIO(cleaned.data)).getpixel((0, 0)) == (1, 2, 3, 128)


async def test_a_moving_picture_keeps_moving() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), color) for color in ("#f00", "#0f0", "#00f")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=50)
    cleaned = await tools.clean(out.getvalue(), kind="gif")

    assert Image.open(io.BytesIO(cleaned.data)).n_frames == 3


async def test_a_pixel_bomb_is_refused() -> None:
    bomb = pixel_bomb()
    with pytest.raises(TooLarge) as refused:
        await tools.clean(bomb, kind="png")

    assert len(bomb) < 2_000_000
    assert refused.value.code == "file.pixels"


@pytest.mark.parametrize("kind", ["png", "jpeg", "mp3", "mp4", "webm", "ogg", "wav"])
async def test_what_cannot_be_read_is_refused(kind: str) -> None:
    heads = {"png": picture("PNG")[:60], "jpeg": picture("JPEG")[:200], "mp4": clip("mp4")[:200]}
    with pytest.raises(InvalidInput) as refused:
        await tools.clean(heads.get(kind, b"RIFF\0\0\0\0WAVE" + b"\x01" * 50), kind=kind)

    assert refused.value.code == "file.unreadable"


async def test_a_playlist_that_names_other_files_is_not_followed() -> None:
    playlist = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"
    with pytest.raises(InvalidInput):
        await tools.clean(playlist, kind="mp4")


@pytest.mark.parametrize("kind", ["mp4", "webm"])
async def test_a_clip_loses_its_comments_and_gets_a_frame(kind: str) -> None:
    raw = clip(kind)
    cleaned = await tools.clean(raw, kind=kind)

    assert b"Somebody Private" in raw
    assert b"Somebody Private" not in cleaned.data
    assert b"+52.5" not in cleaned.data
    assert (cleaned.media_type, cleaned.width_px, cleaned.height_px) == (f"video/{kind}", 128, 96)
    assert 900 <= cleaned.duration_ms <= 1200
    assert Image.open(io.BytesIO(cleaned.preview)).size == (128, 96)


@pytest.mark.parametrize("kind", ["mp3", "wav", "ogg"])
async def test_a_sound_keeps_its_length_and_gets_a_waveform(kind: str) -> None:
    cleaned = await tools.clean(sound(kind), kind=kind)
    wave = Image.open(io.BytesIO(cleaned.preview))

    assert 950 <= cleaned.duration_ms <= 1150
    assert wave.size == (640, 160)
    assert wave.getpixel((323, 80))[3] > 200


async def test_a_sound_loses_its_cover_and_title() -> None:
    raw = ffmpeg_made("mp3", "-f", "lavfi", "-i", "sine=duration=1", "-metadata", "title=Somebody Private")
    cleaned = await tools.clean(raw, kind="mp3")

    assert b"Somebody Private" in raw
    assert b"Somebody Private" not in cleaned.data

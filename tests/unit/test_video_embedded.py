"""The built-in composer of clips: where things stand, when they come, how they sound, and what ends it."""

from __future__ import annotations

import asyncio
import io
import itertools
import math
import tempfile
import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.adapters.ffmpeg_program import run_ffmpeg
from app.adapters.video_embedded import EmbeddedVideo
from app.adapters.video_embedded.frames import Film
from app.adapters.video_embedded.layout import Box, plan
from app.adapters.video_embedded.lettering import Lettering
from app.adapters.video_embedded.music import RATE_HZ, bed, ducking
from app.adapters.video_embedded.palette import CAPTION_CONTRAST, INK, MARK, PAPER, contrast, palette
from app.adapters.video_embedded.timing import LEAD_MS, Slot, caption_at, lay_out
from app.core.media_ports import Design, Media, Scene, Segment, VideoCall
from app.core.ports import ModelTarget, ProviderRefusedRequest
from tests.patience import PATIENCE_S

SIZES = [(1280, 720), (720, 1280), (720, 720), (720, 900), (1920, 800), (480, 853), (360, 360)]
LONG = "Every part of this chair can be replaced, and we keep all of the parts for twelve years and longer. " * 4
WORDS = {
    "en": ("The office chair that outlives the office", "Every part of this chair can be replaced."),
    "ar": ("الكرسي الذي يعيش أطول من المكتب", "يمكن استبدال كل جزء من كرسي Aldersay خلال 12 عامًا."),
    "ja": ("オフィスより長生きする椅子", "この椅子はすべての部品を交換できます。"),
    "hi": ("वह कुर्सी जो दफ़्तर से ज़्यादा चले", "इस कुर्सी का हर पुर्ज़ा बदला जा सकता है।"),
}


def spoken(seconds: float, *, hertz: float = 330) -> bytes:
    at = np.arange(int(22_050 * seconds)) / 22_050
    data = io.BytesIO()
    with wave.open(data, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(22_050)
        written.writeframes((np.sin(2 * np.pi * hertz * at) * 12_000).astype("<i2").tobytes())
    return data.getvalue()


def picture(width: int = 400, height: int = 300) -> bytes:
    data = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(data, "PNG")
    return data.getvalue()


def film(size: tuple[int, int], *scenes: Scene, locale: str = "en") -> Film:
    slots = lay_out(scenes, [0] * len(scenes), wanted_ms=0)
    layout = plan(*size, has_captions=any(scene.captions for scene in scenes))
    return Film(scenes, slots, design=Design(locale=locale), layout=layout, palette=palette(()), fps=10)


def inked(frame: Image.Image, box: Box) -> NDArray[np.bool_]:
    """Return where a box differs from its own corner's colour, shape (height, width)."""
    part = np.asarray(frame.crop((box.left, box.top, box.right, box.bottom)), dtype=np.int16)
    return np.asarray(np.abs(part - part[0, 0]).sum(axis=2) > 90)


async def no_progress(step: str, share: float) -> None:
    pass


async def make(*scenes: Scene, **more: object) -> Media:
    call = VideoCall(ModelTarget("embedded", "embedded", "x"), "", 640, 360, 4.0, scenes=scenes, draft=True)
    call = replace(call, **more)  # type: ignore[arg-type]
    return await EmbeddedVideo().make(call, no_progress, started=_never)


async def _never(task: object) -> None:
    raise AssertionError("there is no task elsewhere")


async def heard(media: Media, folder: Path) -> NDArray[np.float32]:
    (folder / "clip.mp4").write_bytes(media.data)
    done = await run_ffmpeg(
        ["-i", "clip.mp4", "-vn", "-ac", "1", "-ar", "8000", "-f", "f32le", "pipe:1"],
        timeout_s=20, output_mb=8, cwd=folder,
    )  # fmt: skip
    return np.frombuffer(done.stdout, dtype=np.float32)


def level(sound: NDArray[np.float32], start_s: float, stop_s: float) -> float:
    part = sound[int(start_s * 8000) : int(stop_s * 8000)]
    return 20 * math.log10(max(float(np.sqrt(np.mean(part**2))), 1e-6))


@pytest.mark.parametrize("size", SIZES)
def test_no_zone_of_text_meets_another(size: tuple[int, int]) -> None:
    layout = plan(*size, has_captions=True)

    assert layout.captions is not None
    assert layout.folio.bottom < layout.stage.top < layout.stage.bottom < layout.captions.top
    assert layout.captions.bottom < layout.height
    for box in (layout.folio, layout.stage, layout.captions):
        assert 0 < box.left < box.right < layout.width


def test_a_story_keeps_clear_of_the_networks_own_buttons() -> None:
    layout = plan(1080, 1920, has_captions=True)

    assert layout.captions is not None
    assert layout.folio.top >= 0.09 * 1920
    assert layout.captions.bottom <= 0.82 * 1920


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("with_picture", [False, True])
def test_headings_and_pictures_stay_out_of_the_captions(size: tuple[int, int], with_picture: bool) -> None:
    scene = Scene(LONG, image=picture() if with_picture else b"", captions=(Segment(0, 300, "x"),), duration_ms=3000)
    made = film(size, scene)
    layout = plan(*size, has_captions=True)
    frame = made.frame(25)  # the caption is over, the heading is set

    assert layout.band is not None
    assert inked(frame, layout.stage).any()
    assert not inked(frame, layout.band).any()
    margin = Box(layout.width - layout.stage.left // 3, 0, layout.width, layout.band.top)
    assert not inked(frame, margin).any()


@pytest.mark.parametrize("locale", list(WORDS))
@pytest.mark.parametrize("size", SIZES[:4])
def test_captions_stay_inside_their_zone(locale: str, size: tuple[int, int]) -> None:
    text = " ".join([WORDS[locale][1]] * 2)
    made = film(size, Scene(WORDS[locale][0], captions=(Segment(0, 2500, text),), duration_ms=3000), locale=locale)
    layout = plan(*size, has_captions=True)
    frame = made.frame(15)
    assert layout.band is not None
    assert layout.captions is not None
    rows, columns = np.nonzero(inked(frame, layout.band))
    top, bottom = layout.captions.top - layout.band.top, layout.captions.bottom - layout.band.top

    assert rows.size > 100
    assert (rows.min() >= top - layout.unit, rows.max() <= bottom + layout.unit) == (True, True)
    assert layout.captions.left - layout.unit <= columns.min() <= columns.max() <= layout.captions.right + layout.unit


def test_arabic_is_set_from_the_right_and_its_letters_are_joined() -> None:
    layout = plan(1280, 720, has_captions=False)
    frames = {
        locale: film((1280, 720), Scene(WORDS[locale][0], duration_ms=3000), locale=locale).frame(25)
        for locale in ("en", "ar")
    }
    ends = {locale: np.nonzero(inked(frame, layout.stage))[1] for locale, frame in frames.items()}
    joined = Lettering("ar").fit("بب", kind="caption", width=900, height=100, largest_px=60, smallest_px=60)
    apart = Lettering("ar").fit("ب\u200cب", kind="caption", width=900, height=100, largest_px=60, smallest_px=60)

    assert ends["en"].min() < 10
    assert layout.stage.width - ends["ar"].max() < 12
    assert ends["ar"].min() > layout.stage.width / 4
    assert joined.width < apart.width


@pytest.mark.parametrize("locale", list(WORDS))
def test_no_letter_is_missing(locale: str) -> None:
    letters = Lettering(locale)
    seen = {
        letters.fit(sign, kind="caption", width=300, height=120, largest_px=80, smallest_px=80).lines[0].mask.tobytes()
        for sign in set("".join(WORDS[locale])) - {" "}
        if sign.isalpha()
    }

    assert len(seen) > 5  # boxes for missing letters would all look alike


def test_scenes_fade_into_each_other() -> None:
    made = film((640, 360), Scene("", image=picture(), duration_ms=2000), Scene("", image=picture(), duration_ms=2000))
    frames = [np.asarray(made.frame(number), dtype=np.int16) for number in range(15, 30)]
    changes = [float(np.abs(b - a).mean()) for a, b in itertools.pairwise(frames)]

    assert max(changes) < 12  # no hard cut
    assert min(changes) > 0.01  # and never a still


def test_a_heading_is_set_line_by_line() -> None:
    layout = plan(640, 640, has_captions=False)
    made = film((640, 640), Scene(WORDS["en"][0], duration_ms=4000))
    amounts = [int(inked(made.frame(number), layout.stage).sum()) for number in (0, 4, 6, 8, 20, 30)]

    assert amounts[0] == 0
    assert amounts == sorted(amounts)
    assert amounts[-1] == amounts[-2] > amounts[1] > 0


def test_a_brands_colours_carry_captions_in_good_contrast() -> None:
    pale = palette(("#FFD400", "#fff"))
    middling = palette(("#c2410c",))
    dark = palette(("#0b0b45", "c2410c"))
    both = palette(("#FFD400", "#0b0b45"))

    assert (pale.band, pale.edge, pale.mark) == (INK, (0xFF, 0xD4, 0x00), MARK)
    assert contrast(middling.band, PAPER) >= CAPTION_CONTRAST > contrast((0xC2, 0x41, 0x0C), PAPER)
    assert (dark.band, dark.edge, dark.mark) == ((0x0B, 0x0B, 0x45), (0x0B, 0x0B, 0x45), (0xC2, 0x41, 0x0C))
    assert (both.band, both.edge, both.mark) == ((0x0B, 0x0B, 0x45), (0xFF, 0xD4, 0x00), MARK)
    assert palette(("red", "", "#12")) == palette(())


def test_no_voice_is_cut_short() -> None:
    scenes = (Scene("a"), Scene("b", duration_ms=1000), Scene("c", duration_ms=9000), Scene("d"))
    slots = lay_out(scenes, [3000, 3000, 3000, 0], wanted_ms=12_000)

    assert [slot.length_ms for slot in slots] == [3800, 3350, 9000, 3000]
    assert [slot.start_ms for slot in slots] == [0, 3800, 7150, 16_150]
    assert all(slot.voice_ms + slot.voice_length_ms <= slot.end_ms for slot in slots)


def test_captions_follow_the_voice_of_their_scene() -> None:
    scene = Scene("a", captions=(Segment(0, 1000, "one"), Segment(1000, 9999, "two"), Segment(0, 100, " ")))
    _, slot = lay_out((Scene("first", duration_ms=5000), scene), [0, 2000], wanted_ms=0)
    said = [caption_at(slot, at_ms) for at_ms in (5000, 5000 + LEAD_MS, 6000 + LEAD_MS, slot.end_ms - 1)]

    assert [segment and segment.text for segment in said] == [None, "one", "two", "two"]


def test_the_bed_is_the_same_wherever_it_is_cut() -> None:
    whole = bed(0, 9 * RATE_HZ, 20 * RATE_HZ)
    parts = np.concatenate([bed(0, 4 * RATE_HZ + 17, 20 * RATE_HZ), bed(4 * RATE_HZ + 17, 9 * RATE_HZ, 20 * RATE_HZ)])

    assert np.abs(whole - parts).max() < 1e-6
    assert 0.005 < float(np.abs(whole).max()) < 0.2


def test_the_bed_steps_back_for_a_voice() -> None:
    slots = (Slot(0, 10_000, 3000, 2000, ()),)
    opened = ducking(slots, 0, 10 * RATE_HZ)
    at = {second: float(opened[int(second * RATE_HZ)]) for second in (1.0, 3.0, 4.0, 4.9, 6.0)}

    assert at == {1.0: 1.0, 3.0: pytest.approx(0.32), 4.0: pytest.approx(0.32), 4.9: pytest.approx(0.32), 6.0: 1.0}


async def test_each_voice_is_heard_at_its_scene_and_nowhere_else(tmp_path: Path) -> None:
    sound = await heard(
        await make(
            Scene("a", sound=spoken(1.0), sound_type="audio/wav", duration_ms=2000),
            Scene("b", duration_ms=2000),
            Scene("c", sound=spoken(1.0), sound_type="audio/wav", duration_ms=2000),
        ),
        tmp_path,
    )

    assert level(sound, 0.5, 1.2) > -15
    assert level(sound, 2.0, 3.9) < -60
    assert level(sound, 4.5, 5.2) > -15


async def test_music_is_quiet_and_quieter_under_a_voice(tmp_path: Path) -> None:
    silent = Scene("a", duration_ms=6000)
    alone = await heard(await make(silent, music=True), tmp_path)
    media = await make(replace(silent, sound=spoken(2.0, hertz=3000), sound_type="audio/wav"), music=True)
    below = await heard(media, tmp_path)
    spectrum = np.abs(np.fft.rfft(below[int(0.8 * 8000) : int(1.8 * 8000)]))
    beside = np.abs(np.fft.rfft(alone[int(0.8 * 8000) : int(1.8 * 8000)]))

    assert -45 < level(alone, 2, 4) < -20
    assert spectrum[50:1000].sum() < 0.6 * beside[50:1000].sum()
    assert b"music: chords computed by Galley" in media.data


async def test_a_clip_says_that_no_model_made_it() -> None:
    media = await make(Scene("a", duration_ms=1200))

    assert b"no model made these pictures" in media.data


@pytest.mark.parametrize(
    ("size", "draft", "made"),
    [
        ((1920, 1080), True, (640, 360)),
        ((1080, 1920), True, (360, 640)),
        ((641, 359), False, (640, 360)),
        ((97, 301), True, (96, 300)),
    ],
)
async def test_a_draft_is_small_and_every_size_is_even(
    size: tuple[int, int], draft: bool, made: tuple[int, int]
) -> None:
    media = await make(Scene("a", duration_ms=1200), width_px=size[0], height_px=size[1], draft=draft)

    assert (media.width_px, media.height_px) == made


@pytest.mark.parametrize(
    ("scene", "more"),
    [
        (None, {}),
        (Scene("a", image=b"no picture"), {}),
        (Scene("a", image=b"<svg xmlns='http://www.w3.org/2000/svg'/>"), {}),
        (Scene("a", sound=b"no sound", sound_type="audio/mpeg"), {}),
        (Scene("a", sound=spoken(1), sound_type="application/vnd.apple.mpegurl"), {}),
        (Scene("a", duration_ms=601_000), {}),
        (Scene("a"), {"width_px": 10}),
        (Scene("a"), {"height_px": 8000}),
    ],
)
async def test_what_cannot_be_shown_is_refused(scene: Scene | None, more: dict[str, object]) -> None:
    with pytest.raises(ProviderRefusedRequest):
        await make(*([scene] if scene else []), **more)


async def test_a_picture_with_too_many_pixels_is_refused() -> None:
    data = io.BytesIO()
    Image.new("1", (8000, 8000)).save(data, "PNG")
    with pytest.raises(ProviderRefusedRequest, match="pixels"):
        await make(Scene("a", image=data.getvalue()))


async def test_cancelling_leaves_no_program_and_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    running = asyncio.create_task(make(Scene("a", image=picture(), duration_ms=60_000), draft=False))
    async with asyncio.timeout(PATIENCE_S):
        while not list(tmp_path.rglob("clip.mp4")):
            await asyncio.sleep(0.02)
            assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert list(tmp_path.iterdir()) == []
    assert str(tmp_path) not in "".join(
        path.read_text(errors="replace") for path in Path("/proc").glob("[0-9]*/environ") if _may_read(path)
    )


def _may_read(path: Path) -> bool:
    try:
        return bool(path.read_bytes())
    except OSError:
        return False


async def test_the_event_loop_stays_free() -> None:
    longest_s, loop = 0.0, asyncio.get_running_loop()

    async def watch() -> None:
        nonlocal longest_s
        while True:
            at_s = loop.time()
            await asyncio.sleep(0.005)
            longest_s = max(longest_s, loop.time() - at_s)

    watching = asyncio.create_task(watch())
    await make(Scene("a", image=picture(), duration_ms=3000), width_px=1280, height_px=720, draft=False)
    watching.cancel()

    assert longest_s < 0.5

"""Reads pictures that nobody has checked, in a process of its own: media_tools.py starts it as a file, with limits.

    picture_child.py clean MOST_PIXELS SIDE [WIDTH HEIGHT]   a picture -> a line of JSON, the picture, its preview
    picture_child.py wave WIDTH HEIGHT                       JSON numbers -> a WebP of the waveform

A cleaned picture is drawn anew from its pixels, upright and in sRGB: nothing that its file held besides comes along.
With a width and a height it is cut to that shape around its middle and scaled to that size.
Exit 3: too many pixels or frames. Exit 4: it cannot be read. Only Pillow and the standard library are imported here.
"""

from __future__ import annotations

import io
import json
import sys
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

TOO_LARGE, UNREADABLE = 3, 4
MOST_FRAMES = 300
FORMS = ("PNG", "JPEG", "WEBP", "GIF")
SAVED: dict[str, dict[str, Any]] = {  # Any: options of each form
    "PNG": {},
    "JPEG": {"quality": 94, "subsampling": 0},
    "WEBP": {"quality": 92, "method": 4},
    "GIF": {},
}
MOST_GROWN = 1.5
"""How far a picture is scaled up at most: a vendor's 1024 pixels become 1080 unseen, 512 would blur."""
LOOKED_AT_PX, COLORS, SMALLEST_SHARE = 128, 16, 0.005
WAVE_COLOR = (122, 127, 135, 255)  # between the themes' paper and ink, so that it shows on both


def _open(data: bytes, most_pixels: int) -> Picture:
    from PIL import Image

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = most_pixels
    try:
        image = Image.open(io.BytesIO(data), formats=FORMS)
        frames = getattr(image, "n_frames", 1)
        if image.width * image.height > most_pixels or frames * image.width * image.height > 4 * most_pixels:
            sys.exit(TOO_LARGE)
        if frames > MOST_FRAMES:
            sys.exit(TOO_LARGE)
        image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        sys.exit(TOO_LARGE)
    except Exception:  # whatever a parser says to what is no picture
        sys.exit(UNREADABLE)
    return image


def _plain(image: Picture, form: str) -> Picture:
    """Return a still, upright and in sRGB, with nothing but its pixels."""
    from PIL import Image, ImageCms, ImageOps

    profile = image.info.get("icc_profile")
    turned = ImageOps.exif_transpose(image)
    has_alpha = turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info
    if profile and turned.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            mode = "RGBA" if turned.mode == "RGBA" else "RGB"
            srgb = ImageCms.createProfile("sRGB")
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(turned, own, srgb, outputMode=mode) or turned
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile says nothing of use
    if form == "JPEG" or not has_alpha:
        turned = turned.convert("L" if turned.mode in ("L", "1") else "RGB")
    else:
        turned = turned.convert("RGBA")
    clean = Image.new(turned.mode, turned.size)
    clean.paste(turned)
    return clean


def _fitted(still: Picture, width: int, height: int) -> Picture:
    """Return a still cut around its middle to a shape and scaled to a size; not scaled where it would grow too far."""
    from PIL.Image import Resampling

    wide = min(still.width, still.height * width / height)
    high = wide * height / width
    left, top = (still.width - wide) / 2, (still.height - high) / 2
    size = (width, height) if width <= wide * MOST_GROWN else (max(1, round(wide)), max(1, round(high)))
    if size == still.size:
        return still
    return still.resize(size, Resampling.LANCZOS, box=(left, top, left + wide, top + high))


def _colors(preview: Picture) -> list[tuple[str, float]]:
    """Return the colours that a picture mostly consists of and their shares of what is not transparent."""
    from PIL import Image

    small = preview.convert("RGBA")
    small.thumbnail((LOOKED_AT_PX, LOOKED_AT_PX), Image.Resampling.BOX)
    raw = small.tobytes()
    seen = b"".join(raw[at : at + 3] for at in range(0, len(raw), 4) if raw[at + 3] > 127)
    if not seen:
        return []
    row = Image.frombytes("RGB", (len(seen) // 3, 1), seen)
    found = row.quantize(COLORS, Image.Quantize.MEDIANCUT, kmeans=2)
    drawn = found.convert("RGB").getcolors(COLORS) or []
    shares = [(f"#{bytes(color).hex()}", round(count / row.width, 4)) for count, color in drawn]  # type: ignore[arg-type]  # RGB has three
    return sorted((one for one in shares if one[1] >= SMALLEST_SHARE), key=lambda one: -one[1])


def _drawn(image: Picture, form: str, fit: tuple[int, ...]) -> tuple[bytes, Picture, tuple[int, int]]:
    """Return the new file, a still of it, and the size in which it came."""
    out = io.BytesIO()
    if form == "GIF" and getattr(image, "n_frames", 1) > 1:
        from PIL import ImageSequence

        frames, pauses = [], []
        for frame in ImageSequence.Iterator(image):
            pauses.append(frame.info.get("duration", 100))
            frames.append(_plain(frame, form))
        frames[0].save(
            out, form, save_all=True, append_images=frames[1:], duration=pauses, loop=image.info.get("loop", 0)
        )
        return out.getvalue(), frames[0], frames[0].size
    plain = _plain(image, form)
    still = _fitted(plain, *fit) if fit else plain
    still.save(out, form, **SAVED[form])
    return out.getvalue(), still, plain.size


def clean(data: bytes, most_pixels: int, side: int, *fit: int) -> bytes:
    image = _open(data, most_pixels)
    form = str(image.format)
    try:
        drawn, still, came = _drawn(image, form, fit)
    except MemoryError:
        sys.exit(TOO_LARGE)
    except Exception:  # as above: data that breaks off in the middle
        sys.exit(UNREADABLE)
    width, height = still.size
    still.thumbnail((side, side))
    preview = io.BytesIO()
    still.save(preview, "WEBP", quality=80, method=4)
    head = {"form": form, "width": width, "height": height, "size": len(drawn), "came": came, "colors": _colors(still)}
    return json.dumps(head).encode() + b"\n" + drawn + preview.getvalue()


def wave(data: bytes, width: int, height: int) -> bytes:
    from PIL import Image, ImageDraw

    peaks = [min(1.0, max(0.0, float(one))) for one in json.loads(data)]
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    step = width / max(1, len(peaks))
    loudest = max(peaks, default=0.0) or 1.0
    for number, peak in enumerate(peaks):
        half = max(1.0, peak / loudest * (height / 2 - 4))
        left = number * step + step * 0.15
        box = (left, height / 2 - half, left + max(1.0, step * 0.7), height / 2 + half)
        draw.rounded_rectangle(box, radius=step * 0.35, fill=WAVE_COLOR)
    out = io.BytesIO()
    image.save(out, "WEBP", quality=80)
    return out.getvalue()


if __name__ == "__main__":
    verb, numbers = sys.argv[1], [int(one) for one in sys.argv[2:]]
    sys.stdout.buffer.write((clean if verb == "clean" else wave)(sys.stdin.buffer.read(), *numbers))

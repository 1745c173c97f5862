"""Reads pictures that nobody has checked, in a process of its own: media_tools.py starts it as a file, with limits.

    picture_child.py clean MOST_PIXELS SIDE   a line of JSON, pictures -> a line of JSON, the picture, its preview
    picture_child.py wave WIDTH HEIGHT        JSON numbers -> a WebP of the waveform

A cleaned picture is drawn anew from its pixels, upright and in sRGB: nothing that its file held besides comes along.
The first line says what is wanted: `fit` [width, height] or [], to that shape it is cut around its middle and scaled;
`lines` [[left, top, right, bottom, "#rrggbb"], …], whose contrast is measured; `source` and `mask`, as how many bytes
these two precede the picture.
Exit 3: too many pixels or frames. Exit 4: it cannot be read. Only Pillow and the standard library are imported here.
"""

from __future__ import annotations

import io
import json
import math
import sys
import warnings
from array import array
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
LINE_PX = 24
"""As high as a line is measured: large type is made smaller first, which takes nothing from what is behind it."""
REACH = 0.3
"""Of a line's height: what is behind a letter is found so far around each of its points, beyond half of any stroke."""
OVERLOOKED = 0.02
"""Of a line's area: so little of it may be worse, such as the middle of a close-set sign."""
COMPARED_PX = 384
SAME_SHAPE = 0.005
OPAQUE = 250
TOLERANCE = 16
"""Of 255: what JPEG and scaling do to a picture stays below that once it is made small and soft; measured."""
WAVE_COLOR = (122, 127, 135, 255)  # between the themes' paper and ink, so that it shows on both


class Refused(Exception):
    """No picture comes of it; `code` is the exit code that says why."""

    def __init__(self, code: int) -> None:
        self.code = code


def _open(data: bytes, most_pixels: int) -> Picture:
    """Return a picture that is loaded to its end.

    Raises:
        Refused: it is none, or too large a one.
    """
    from PIL import Image

    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = most_pixels
    try:
        image = Image.open(io.BytesIO(data), formats=FORMS)
        frames = getattr(image, "n_frames", 1)
        if image.width * image.height > most_pixels or frames * image.width * image.height > 4 * most_pixels:
            raise Refused(TOO_LARGE)
        if frames > MOST_FRAMES:
            raise Refused(TOO_LARGE)
        image.load()
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise Refused(TOO_LARGE) from None
    except Exception:  # whatever a parser says to what is no picture
        raise Refused(UNREADABLE) from None
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


def _middle(size: tuple[int, int], width: int, height: int) -> tuple[float, float, float, float]:
    """Return the largest part of that shape around the middle of a picture: left, top, right, bottom."""
    wide = min(size[0], size[1] * width / height)
    high = wide * height / width
    left, top = (size[0] - wide) / 2, (size[1] - high) / 2
    return left, top, left + wide, top + high


def _fitted(still: Picture, width: int, height: int) -> Picture:
    """Return a still cut around its middle to a shape and scaled to a size; not scaled where it would grow too far."""
    from PIL.Image import Resampling

    box = left, top, right, bottom = _middle(still.size, width, height)
    wide, high = right - left, bottom - top
    size = (width, height) if width <= wide * MOST_GROWN else (max(1, round(wide)), max(1, round(high)))
    if size == still.size:
        return still
    return still.resize(size, Resampling.LANCZOS, box=box)


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


def _luminance(red: int, green: int, blue: int) -> float:
    """Return relative luminance, 0 to 1 (WCAG 2.2)."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in (red, green, blue))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(still: Picture, left: float, top: float, right: float, bottom: float, color: str) -> float:
    """Return the contrast (WCAG 2.2, 1 to 21) of letters of a colour with what is behind them, where it is weakest.

    A letter and its soft edge are never farther from the ink's colour than the ground beside them. So each point is
    given the highest contrast within reach: that is the ground's, and low only where the ground is like the ink.
    """
    from PIL import Image, ImageFilter

    edges = (
        max(0, int(left)),
        max(0, int(top)),
        min(still.width, math.ceil(right)),
        min(still.height, math.ceil(bottom)),
    )
    if edges[0] >= edges[2] or edges[1] >= edges[3]:
        return 1.0
    part = still.crop(edges).convert("RGB")
    part = part.reduce(max(1, part.height // LINE_PX))
    ink = _luminance(*bytes.fromhex(color[1:]))
    known: dict[tuple[int, int, int], float] = {}
    found = array("f")
    for pixel in zip(*[iter(part.tobytes())] * 3, strict=True):
        if pixel not in known:
            low, high = sorted((ink, _luminance(*pixel)))
            known[pixel] = (high + 0.05) / (low + 0.05)
        found.append(known[pixel])
    around = Image.frombytes("F", part.size, found.tobytes())
    for _ in range(1 + round(part.height * REACH)):
        around = around.filter(ImageFilter.MaxFilter(3))
    ranked = sorted(array("f", around.tobytes()))
    return round(ranked[int(len(ranked) * OVERLOOKED)], 2)


def _opened_source(data: bytes, most_pixels: int) -> Picture | None:
    """Return what a picture is held against, no larger than is needed for that; None where it cannot be read."""
    try:
        image = _open(data, most_pixels)
        plain = _plain(image, str(image.format)).convert("RGBA")
    except Exception:  # as above; the picture itself is kept all the same
        return None
    plain.thumbnail((3 * COMPARED_PX, 3 * COMPARED_PX))
    return plain


def _kept(
    still: Picture, came: tuple[int, int], fit: tuple[int, ...], before: Picture, mask: Picture | None
) -> dict[str, Any] | None:
    """Return what became of what was to stay, None where the picture came in another shape than its source had."""
    from PIL import Image, ImageChops, ImageFilter
    from PIL.Image import Resampling

    if abs(before.width * came[1] / (before.height * came[0]) - 1) > SAME_SHAPE:
        return None
    left, top, right, bottom = _middle(came, *fit) if fit else (0, 0, *came)
    there = before.width * (right - left) / came[0]
    scale = min(1.0, COMPARED_PX / max(still.size), there / still.width)
    size = (max(1, round(still.width * scale)), max(1, round(still.height * scale)))

    def laid(over: Picture) -> Picture:
        wide, high = over.width / came[0], over.height / came[1]
        return over.resize(size, Resampling.BOX, box=(left * wide, top * high, right * wide, bottom * high))

    def soft(image: Picture) -> Picture:
        ground = Image.new("RGBA", image.size, (128, 128, 128, 255))
        return Image.alpha_composite(ground, image).convert("RGB").filter(ImageFilter.GaussianBlur(1))

    now, was = still.convert("RGBA").resize(size, Resampling.BOX), laid(before)
    stays = (now if mask is None else laid(mask)).getchannel("A").point(lambda alpha: 255 if alpha >= OPAQUE else 0)
    stays = stays.filter(ImageFilter.MinFilter(5))  # the edge of what is painted or cut is soft
    red, green, blue = ImageChops.difference(soft(now), soft(was)).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    changed = ImageChops.darker(most.point(lambda by: 255 if by > TOLERANCE else 0), stays)
    whole = stays.histogram()[255]
    spots = changed.filter(ImageFilter.MinFilter(3)).getbbox() or changed.getbbox()
    return {
        "share": 1 - changed.histogram()[255] / whole if whole else None,
        "changed": [round(edge / scale) for edge in spots] if spots else None,
    }


def clean(data: bytes, most_pixels: int, side: int) -> bytes:
    line, _, rest = data.partition(b"\n")
    wanted = json.loads(line)
    source, mask = wanted["source"], wanted["source"] + wanted["mask"]
    before = _opened_source(rest[:source], most_pixels) if source else None
    painted = _opened_source(rest[source:mask], most_pixels) if mask > source else None
    image = _open(rest[mask:], most_pixels)
    form, fit = str(image.format), tuple(wanted["fit"])
    try:
        drawn, still, came = _drawn(image, form, fit)
    except MemoryError:
        raise Refused(TOO_LARGE) from None
    except Exception:  # as above: data that breaks off in the middle
        raise Refused(UNREADABLE) from None
    width, height = still.size
    contrasts = [_contrast(still, *one) for one in wanted["lines"]]
    kept = None
    if before is not None and (painted is not None or mask == source):
        kept = _kept(still, came, fit, before, painted)
    still.thumbnail((side, side))
    preview = io.BytesIO()
    still.save(preview, "WEBP", quality=80, method=4)
    head = {
        "form": form,
        "width": width,
        "height": height,
        "size": len(drawn),
        "came": came,
        "colors": _colors(still),
        "contrasts": contrasts,
        "kept": kept,
    }
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
    try:
        made = (clean if verb == "clean" else wave)(sys.stdin.buffer.read(), *numbers)
    except Refused as refused:
        sys.exit(refused.code)
    sys.stdout.buffer.write(made)

"""A provider's answer is a picture only when its bytes say so: type by content, limits of size, decoded to its end."""

from __future__ import annotations

import asyncio
import binascii
import io
from base64 import b64decode

from app.adapters.models_litellm_failures import failure
from app.core.media_ports import Media
from app.core.ports import ModelTarget, ProviderBadAnswer

MAX_PICTURE_BYTES = 40 * 2**20
MAX_PIXELS = 36_000_000
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


async def picture_of(data: bytes, target: ModelTarget, *, cost_micros: int | None = None) -> Media:
    """Return the picture that the bytes are.

    Raises:
        ProviderBadAnswer: they are none (a web page, an SVG, half a picture), or too large a one.
    """
    media_type, width_px, height_px = await asyncio.to_thread(_looked_at, data, target.provider)
    return Media(data, media_type, width_px, height_px, cost_micros=cost_micros)


def bytes_of(encoded: object, target: ModelTarget) -> bytes:
    """Return what a vendor's base64 stands for, with or without `data:…,` before it.

    Raises:
        ProviderBadAnswer: it is none.
    """
    if not isinstance(encoded, str) or not encoded:
        raise failure(ProviderBadAnswer, target.provider, "the answer holds no picture")
    if len(encoded) > MAX_PICTURE_BYTES * 4 // 3 + 100:
        raise failure(ProviderBadAnswer, target.provider, "the picture is too large")
    try:
        return b64decode(encoded.rpartition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        raise failure(ProviderBadAnswer, target.provider, "the answer holds no picture") from None


def _looked_at(data: bytes, provider: str) -> tuple[str, int, int]:
    from PIL import Image, UnidentifiedImageError

    if len(data) > MAX_PICTURE_BYTES:
        raise failure(ProviderBadAnswer, provider, "the picture is too large")
    try:
        with Image.open(io.BytesIO(data), formats=tuple(TYPES)) as found:
            if found.width * found.height > MAX_PIXELS:
                raise failure(ProviderBadAnswer, provider, "the picture has too many pixels")
            found.load()
            return TYPES[str(found.format)], found.width, found.height
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise failure(ProviderBadAnswer, provider, "the answer is no picture") from None


async def as_png(data: bytes, target: ModelTarget) -> bytes:
    """Return a picture of ours, to be sent, as PNG.

    Raises:
        ProviderBadAnswer: it is no picture.
    """
    return await asyncio.to_thread(_png, data, target.provider)


async def white_where_to_paint(mask: bytes, target: ModelTarget) -> bytes:
    """Return a mask of ours (transparent where to paint) in the words of most vendors: white there, black elsewhere.

    Raises:
        ProviderBadAnswer: it is no picture.
    """
    return await asyncio.to_thread(_inverted, mask, target.provider)


def _png(data: bytes, provider: str) -> bytes:
    from PIL import Image

    _looked_at(data, provider)
    out = io.BytesIO()
    with Image.open(io.BytesIO(data), formats=tuple(TYPES)) as found:
        found.convert("RGBA" if "A" in found.getbands() or "transparency" in found.info else "RGB").save(out, "PNG")
    return out.getvalue()


def _inverted(mask: bytes, provider: str) -> bytes:
    from PIL import Image, ImageChops

    _looked_at(mask, provider)
    out = io.BytesIO()
    with Image.open(io.BytesIO(mask), formats=tuple(TYPES)) as found:
        ImageChops.invert(found.convert("RGBA").getchannel("A")).save(out, "PNG")
    return out.getvalue()

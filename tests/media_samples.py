"""Pictures, sounds and clips for tests, made here: small, whole, and of every kind that is kept."""

from __future__ import annotations

import io
import struct
import subprocess
import tempfile
import zlib
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image


def picture(form: str = "PNG", *, size: tuple[int, int] = (64, 48), color: str = "#c8503c", **options: object) -> bytes:
    """Return a picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, form, **options)
    return out.getvalue()


def noise(side_px: int) -> bytes:
    """Return a square PNG that nothing makes smaller: about three bytes per pixel, the same each time."""
    out = io.BytesIO()
    data = Random(side_px).randbytes(3 * side_px**2)
    Image.frombytes("RGB", (side_px, side_px), data).save(out, "PNG")
    return out.getvalue()


def photo_with_place() -> bytes:
    """Return a JPEG turned by its EXIF, which also says where and by whom it was taken."""
    image = Image.new("RGB", (64, 48), "#336699")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    exif[0x013B] = "Somebody Private"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (52.0, 31.0, 12.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def pixel_bomb(side: int = 60_000) -> bytes:
    """Return a small PNG that opens to `side` x `side` pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    line = b"\0" + b"\0" * (side // 8)
    body = b"".join(packer.compress(line) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@cache
def ffmpeg_made(ending: str, *arguments: str) -> bytes:
    """Return what ffmpeg writes for these arguments."""
    import imageio_ffmpeg

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"out.{ending}"
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *arguments, "-y", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        return path.read_bytes()


def sound(ending: str = "mp3", *, seconds: float = 1.0, hertz: int = 440) -> bytes:
    """Return a tone."""
    return ffmpeg_made(ending, "-f", "lavfi", "-i", f"sine=frequency={hertz}:duration={seconds}")


def clip(ending: str = "mp4", *, seconds: float = 1.0, size: str = "128x96") -> bytes:
    """Return a clip with a tone, and a comment that says too much."""
    return ffmpeg_made(
        ending, "-f", "lavfi", "-i", f"testsrc=size={size}:rate=10:duration={seconds}", "-f", "lavfi",
        "-i", f"sine=duration={seconds}", "-metadata", "comment=Somebody Private", "-metadata", "location=+52.5+013.4/",
        *(("-pix_fmt", "yuv420p") if ending == "mp4" else ()),
    )  # fmt: skip

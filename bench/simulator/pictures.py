"""Pictures of the simulator: drawn at once, the same for the same words, with nothing of a model in them."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from aiohttp import web
from PIL import Image, ImageDraw, UnidentifiedImageError

from bench.simulator.media import MediaAsk
from bench.simulator.wire import BadRequest

MAX_FILE_BYTES = 50 * 2**20
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'><script>alert(1)</script></svg>"


def picture(words: str, *, width: int, height: int, transparent: bool = False) -> bytes:
    """Return a PNG of this size: a frame, a diagonal and a field whose colour comes from the words."""
    mark = crc32(words.encode("utf-8", "surrogatepass"))
    color = (mark & 0xFF, mark >> 8 & 0xFF, mark >> 16 & 0xFF, 255)
    image = Image.new(
        "RGBA" if transparent else "RGB", (width, height), (0, 0, 0, 0) if transparent else (245, 245, 245)
    )
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 4, height // 4, width * 3 // 4, height * 3 // 4), fill=color[: 4 if transparent else 3])
    draw.line((0, 0, width, height), fill=(20, 20, 20), width=2)
    draw.text((4, 4), "simulated", fill=(20, 20, 20))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def made(ask: MediaAsk, words: str, *, width: int, height: int, transparent: bool = False) -> bytes:
    """Return the picture, or what the fault puts in its place."""
    if ask.fault is not None and ask.fault.kind == "foreign_picture":
        return SVG
    return picture(words, width=width, height=height, transparent=transparent)


def size_of(data: bytes) -> tuple[int, int]:
    """Return width and height of an uploaded picture.

    Raises:
        BadRequest: it is no picture.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            return image.size
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise BadRequest("the image cannot be read") from None


def whitest(data: bytes) -> int:
    """Return how many pixels of a mask are white."""
    with Image.open(io.BytesIO(data)) as image:
        return sum(image.convert("L").histogram()[128:])


def sized_for(ratio: str, *, pixels: int = 1_048_576) -> tuple[int, int]:
    """Return width and height of a ratio such as 16:9, in sixteens."""
    wide, _, high = ratio.partition(":")
    if not (wide.isdigit() and high.isdigit() and int(wide) and int(high)):
        raise BadRequest(f"aspect ratio: {ratio} is none")
    share = (pixels / (int(wide) * int(high))) ** 0.5
    return round(int(wide) * share / 16) * 16, round(int(high) * share / 16) * 16


@dataclass(slots=True)
class Form:
    """A form with pictures."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def needed(self, name: str) -> str:
        """Return a field that has to be there.

        Raises:
            BadRequest: it is not.
        """
        if not self.fields.get(name):
            raise BadRequest(f"{name}: field required")
        return self.fields[name]

    def picture(self, name: str) -> bytes:
        """Return a file that has to be a picture.

        Raises:
            BadRequest: it is not there, or is none.
        """
        data = self.files.get(name, b"")
        size_of(data)
        return data


async def read_form(ask: MediaAsk) -> Form:
    """Read a form with files; what it says is noted in the log, of its files only the sizes.

    Raises:
        BadRequest: it is no form, or too large.
    """
    if not ask.request.content_type.startswith("multipart/form-data"):
        raise BadRequest("content-type: must be multipart/form-data")
    form = Form()
    async for part in await ask.request.multipart():
        data = bytes(await part.read(decode=False))  # type: ignore[union-attr]  # parts of parts are not used
        if len(data) > MAX_FILE_BYTES:
            raise BadRequest("image: larger than 50 MB")
        name = (part.name or "").removesuffix("[]")  # type: ignore[union-attr]  # as above
        if part.filename:  # type: ignore[union-attr]  # as above
            form.files[name], form.names[name] = data, part.filename  # type: ignore[union-attr]  # as above
        else:
            form.fields[name] = data.decode()
    sizes: dict[str, Any] = {f"{name}_bytes": len(data) for name, data in form.files.items()}
    ask.seen.body = {**form.fields, **sizes}
    ask.seen.prompt = form.fields.get("prompt", "")
    return form


@dataclass(slots=True)
class Task:
    """A picture that a server makes in its own time."""

    id: str
    words: str
    width: int
    height: int
    begun_s: float
    takes_s: float
    ended: bool = False
    """It was told to stop."""

    def share(self) -> float:
        """How much of it is done."""
        return min(1.0, (time.monotonic() - self.begun_s) / self.takes_s) if self.takes_s else 1.0


@dataclass(slots=True)
class PictureDesk:
    """What the simulated picture servers work on. `stopped` counts how often one was told to stop."""

    tasks: dict[str, Task] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    stopped: int = 0

    def begin(self, ask: MediaAsk, words: str, *, width: int, height: int) -> Task:
        """Note a new task; it takes as long as the provider's first token."""
        number = f"simulated-{ask.seen.number}"
        takes_s = ask.provider.pace.first_token_ms / 1000
        self.tasks[number] = Task(number, words, width, height, time.monotonic(), takes_s)
        return self.tasks[number]

    def found(self, number: str) -> Task:
        """Return a task.

        Raises:
            HTTPNotFound: there is none.
        """
        if number not in self.tasks:
            raise web.HTTPNotFound
        return self.tasks[number]

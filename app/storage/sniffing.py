"""What a file is, told from its bytes while they stream by; its name is only asked which kind of text it is."""

from __future__ import annotations

import codecs
import hashlib
import re
from typing import Literal

from app.core.errors import AppError, InvalidInput

Kind = Literal["text", "markdown", "csv", "json"]

MEDIA_TYPES: dict[str, str] = {
    "text": "text/plain; charset=utf-8",
    "markdown": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
_BY_ENDING: dict[str, Kind] = {"md": "markdown", "markdown": "markdown", "csv": "csv", "json": "json"}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_ACTIVE = (
    "<!doctype",
    "<html",
    "<svg",
    "<?xml",
    "<script",
    "<head",
    "<body",
    "%pdf-",
    "%!ps",
    "{\\rtf",
    "mime-version:",
)
"""Starts of formats that are text by their bytes but run, draw or fetch when something opens them."""

HEAD_BYTES = 1024


class TextSniffer:
    """Follows a file as it streams: UTF-8 without control characters, no active format, no larger than the limit."""

    def __init__(self, *, name: str = "", limit_bytes: int, refusal: AppError) -> None:
        self.kind: str = kind_of(name)
        self._limit_bytes = limit_bytes
        self._refusal = refusal
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._digest = hashlib.sha256()
        self._head = b""
        self.size_bytes = 0
        self.sha256 = ""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            AppError: the refusal given at the start: the file is beyond the limit.
            InvalidInput: it is no plain text.
        """
        self.size_bytes += len(chunk)
        if self.size_bytes > self._limit_bytes:
            raise self._refusal
        if len(self._head) < HEAD_BYTES:
            self._head = (self._head + chunk)[:HEAD_BYTES]
            self._look_at_head()
        if _CONTROLS.search(chunk):
            raise _not_text()
        self._decode(chunk, final=False)
        self._digest.update(chunk)

    def finish(self) -> None:
        """Take the end; `sha256` is known from here on.

        Raises:
            InvalidInput: it is empty, or ends in the middle of a character.
        """
        self._decode(b"", final=True)
        if self.size_bytes == 0:
            raise InvalidInput("This file is empty.", code="file.empty", field="file")
        self.sha256 = self._digest.hexdigest()

    def _decode(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            raise _not_text() from error

    def _look_at_head(self) -> None:
        if self._head.startswith(_UTF16):
            raise InvalidInput(
                "This text is in UTF-16. Save it as UTF-8 and try again.", code="file.utf16", field="file"
            )
        start = self._head.removeprefix(codecs.BOM_UTF8).lstrip()[:16].decode("latin-1").lower()
        if start.startswith(_ACTIVE):
            raise _not_text()


def _not_text() -> InvalidInput:
    return InvalidInput(
        "Only plain text can be kept here: text, Markdown, CSV and JSON, in UTF-8.", code="file.not_text", field="file"
    )


def kind_of(name: str) -> Kind:
    """Return which kind of text a name says; plain text where it says nothing known."""
    return _BY_ENDING.get(name.rpartition(".")[2].lower(), "text")

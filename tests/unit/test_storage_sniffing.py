"""What counts as plain text, told from the bytes."""

from __future__ import annotations

import hashlib

import pytest

from app.core.errors import AppError, InvalidInput, TooLarge
from app.storage.sniffing import MEDIA_TYPES, TextSniffer, kind_of


def _sniff(*chunks: bytes, limit_bytes: int = 1_000_000) -> TextSniffer:
    sniffer = TextSniffer(limit_bytes=limit_bytes, refusal=TooLarge(code="file.too_large"))
    for chunk in chunks:
        sniffer.feed(chunk)
    sniffer.finish()
    return sniffer


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "# Title\n\n* item",
        "a;b\n1;2\n",
        '{"a": [1]}',
        "\ufeffwith a mark",
        "tab\tand\r\nbreaks\x0c",
        "日本語 🙂",
        "a < b & c > d",
        "I said <b>bold</b>",
        "x" * 5000,
    ],
)
def test_plain_text_is_taken(text: str) -> None:
    raw = text.encode()
    sniffer = _sniff(raw)

    assert (sniffer.size_bytes, sniffer.sha256) == (len(raw), hashlib.sha256(raw).hexdigest())


def test_a_character_may_fall_between_two_pieces() -> None:
    raw = "日本語".encode()

    assert _sniff(*(raw[at : at + 1] for at in range(len(raw)))).size_bytes == len(raw)


BINARY = {
    "png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 20,
    "jpeg": b"\xff\xd8\xff\xe0rest",
    "gif": b"GIF89a\x01\x00\x01\x00",
    "zip": b"PK\x03\x04\x14\x00",
    "docx": b"PK\x03\x04\x14\x00\x06\x00word/document.xml",
    "pdf": b"%PDF-1.7\n1 0 obj\n",
    "elf": b"\x7fELF\x02\x01",
    "executable": b"MZ\x90\x00",
    "gzip": b"\x1f\x8b\x08",
    "postscript": b"%!PS-Adobe-3.0",
    "rich text": b"{\\rtf1\\ansi",
    "nul": b"text\x00text",
    "latin-1": "café".encode("latin-1"),
    "cut character": "é".encode()[:1],
    "surrogate": b"\xed\xa0\x80",
    "overlong": b"\xc0\xaf",
    "html": b"<!DOCTYPE html><p>hi",
    "html with spaces": b" \r\n\t <HTML><script>",
    "html with a mark": b"\xef\xbb\xbf<html>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'>",
    "xml": b"<?xml version='1.0'?><svg/>",
    "script": b"<script>alert(1)</script>",
    "mail": b"MIME-Version: 1.0\r\n",
}


@pytest.mark.parametrize("kind", BINARY)
def test_what_is_no_plain_text_is_refused(kind: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        _sniff(BINARY[kind])

    assert (refused.value.code, refused.value.field) == ("file.not_text", "file")


def test_an_active_format_is_noticed_however_it_is_cut() -> None:
    with pytest.raises(InvalidInput):
        _sniff(*(bytes([byte]) for byte in b"  <!doctype html>"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_told_apart_where_it_says_so(encoding: str) -> None:
    raw = "text".encode(encoding)
    with pytest.raises(InvalidInput) as refused:
        _sniff(raw)

    assert refused.value.code == ("file.utf16" if encoding == "utf-16" else "file.not_text")


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        _sniff(b"")

    assert refused.value.code == "file.empty"


def test_the_limit_holds_over_all_pieces() -> None:
    assert _sniff(b"x" * 5, b"x" * 5, limit_bytes=10).size_bytes == 10
    with pytest.raises(AppError) as refused:
        _sniff(b"x" * 5, b"x" * 6, limit_bytes=10)
    assert refused.value.code == "file.too_large"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.txt", "text"), ("a", "text"), ("a.MD", "markdown"), ("a.b.csv", "csv"), ("a.json", "json"), ("a.exe", "text")],
)
def test_the_name_says_which_kind_of_text(name: str, kind: str) -> None:
    assert kind_of(name) == kind
    assert kind in MEDIA_TYPES

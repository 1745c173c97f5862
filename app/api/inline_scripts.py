"""Which scripts stand inside the built pages: with their hashes the content policy needs no 'unsafe-inline'."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser
from pathlib import Path


class _Scripts(HTMLParser):
    """Collects the text of scripts that have no `src`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and not any(name == "src" for name, _ in attrs)
        if self._inside:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data


def script_hashes(pages: Path) -> tuple[str, ...]:
    """Return the CSP hashes (`sha256-…`) of the inline scripts of every .html file under `pages`, sorted."""
    hashes = set()
    for page in pages.rglob("*.html"):
        reader = _Scripts()
        reader.feed(page.read_text(encoding="utf-8"))
        reader.close()
        for script in reader.found:
            digest = hashlib.sha256(script.encode()).digest()
            hashes.add(f"sha256-{base64.b64encode(digest).decode()}")
    return tuple(sorted(hashes))

"""What the simulator saw: one entry per request, the last 10,000 of them."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Literal

ENTRIES_KEPT = 10_000

Outcome = Literal["open", "finished", "cancelled", "refused", "fault"]


@dataclass(slots=True)
class Seen:
    """One request. The key is kept as a digest and its last four characters."""

    number: int
    provider: str
    path: str
    key_sha256: str
    key_tail: str
    model: str = ""
    stream: bool = False
    prompt: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    fault: str | None = None
    tokens_sent: int = 0
    outcome: Outcome = "open"
    started_s: float = 0.0


@dataclass(slots=True)
class Log:
    """The entries, oldest first."""

    entries: deque[Seen] = field(default_factory=lambda: deque(maxlen=ENTRIES_KEPT))
    number: int = 0

    def open(self, *, provider: str, path: str, key: str, started_s: float) -> Seen:
        """Add an entry and return it."""
        self.number += 1
        digest = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        seen = Seen(self.number, provider, path, digest, key[-4:], started_s=started_s)
        self.entries.append(seen)
        return seen

    def as_json(self, *, provider: str | None = None) -> list[dict[str, Any]]:
        """Return the entries, of one provider or of all."""
        return [asdict(e) for e in self.entries if provider in (None, e.provider)]

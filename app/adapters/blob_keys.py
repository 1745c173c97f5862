"""What a blob's key may look like: relative, of plain names. One rule for every place that keeps blobs."""

from __future__ import annotations


def parts_of(key: str) -> list[str]:
    """Return the names that a key consists of.

    Raises:
        ValueError: it is none of ours: it could lead elsewhere.
    """
    parts = key.split("/")
    if any(part in {"", ".", ".."} or part != part.strip() or not part.isprintable() for part in parts):
        raise ValueError(f"not a blob key: {key!r}")
    if any("\\" in part or ":" in part or part.startswith(".") for part in parts):
        raise ValueError(f"not a blob key: {key!r}")
    return parts

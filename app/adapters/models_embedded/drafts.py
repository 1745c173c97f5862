"""What a recipe hands back: the text itself, or the data of a structured form before it is written out."""

from __future__ import annotations

Draft = str | dict[str, object]

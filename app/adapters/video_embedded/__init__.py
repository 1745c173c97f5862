"""The built-in composer of clips: typeset slides, spoken over and captioned. No key, no model, no network."""

from __future__ import annotations

from app.adapters.video_embedded.adapter import EmbeddedVideo

__all__ = ["EmbeddedVideo"]

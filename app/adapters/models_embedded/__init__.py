"""The built-in demo writer: fills a template from the brief by rules and phrase banks. No key, no model, no network."""

from __future__ import annotations

from app.adapters.models_embedded.adapter import MODEL_NAME, PROVIDER, EmbeddedModels
from app.adapters.models_embedded.writer import can_write

__all__ = ["MODEL_NAME", "PROVIDER", "EmbeddedModels", "can_write"]

"""Settings of a storm's or a bench's own. What the environment names is somebody's, and a storm empties it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.core.settings import Settings


def own_settings(folder: Path, **more: Any) -> Settings:  # Any: fields of Settings
    """Return settings that keep everything in `folder`; none is taken from `GALLEY_…` of the environment."""
    return Settings(_env_prefix="GALLEY_OWN_", data_dir=folder, **more)

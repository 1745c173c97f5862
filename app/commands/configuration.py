"""Settings for a command, with every wrong one named in plain words before anything starts."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_settings import SettingsError

from app.core.settings import Settings, load_settings
from app.setup.refusal import Refusal


def checked_settings() -> Settings:
    """Return the settings.

    Raises:
        Refusal: one or more cannot be used; all are named.
    """
    try:
        return load_settings()
    except ValidationError as error:
        wrong = "; ".join(f"GALLEY_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors())
        raise Refusal(
            f"A setting cannot be used: {wrong}.", "correct it; docs/settings.md describes each one"
        ) from error
    except SettingsError as error:
        raise Refusal(
            f"A setting cannot be read: {error}.", "lists are written as JSON; docs/settings.md describes each one"
        ) from error

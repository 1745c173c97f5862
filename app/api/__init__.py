"""The REST door and the gate in front of everything."""

from app.api.build import build_api

__all__ = ["build_api"]

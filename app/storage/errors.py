"""What can be refused around files."""

from __future__ import annotations

from app.core.errors import TooMany


class QuotaFull(TooMany):
    """The workspace keeps as much as it may, until somebody makes room."""

    code = "storage.quota"
    message = "The workspace's {limit} MB for files are used up. Delete some, and empty the trash of the media library."

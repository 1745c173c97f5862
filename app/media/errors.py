"""What can be refused around media."""

from __future__ import annotations

from app.core.errors import Conflict, InvalidInput


class NoModel(Conflict):
    """Nothing that is connected, and nothing built in, can do it."""

    code = "media.no_model"
    message = "No connected model can do this. Connect a provider in Settings, Providers."


class NotReady(Conflict):
    """An asset that is still being made, or was never finished."""

    code = "media.not_ready"
    message = "This is not ready yet."


class NoDraft(Conflict):
    """Something that is no draft of a clip, where one was to be finished or kept."""

    code = "media.no_draft"
    message = "This is not the draft of a clip."


class BadAspect(InvalidInput):
    """No network and no form of that name."""

    code = "media.aspect"
    message = "There is no form called {aspect}."

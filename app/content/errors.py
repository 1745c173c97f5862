"""Refusals of the content service that have a class of their own."""

from __future__ import annotations

from app.core.errors import Conflict, TooMany


class DemoUsedUp(TooMany):
    """A demo workspace has made all its runs."""

    code = "demo.runs_used_up"
    message = "This demo workspace has made its {limit} runs. Sign up to go on: everything in it stays yours."


class VersionMoved(Conflict):
    """Somebody saved the document meanwhile."""

    code = "document.moved"
    message = "Somebody saved this document meanwhile: it is at version {version} now. Reload it, then save again."


class VariantMissing(Conflict):
    """A variant that was stopped or failed before it had a text."""

    code = "variant.no_text"
    message = "This variant has no finished text to keep."


class RunStopped(Conflict):
    """Not raised: what a run that was stopped tells whoever still listens."""

    code = "run.stopped"
    message = "The run was stopped. What was there is saved."


class RunGoesOn(Conflict):
    """A run that is not over cannot be told again."""

    code = "run.goes_on"
    message = "This run is not over yet."


class RunLost(Conflict):
    """Not raised: what is said of a run whose process died."""

    code = "run.lost"
    message = "The process that wrote this was ended. Run it again."


class NothingFails(Conflict):
    """A place was to be written again, but no check fails there."""

    code = "line.nothing_fails"
    message = "Nothing fails in this line any more."

"""What can go wrong around a job, and how a handler is told to stop.

Conflict (409)
 ├─ JobEnded              cancelling, pausing or resuming what is over
 └─ NeededBroke           what the job needs has ended without being done
Unavailable (503)
 └─ NoHandler             this worker's version does not know the job: tried again, by a newer one perhaps
AppError
 ├─ JobTooLong            the job took longer than its limit
 └─ Quarantined           never raised: what is told of a job that took its workers down with it
Stopped                   inside a handler: let it pass, the worker expects it
 ├─ Cancelled             somebody cancelled or paused the job, or the worker is leaving
 └─ LeaseLost             another worker has taken the job over
"""

from __future__ import annotations

from app.core.errors import AppError, Conflict, Unavailable


class JobEnded(Conflict):
    """The job is over."""

    code = "job.ended"
    message = "This job is over; that is not possible any more."


class NeededBroke(Conflict):
    """A job that has to be done first has ended without being done."""

    code = "job.needed_broke"
    message = "A job that had to be done first has ended without a result."


class NoHandler(Unavailable):
    """This version of Galley knows no job of that name."""

    code = "job.no_handler"
    message = "This version of Galley does not know how to do this job."


class JobTooLong(AppError):
    """The job took longer than jobs of its name may."""

    code = "job.too_long"
    message = "This job took too long and was stopped."


class Quarantined(AppError):
    """The job was running each time when a worker died."""

    code = "job.quarantined"
    message = "This job stopped its worker several times and is not started again by itself."


class Stopped(Exception):
    """The handler is to end now. No error: clean up, and let it pass."""


class Cancelled(Stopped):
    """The job was cancelled or paused while it ran, or its worker is leaving."""


class LeaseLost(Stopped):
    """This run was thought dead and the job is another worker's now; nothing of this one counts any more."""

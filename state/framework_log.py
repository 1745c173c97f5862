"""Reflex logs what browsers send (payloads, cookies, tokens) and so do its socket libraries.
Only the place and level get through.
"""

from __future__ import annotations

import logging

NOISY = ("reflex", "reflex_base", "socketio", "engineio", "granian.access")


class PlaceOnly(logging.Filter):
    """Replaces the words of a framework's record by the function they come from."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.split(".")[0] in NOISY or record.name in NOISY:
            kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
            record.msg = f"{record.module}.{record.funcName} {kind}".strip()
            record.args = ()
            record.exc_info = None
            record.exc_text = None
        return True


def keep_payloads_out() -> None:
    """Put the filter on every handler that exists now, on the root and on the frameworks' own loggers."""
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in NOISY)]
    for logger in loggers:
        for handler in logger.handlers:
            if not any(isinstance(one, PlaceOnly) for one in handler.filters):
                handler.addFilter(PlaceOnly())

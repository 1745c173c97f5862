"""Every handler, found by importing every module of this package: a new file needs no list."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

import jobs
from app.core.jobs.registry import HANDLERS, Handler


def load_handlers() -> Mapping[str, Handler]:
    """Import the package's modules, and return what they have registered by the job's name."""
    for module in pkgutil.iter_modules(jobs.__path__):
        importlib.import_module(f"jobs.{module.name}")
    return HANDLERS

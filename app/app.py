"""The composition root: the one file that sees everything. It draws the pages, mounts the API, sets the gate in front.

Importing it makes no connection and reads no data: the outside world is built when the server calls the app.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import reflex as rx
from reflex.config import get_config

from components.document import head
from components.i18n import DirectionProvider, direction, translate
from components.notices import error_boundary, overlay
from components.pages import add_pages
from state.failures import report_backend, report_frontend
from state.guard import Guard

FIRST_SHEETS = ("tokens", "theme", "fonts", "boot", "elements", "controls", "sheet", "shell", "overlays", "screens")
"""In this order, what narrows after what it narrows; the pages' own sheets follow."""


def stylesheets() -> list[str]:
    """Return the style sheets of assets/styles in the order in which they apply."""
    found = sorted(path.stem for path in (Path.cwd() / "assets" / "styles").glob("*.css"))
    pages = [name for name in found if name not in FIRST_SHEETS]
    return [f"/styles/{name}.css" for name in (*FIRST_SHEETS, *pages)]


_gates: list[Any] = []  # Any: ASGI applications
"""The gate that `with_api` has made; the server's process makes one."""


def past_framework(framework: Any) -> Any:  # Any: ASGI applications
    """Return the web process with the requests of programs led straight to the gate.

    What Reflex wraps around everything (its error page, CORS, contexts of states) is for pages and the socket; for a
    stream it would be four more calls per token.
    """
    from app.api.headers import is_for_programs

    gate = _gates[-1]

    async def entrance(scope: Any, receive: Any, send: Any) -> None:
        straight = scope["type"] == "http" and is_for_programs(scope["path"])
        await (gate if straight else framework)(scope, receive, send)

    return entrance


def with_api(reflex_app: Any) -> Any:  # Any: ASGI applications
    """Return the whole web process: the gate, then the API, then Reflex's pages and socket."""
    from app.api import build_api
    from app.api.gate import Gate
    from app.api.inline_scripts import script_hashes
    from app.bootstrap import build_ports
    from app.core.settings import load_settings
    from app.core.telemetry import configure_logging
    from state.framework_log import keep_payloads_out
    from state.session import bind_ports

    settings = load_settings()
    configure_logging(settings.log_level)
    keep_payloads_out()
    ports = build_ports(settings)
    bind_ports(ports)
    api = build_api(ports, translate=translate)
    api.mount("", reflex_app)
    gate = Gate(api, settings=settings, script_hashes=script_hashes(built_pages()))
    _gates.append(gate)
    return gate


@asynccontextmanager
async def outside_world() -> AsyncIterator[None]:
    """Load what is slow to load in the background once the server listens, and close what is open at the end."""
    from app.content.checks.registry import warm_up
    from app.content.generations import stop_all
    from app.core.closing import close_media
    from state.live import tell_tabs
    from state.session import ports

    world = ports()
    telling = asyncio.create_task(tell_tabs(app))
    loading = asyncio.create_task(_load(asyncio.to_thread(warm_up), world.models.warm()))
    yield
    loading.cancel()
    telling.cancel()
    await stop_all()
    await world.queue.close()
    await world.bus.close()
    await world.models.close()
    await close_media(world)
    await world.reach.close()
    await world.db.close()


async def _load(*parts: Awaitable[None]) -> None:
    """Load, then take what will never be garbage out of the collector's rounds.

    A full round would look at half a million objects, and every stream would stand still meanwhile.
    """
    await asyncio.gather(*parts)
    gc.collect()
    gc.freeze()


def built_pages() -> Any:
    """Return the folder of the built front end."""
    from reflex.utils.prerequisites import get_web_dir

    return get_web_dir() / "build" / "client"


def compose() -> rx.App:
    """Return the app with all its pages."""
    get_config()
    web = rx.App(
        stylesheets=stylesheets(),
        reset_style=False,
        head_components=head(),
        html_lang="en",
        html_custom_attrs={"dir": "ltr"},
        toaster=None,
        app_wraps={(55, "ErrorBoundary"): error_boundary, (5, "Overlay"): overlay},
        extra_app_wraps={(60, "Direction"): lambda _: DirectionProvider.create(dir=direction())},
        api_transformer=[with_api],
        backend_exception_handler=report_backend,
        frontend_exception_handler=report_frontend,
    )
    web.add_middleware(Guard())
    web.register_lifespan_task(outside_world)
    add_pages(web)
    return web


app = compose()

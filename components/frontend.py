"""What the build of the front end gets from us, as a Reflex plugin: our words, our data,
and three corrections to its client.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reflex.plugins import Plugin

# Reflex 0.10.1 bakes the address it was built for into the bundle. The page is always served by the process that also
# answers the socket, so the page's own address is right on every host and port, with and without TLS.
CLIENT = "utils/state.js"
OWN_ADDRESS_AFTER = "  const endpoint = new URL(url_str);\n"
OWN_ADDRESS = """  if (typeof window !== "undefined") {
    endpoint.protocol = window.location.protocol;
    endpoint.hostname = window.location.hostname;
    endpoint.port = window.location.port;
    return endpoint;
  }
"""
# English sentences inside Reflex's client, and the key under which we translate each.
CLIENT_TEXTS = {
    "client.new_version": "A new version of this app is available.",
    "client.reload": "Reload",
}


def corrected_client(source: str) -> str:
    """Return Reflex's client module with our address rule and our words.

    Raises:
        ValueError: a place to correct is gone, so Reflex has changed and this module must follow.
    """
    if source.count(OWN_ADDRESS_AFTER) != 1:
        raise ValueError("utils/state.js: the place for the address rule was not found once")
    source = source.replace(OWN_ADDRESS_AFTER, OWN_ADDRESS_AFTER + OWN_ADDRESS)
    for key, text in CLIENT_TEXTS.items():
        literal = json.dumps(text)
        if source.count(literal) != 1:
            raise ValueError(f"utils/state.js: {literal} was not found once")
        source = source.replace(literal, f"(window.galleyText?.({json.dumps(key)}, {literal}) ?? {literal})")
    return source


class GalleyFrontend(Plugin):
    """Adds what the pages need beside Reflex's own output."""

    def get_frontend_development_dependencies(self, **context: Any) -> list[str]:
        """Return npm packages of the tests: axe finds barriers, it is never shipped."""
        return ["axe-core@4.14.1"]

    def get_static_assets(self, **context: Any) -> Sequence[tuple[Path, str | bytes]]:
        """Return the generated files of .web/public."""
        from components.catalogue_data import catalogue_module
        from components.i18n import compile_locales

        locales = [(Path("public", "locales", f"{name}.json"), words) for name, words in compile_locales().items()]
        return [*locales, (Path("public", "js", "catalogue.js"), catalogue_module())]

    def pre_compile(self, **context: Any) -> None:
        """Write Reflex's client, corrected, into .web; always from the original,
        so that a second build changes nothing.
        """
        from reflex_base import constants

        original = Path(constants.Templates.Dirs.WEB_TEMPLATE) / CLIENT
        context["add_save_task"](lambda: (CLIENT, corrected_client(original.read_text())))

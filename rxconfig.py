"""Configuration of the Reflex framework; everything an operator may choose is in app/core/settings.py."""

import reflex as rx

from app.core.settings import load_settings
from components.frontend import GalleyFrontend

settings = load_settings()

config = rx.Config(
    app_name="app",
    frontend_port=settings.port,
    backend_port=settings.port,
    backend_host=settings.host,
    api_url=f"http://localhost:{settings.port}",
    deploy_url=settings.address,
    cors_allowed_origins=sorted(settings.origins),
    redis_url=settings.redis_url or None,
    state_manager_mode=(
        rx.constants.StateManagerMode.REDIS if settings.redis_url else rx.constants.StateManagerMode.MEMORY
    ),
    telemetry_enabled=False,
    show_built_with_reflex=False,
    frontend_lazy_bundled_libraries=True,
    plugins=[rx.plugins.TailwindV4Plugin(), GalleyFrontend()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)

"""The gallery: which templates one has marked. What is shown is chosen in the browser."""

from __future__ import annotations

import reflex as rx

from app.core.errors import AppError
from state.marks import needs, public
from state.session import SessionState, ctx_for


class GalleryState(rx.State):
    """One's favourites, newest first."""

    favourites: list[str] = []

    @rx.event
    @public
    async def open(self) -> None:
        """Read the favourites of whoever is signed in; a visitor has none."""
        from app.content import favourites

        ctx = await ctx_for(self)
        self.favourites = await favourites.list_mine(ctx) if ctx.user_id else []

    @rx.event
    @needs("templates:read")
    async def toggle(self, template_id: str) -> None:
        """Mark a template, or take the mark away."""
        from app.content import favourites

        ctx = await ctx_for(self)
        marked = template_id in self.favourites
        try:
            await (favourites.remove if marked else favourites.add)(ctx, template_id=template_id)
        except AppError as error:
            session = await self.get_state(SessionState)
            session._say_error(error)
        self.favourites = await favourites.list_mine(ctx)

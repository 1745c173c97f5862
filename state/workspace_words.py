"""How words are said in every text of the workspace, on the page of the brands. Each change is kept at once."""

from __future__ import annotations

from collections.abc import Callable

import reflex as rx

from app.core.errors import AppError, InvalidInput
from state.marks import needs, public
from state.session import SessionState, ctx_for
from state.word_rows import WordRow, added, as_said, dropped, respoken, rows_of


class WordsState(rx.State):
    """The list; `stamp` counts what was added, so that the form is empty again."""

    words: list[WordRow] = []
    stamp: int = 0

    @rx.event
    @public
    async def open(self) -> None:
        """Read the list."""
        from app.media import pronunciations

        ctx = await ctx_for(self)
        if "media:read" in ctx.scopes:
            self.words = rows_of(await pronunciations.of_workspace(ctx))

    @rx.event
    @needs("media:write")
    async def add_word(self, form: dict[str, str]) -> None:
        """Say how a word is said; the same word in the same language is said anew."""
        if await self._keep(lambda words: added(words, form)):
            self.stamp += 1

    @rx.event
    @needs("media:write")
    async def change_word(self, place: int, spoken: str) -> None:
        """Have a word said in another way; nothing to say leaves it as it was."""
        await self._keep(lambda words: respoken(words, place, spoken))

    @rx.event
    @needs("media:write")
    async def drop_word(self, place: int) -> None:
        """Have a word said as it is written."""
        await self._keep(lambda words: dropped(words, place))

    async def _keep(self, change: Callable[[list[WordRow]], list[WordRow]]) -> bool:
        """Keep a changed list, and show what it is now; False for a refusal, which is said."""
        from pydantic import TypeAdapter, ValidationError

        from app.media import pronunciations
        from app.media.recipes import WordsSaid

        ctx, kept = await ctx_for(self), True
        try:
            said = TypeAdapter(WordsSaid).validate_python(as_said(change(self.words)))
            self.words = rows_of(await pronunciations.keep(ctx, said=said))
        except ValidationError:
            kept = False
            (await self.get_state(SessionState))._say_error(InvalidInput(field="said"))
        except AppError as error:
            kept = False
            (await self.get_state(SessionState))._say_error(error)
        return kept

"""The run screen: a brief on one side, the text being set on the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import reflex as rx

from app.content.profiles import LANGUAGES
from app.core.errors import AppError
from state.marks import needs, public
from state.run_choices import COMMON, RunChoices, curl_of
from state.run_feed import Feed
from state.run_preview import PreviewView
from state.run_view import CheckView, FieldView, LineView, VariantTab, WhyView, field_views, typed_values
from state.run_why import Origin
from state.session import SessionState, ctx_for

if TYPE_CHECKING:
    from app.content.events import Checked, Event
    from app.content.schemas import RunRequest
    from app.content.template import Template
    from app.core.context import Context

BEAT_S = 0.05
"""The page is redrawn at most this often while text flows: 20 times a second reads as steady and costs a third."""
SESSION_CHECK_S = 5.0


class RunState(RunChoices, rx.State):
    """One template, one brief, and the variants of the latest run."""

    template_id: str = ""
    name: str = ""
    purpose: str = ""
    category: str = ""
    category_name: str = ""
    missing: bool = False
    fields: list[FieldView] = []
    language: str = "en"
    tone: str = "plain"
    register: str = "auto"
    variants: str = "1"
    stamp: int = 0

    phase: str = "idle"
    pane: str = "form"
    tabs: list[VariantTab] = []
    current: str = "A"
    lines: list[LineView] = []
    checks: list[CheckView] = []
    leaf_state: str = ""
    repairing: bool = False
    model: str = ""
    embedded: bool = False
    why: list[WhyView] = []
    why_open: bool = False
    origin: Origin = Origin()
    asking: str = ""
    cost: str = ""
    no_charge: bool = False
    cost_known: bool = True
    took_s: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    passed: int = 0
    total: int = 0
    failed: int = 0
    text: str = ""
    preview: PreviewView = PreviewView()
    generation_id: str = ""
    document_id: str = ""
    begun_at: str = ""
    failure_code: str = ""
    failure: str = ""
    failure_params: dict[str, str | int | float] = {}
    request_id: str = ""

    _feed: Feed | None = None
    _form: dict[str, str] = {}
    _stop: bool = False
    _asked_s: float = 0.0

    @rx.event
    @public
    async def open(self) -> None:
        """Show the template named in the address; `?sample=1` fills the form."""
        from app.content.catalogue_files import load_catalogue

        slug = str(self.router.url.path).rstrip("/").rsplit("/", 1)[-1]
        catalogue = load_catalogue()
        try:
            template = catalogue.get(slug)
        except AppError:
            self.missing = True
            return
        session = await self.get_state(SessionState)
        self._show_template(template, catalogue, language=session.locale or "en")
        if self.router.url.query_parameters.get("sample"):
            self._fill(template, catalogue.sample(template.id, self.language))
        await self._read_models()
        await self._reckon()

    @rx.event
    @public
    def fill_sample(self) -> None:
        """Put the sample brief of the chosen language into the form."""
        from app.content.catalogue_files import load_catalogue

        catalogue = load_catalogue()
        self._fill(catalogue.get(self.template_id), catalogue.sample(self.template_id, self.language))

    @rx.event
    @public
    async def choose(self, name: str, value: str) -> None:
        """Set one of the settings under "More"; whether the value exists is for the service to say."""
        if name in COMMON:
            setattr(self, name, value[:20])
            await self._reckon()

    @rx.event
    @public
    def show_pane(self, pane: str) -> None:
        """On a phone: show the form or the result."""
        self.pane = "result" if pane == "result" else "form"

    @rx.event
    @public
    def look_at(self, letter: str) -> None:
        """Show another variant."""
        if self._feed is not None and letter in self._feed.leaves:
            self._feed.current, self._feed.followed = letter, False
            self._show(self._feed)

    @rx.event
    @public
    def turn_preview(self) -> None:
        """Show another combination in the preview."""
        if self._feed is not None:
            self._feed.turn += 1
            self._show(self._feed)

    @rx.event
    @public
    def toggle_why(self) -> None:
        """Open or close "Why this model?"."""
        self.why_open = not self.why_open

    @rx.event
    @needs("generations:write")
    def stop(self) -> None:
        """Ask the run to end; what was set stays."""
        self._stop = True

    @rx.event(background=True)
    @needs("generations:write")
    async def run(self, form: dict[str, str]) -> None:
        """Run the brief and follow the text as it is set."""
        await self._run(form)

    @rx.event(background=True)
    @needs("generations:write")
    async def run_fresh(self) -> None:
        """Run the same brief once more, and have it written anew where an earlier answer was served."""
        async with self:
            form = dict(self._form)
        await self._run(form, fresh=True)

    @rx.event
    @needs("generations:write")
    async def measure_line(self, path: str, text: str) -> None:
        """Check a line again while it is being corrected; nothing is kept yet."""
        await self._recheck(path, text, keep=False)

    @rx.event
    @needs("documents:write")
    async def keep_line(self, path: str, text: str) -> None:
        """Keep a corrected line as a new version of the document."""
        await self._recheck(path, text, keep=True)

    async def _run(self, form: dict[str, str], *, fresh: bool = False) -> None:
        async with self:
            if self.phase == "running":
                return
            ctx, feed, request = await self._begin(form, fresh=fresh)
        try:
            await self._follow(ctx, feed, request)
        except AppError as error:
            async with self:
                self._refuse(error, ctx)
        finally:
            async with self:
                self._end()

    @rx.event(background=True)
    @needs("generations:write")
    async def ask_line(self, path: str) -> None:
        """Have one failing line written again; the better of the two versions is kept."""
        from app.content.asking_again import ask_again

        async with self:
            if self._feed is None or self.phase == "running" or self.asking:
                return
            self.asking, letter, text = path, self.current, self._feed.leaf(self.current).text
            ctx, run_id, quality = await ctx_for(self), self.generation_id, self._request("", {}, fresh=True).quality
        try:
            checked = await ask_again(ctx, generation_id=run_id, letter=letter, text=text, path=path, quality=quality)
            async with self:
                self._put_line(letter, checked)
        except AppError as error:
            async with self:
                (await self.get_state(SessionState))._say_error(error)
        finally:
            async with self:
                self.asking = ""

    def _put_line(self, letter: str, checked: Checked) -> None:
        if self._feed is not None:
            leaf = self._feed.leaf(letter)
            leaf.text, leaf.results, leaf.lines = checked.text, checked.results, checked.lines
            leaf.passed, leaf.total = checked.passed, checked.total
            self._show(self._feed)

    def _show_template(self, template: Template, catalogue: Any, *, language: str) -> None:  # Any: Catalogue
        if template.id == self.template_id:
            return
        feed, self._feed = self._feed, None
        if feed is not None:
            self.reset()
        self.template_id, self.name, self.purpose = template.id, template.name, template.purpose
        self.category, self.category_name = template.category, catalogue.categories[template.category].name
        self.language = language if language in LANGUAGES else "en"
        self.fields, self._typed = field_views(template), {}
        self.missing = False

    def _fill(self, template: Template, values: dict[str, object]) -> None:
        self.fields = field_views(template, values)
        self.stamp += 1

    async def _begin(self, form: dict[str, str], *, fresh: bool) -> tuple[Context, Feed, RunRequest]:
        from app.content.catalogue_files import load_catalogue

        catalogue = load_catalogue()
        template = catalogue.get(self.template_id)
        inputs = typed_values(template, form) | {name: getattr(self, name) for name in COMMON}
        feed = self._feed = Feed(template, catalogue.limits, inputs)
        request = self._request(template.id, inputs, fresh=fresh)
        self._stop, self._form, self.code, self.code_open = False, form, curl_of(request), False
        self._asked_s = asyncio.get_running_loop().time()
        self.phase, self.pane, self.why_open = "running", "result", False
        self.failure = self.failure_code = self.request_id = ""
        self.begun_at = datetime.now(UTC).isoformat()
        for view in self.fields:
            view.value, view.error, view.error_code = str(form.get(view.name) or ""), "", ""
        self._show(feed)
        return await ctx_for(self), feed, request

    async def _follow(self, ctx: Context, feed: Feed, request: RunRequest) -> None:
        # The feed itself, not the state's view of it: that one may be changed under the lock only.
        from app.content.service import generate

        async with (
            contextlib.aclosing(generate(ctx, request=request)) as events,
            # Closed first: it waits for the next event, and events cannot be closed meanwhile.
            contextlib.aclosing(_in_beats(events, feed)) as beats,
        ):
            async for _ in beats:
                async with self:
                    self._show(feed)
                    if self._stop or not await self._still_allowed():
                        return

    async def _still_allowed(self) -> bool:
        """Look at the session again now and then: a run must not outlive a sign-out."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._asked_s < SESSION_CHECK_S:
            return True
        self._asked_s = now_s
        return "generations:write" in (await ctx_for(self)).scopes

    def _show(self, feed: Feed) -> None:
        """Copy what changed into the vars; equal values would be sent again."""
        for name, value in feed.shown().items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    def _refuse(self, error: AppError, ctx: Context) -> None:
        at_field = [view for view in self.fields if view.name == error.field]
        for view in at_field:
            view.error_code, view.error, view.error_params = f"error.{error.code}", error.message, dict(error.params)
        if at_field:
            self.pane = "form"
            self.phase = "idle"
            return
        self.failure_code, self.failure, self.failure_params = f"error.{error.code}", error.message, dict(error.params)
        self.request_id = ctx.request_id

    def _end(self) -> None:
        feed = self._feed
        if feed is not None and feed.failure is not None:
            failed = feed.failure
            self.failure_code, self.failure = f"error.{failed.code}", failed.message
            self.failure_params = dict(failed.params)
        if self.phase == "running":
            self.phase = "failed" if self.failure else "stopped" if self._stop else "done"
        if feed is not None:
            feed.settle(stopped=self.phase != "done")
            self._show(feed)

    async def _recheck(self, path: str, text: str, *, keep: bool) -> None:
        from app.content.service import correct_line

        if self._feed is None or self.phase == "running":
            return
        leaf = self._feed.leaf(self.current)
        try:
            ctx = await ctx_for(self)
            checked = await correct_line(
                ctx,
                generation_id=self.generation_id,
                letter=self.current,
                text=leaf.text,
                path=path,
                line=text,
                keep=keep,
            )
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
            return
        leaf.results, leaf.lines, leaf.passed, leaf.total = (
            checked.results,
            checked.lines,
            checked.passed,
            checked.total,
        )
        if keep:
            leaf.text = checked.text
        self._show(self._feed)


async def _in_beats(events: AsyncIterator[Event], feed: Feed) -> AsyncGenerator[None]:
    """Take events into `feed`; yield when the page should be redrawn: at once for what is urgent, else at each beat.

    It beats also while nothing comes, so that Stop is noticed when a provider hangs.
    """
    loop = asyncio.get_running_loop()
    drawn_s = loop.time()
    upcoming = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            await asyncio.wait({upcoming}, timeout=BEAT_S)
            if upcoming.done():
                event = upcoming.result()
                if event is None:
                    yield None
                    return
                feed.take(event)
                upcoming = asyncio.ensure_future(anext(events, None))
            if feed.urgent or loop.time() - drawn_s >= BEAT_S:
                drawn_s = loop.time()
                feed.urgent = False
                yield None
    finally:
        upcoming.cancel()
        with contextlib.suppress(asyncio.CancelledError, StopAsyncIteration, AppError):
            await upcoming

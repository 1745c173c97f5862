"""Who sits at this tab, as the screen shows it. What they may do is read from the database at every event,
never from here.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import quote

import reflex as rx

from app.core.errors import AppError
from app.core.ids import new_id
from state import money
from state.marks import public

if TYPE_CHECKING:
    from reflex.state import BaseState

    from app.core.context import Context
    from app.core.ports import Ports
    from app.tenancy.principal import Principal

_ports: list[Ports] = []


def bind_ports(ports: Ports) -> None:
    """Give the handlers the outside world; called once, by the composition root."""
    _ports[:] = [ports]


def ports() -> Ports:
    """Return the outside world.

    Raises:
        RuntimeError: the composition root has not run.
    """
    if not _ports:
        raise RuntimeError("no ports bound: app/app.py has not run its start-up")
    return _ports[0]


def session_token(state: BaseState) -> str:
    """Return the session cookie of the socket that sent the present event, "" without one."""
    jar = SimpleCookie()
    try:
        jar.load(state.router.headers.cookie or "")
    except CookieError:
        return ""
    morsel = jar.get(ports().settings.cookie_name)
    return morsel.value if morsel else ""


async def principal_of(state: BaseState) -> Principal | None:
    """Return who sent the present event, at most one second out of date."""
    from app.tenancy.sessions import resolve

    token = session_token(state)
    return await resolve(ports(), token=token) if token else None


async def ctx_for(state: BaseState) -> Context:
    """Return the context of the present event; every handler that calls a service begins with it.

    Long streams call it again every few seconds: a session that has ended gives a context that may do nothing.
    """
    from app.tenancy.principal import context_for

    session = await state.get_state(SessionState)
    return context_for(ports(), await principal_of(state), f"ev-{new_id()}", session.locale or None)


class SessionState(rx.State):
    """The person, the workspace and the one notice that is shown."""

    signed_in: bool = False
    name: str = ""
    email: str = ""
    initials: str = ""
    organisation: str = ""
    role: str = ""
    scopes: list[str] = []
    locale: str = ""
    theme: str = ""
    demo: bool = False
    operator: bool = False
    spent: str = ""
    budget: str = ""
    budget_share: int = 0
    expired: bool = False
    notice: dict[str, str] = {}

    _owner: str = ""

    @rx.event
    @public
    async def load(self) -> None:
        """Read who sits here; every page calls it when it opens."""
        await self._show(await principal_of(self))

    @rx.event
    @public
    async def enter(self) -> rx.event.EventSpec | None:
        """Read who sits here, and send away who is not signed in; pages of the workspace call it when they open."""
        principal = await principal_of(self)
        await self._show(principal)
        if principal is None:
            return rx.redirect(f"/sign-in?next={_here(self)}")
        return None

    @rx.event
    @public
    def dismiss(self) -> None:
        """Take the notice away."""
        self.notice = {}

    async def _show(self, principal: Principal | None) -> None:
        self.signed_in = principal is not None
        self.expired = False
        self.name = principal.name if principal else ""
        self.email = (principal.email or "") if principal else ""
        self.initials = _initials(principal)
        self.organisation = principal.tenant_name if principal else ""
        self.role = principal.role if principal else ""
        self.scopes = sorted(principal.scopes) if principal else []
        self.locale = principal.locale if principal else ""
        self.theme = principal.theme if principal else ""
        self.demo = bool(principal and principal.is_demo)
        self.operator = bool(principal and principal.is_operator)
        await self._read_purse(await ctx_for(self))

    async def _read_purse(self, ctx: Context) -> None:
        """Read what the workspace has spent this month, and of which budget; "" for nothing and for none."""
        from app.usage import budgeting, service
        from state.usage_month import monthly_limit

        self.spent, self.budget, self.budget_share = "", "", 0
        if "usage:read" not in ctx.scopes:
            return
        own = await budgeting.of_workspace(ctx)
        limit = monthly_limit([own]) if own else None
        micros = own.spent_micros if own else (await service.summary(ctx)).cost_micros
        self.spent = money.total(micros) if micros or limit else ""
        self.budget = money.limit(limit) if limit is not None else ""
        self.budget_share = 100 * micros // limit if limit else 0

    def _say(self, key: str, default: str, *, tone: str = "ok", **params: object) -> None:
        """Show a notice; `key` and `default` as in components.i18n.T. For the handlers of other states.

        Two parameters are no slots: `href` is a path of ours to which the notice leads, `undo` what it can undo.
        """
        words = {name: str(value) for name, value in params.items()}
        self.notice = {"id": str(new_id()), "tone": tone, "key": key, "text": default, **words}

    def _say_error(self, error: AppError) -> None:
        """Show what a service refused; texts of errors are looked up by their code."""
        self._say(f"error.{error.code}", error.message, tone="bad", **error.params)


def _here(state: BaseState) -> str:
    """Return the address of the present page, ready to stand in another address."""
    url = state.router.url
    return quote(url.path + (f"?{url.query}" if url.query else ""), safe="/")


def _initials(principal: Principal | None) -> str:
    if principal is None:
        return ""
    words = (principal.name or principal.email or "").split("@")[0].split()
    return "".join(word[0] for word in [words[0], words[-1]][: len(words)]).upper() if words else ""

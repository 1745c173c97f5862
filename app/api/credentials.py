"""Who asks: an API key in the Authorization header, or the session cookie of a browser. Never both at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from ipaddress import IPv6Address, ip_address
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from app.core.errors import NotAllowed, NotSignedIn
from app.core.ports import Ports
from app.core.settings import Settings
from app.tenancy import api_keys, sessions
from app.tenancy.principal import Principal, SignedIn

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
IPV6_NETWORK_BITS = 64  # one customer holds at least a /64: RFC 6177


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks and how they showed it. `token` is the cookie's value; `address` names where the request is from."""

    principal: Principal | None
    by: Literal["nothing", "cookie", "key"]
    address: str
    token: str = ""

    @property
    def name(self) -> str:
        """Return what requests are counted under: the key, the person, or the address of nobody in particular."""
        if self.principal is None:
            return f"address:{self.address}"
        if self.principal.api_key_id is not None:
            return f"key:{self.principal.api_key_id}"
        return f"person:{self.principal.user_id}"


async def identify(ports: Ports, request: Request, *, key_allowed: bool) -> Caller:
    """Return who asks; nobody where nothing was shown or the cookie is over.

    Raises:
        NotSignedIn: an Authorization header came that is no valid key: there is no falling back to a cookie.
    """
    address = address_of(request)
    shown = request.headers.getlist("authorization")
    if shown and key_allowed:
        principal = await api_keys.resolve_key(ports, key=_bearer(shown))
        if principal is None:
            raise NotSignedIn("This API key is not valid (any more).", code="auth.key_invalid")
        return Caller(principal, "key", address)
    token = session_token(request, ports.settings)
    principal = await sessions.resolve(ports, token=token) if token else None
    return Caller(principal, "cookie" if principal else "nothing", address, token)


def _bearer(shown: list[str]) -> str:
    scheme, _, token = shown[0].partition(" ")
    if len(shown) != 1 or scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("Send the key as: Authorization: Bearer gly_…", code="auth.scheme")
    return token.strip()


def session_token(request: Request, settings: Settings) -> str:
    """Return the session cookie's value, "" where there is none or more than one."""
    header = "; ".join(request.headers.getlist("cookie"))
    names = [pair.partition("=")[0].strip() for pair in header.split(";")]
    if names.count(settings.cookie_name) != 1:
        return ""
    try:
        morsel = SimpleCookie(header).get(settings.cookie_name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def address_of(request: Request) -> str:
    """Return the network a request comes from, as far as limits tell callers apart.

    The address is the server's view of the peer: forwarding headers are the caller's own words.
    """
    return _network(request.client.host if request.client else "")


@lru_cache(maxsize=4096)
def _network(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host or "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> IPV6_NETWORK_BITS << IPV6_NETWORK_BITS))
    return str(address.ipv4_mapped if isinstance(address, IPv6Address) else address)


def refuse_foreign_page(request: Request, settings: Settings, caller: Caller) -> None:
    """Refuse a change that another site's page may have sent in a person's name (CSRF).

    With a cookie the request must say that it comes from our own pages; without one it must not say the opposite, so
    that nobody is signed in to a stranger's account.

    Raises:
        NotAllowed: it does not come from our own pages.
    """
    if request.method in SAFE_METHODS or caller.by == "key":
        return
    origins, site = request.headers.getlist("origin"), request.headers.get("sec-fetch-site")
    if origins:
        same = len(origins) == 1 and origins[0] in settings.origins
    elif site is not None:
        same = site == "same-origin"
    else:
        same = caller.by == "nothing"
    if not same:
        raise NotAllowed("This request does not come from a page of this installation.", code="auth.foreign_origin")


def put_cookie(response: Response, signed_in: SignedIn, settings: Settings) -> None:
    """Give the browser its session."""
    response.set_cookie(
        settings.cookie_name,
        signed_in.token,
        max_age=signed_in.max_age_s,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, settings: Settings) -> None:
    """Take the browser's session away."""
    response.delete_cookie(settings.cookie_name, path="/", secure=settings.is_https, httponly=True, samesite="lax")

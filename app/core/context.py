"""Who asks: built only at the doors, first argument of every service function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from app.core.errors import NotAllowed, NotInDemo, NotSignedIn

if TYPE_CHECKING:
    from app.core.db import TenantDatabase
    from app.core.ports import Ports

Actor = Literal["nobody", "user", "api_key", "system"]


@dataclass(frozen=True, slots=True)
class Context:
    """Tenant, person, permissions, language and the outside world for one request.

    `locale` is the language of the screen; what a text is written in is an input of the task.
    """

    ports: Ports
    request_id: str
    tenant_id: UUID | None = None
    user_id: UUID | None = None
    scopes: frozenset[str] = frozenset()
    locale: str = "en"
    actor: Actor = "nobody"
    api_key_id: UUID | None = None
    is_operator: bool = False
    is_demo: bool = False

    @property
    def db(self) -> TenantDatabase:
        """The database as this tenant may see it."""
        return self.ports.db.bound(tenant_id=self.tenant_id, user_id=self.user_id)

    @property
    def tenant(self) -> UUID:
        """The tenant's id.

        Raises:
            NotSignedIn: no tenant is bound.
        """
        if self.tenant_id is None:
            raise NotSignedIn
        return self.tenant_id

    def require(self, scope: str) -> None:
        """Refuse unless `scope` was granted.

        Raises:
            NotSignedIn: nobody is signed in.
            NotAllowed: the role, or a demo workspace, does not include the scope.
        """
        if self.actor == "nobody":
            raise NotSignedIn
        if scope not in self.scopes:
            raise (NotInDemo if self.is_demo else NotAllowed)(params={"scope": scope})

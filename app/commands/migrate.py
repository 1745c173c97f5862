"""`migrate`: makes the database or brings its tables up to date."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

from app.commands.configuration import checked_settings
from app.setup.refusal import Refusal


def main(arguments: Sequence[str]) -> int:
    """Run every migration that is still to run.

    Raises:
        Refusal: the database cannot be reached, written or migrated.
    """
    settings = checked_settings()
    os.umask(0o077)
    from sqlalchemy.exc import SQLAlchemyError

    from app.core.errors import Unavailable
    from app.core.migrating import migrate

    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.data_dir.chmod(0o700)
    try:
        asyncio.run(migrate(settings))
    except Unavailable as error:
        raise Refusal(error.text(), "see docs/operator.md, The database") from error
    except (OSError, SQLAlchemyError) as error:
        kind = "PostgreSQL" if settings.database_url else f"in {settings.data_dir}"
        why = str(getattr(error, "orig", None) or error).splitlines()[0][:200]
        raise Refusal(
            f"The database ({kind}) cannot be prepared: {why}",
            "check GALLEY_DATABASE_URL and that the database runs; for SQLite, that the data folder is yours",
        ) from error
    print("The database is up to date.")
    return 0

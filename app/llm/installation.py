"""Providers that the operator gives to every workspace: the TOML file that GALLEY_PROVIDERS_FILE names."""

from __future__ import annotations

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError

from app.core.errors import InvalidInput, Unavailable
from app.core.ports import ModelKind, ModelTarget, Tier
from app.core.settings import Settings
from app.core.telemetry import log
from app.llm.addresses import split_base_url
from app.llm.kinds import KINDS
from app.llm.schemas import HostedKind, ProviderOptions

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class InstallationModel(BaseModel):
    """A model of an installation's provider. Other kinds than text are for other parts of Galley."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: _Text
    tier: Tier = "fast"
    kind: ModelKind = "text"
    label: str = ""
    input_price: int | None = Field(default=None, ge=0)
    output_price: int | None = Field(default=None, ge=0)


class InstallationProvider(BaseModel):
    """One `[[provider]]` of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Text
    kind: HostedKind
    base_url: str = ""
    api_key: SecretStr = SecretStr("")
    options: ProviderOptions = ProviderOptions()
    model: tuple[InstallationModel, ...] = Field(min_length=1)

    @cached_property
    def targets(self) -> tuple[tuple[InstallationModel, ModelTarget], ...]:
        """Every model, and how it is reached; inside addresses are allowed."""
        return tuple(
            (
                model,
                ModelTarget(
                    provider=self.name,
                    kind=self.kind,
                    model=model.id,
                    base_url=self.base_url,
                    api_key=self.api_key.get_secret_value(),
                    tier=model.tier,
                    inside_allowed=True,
                    options=self.options.model_dump(),
                ),
            )
            for model in self.model
        )


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: tuple[InstallationProvider, ...] = ()


_read: dict[Path, tuple[int, tuple[InstallationProvider, ...]]] = {}


def installation_providers(settings: Settings) -> tuple[InstallationProvider, ...]:
    """Return the operator's providers; the file is read again when it changes.

    A file that breaks while Galley runs leaves the last good one in force, and is logged.

    Raises:
        Unavailable: the file is wrong and there is no good one to go on with.
    """
    path = settings.providers_file
    if path is None:
        return ()
    known = _read.get(path)
    try:
        stamp = path.stat().st_mtime_ns
        if known is None or known[0] != stamp:
            known = _read[path] = (stamp, _parsed(path))
    except OSError as error:
        return _last_good(path, f"it cannot be read ({error.strerror})")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return _last_good(path, f"it is not TOML: {error}")
    except ValidationError as error:
        return _last_good(path, _first_problem(error))
    except InvalidInput as error:
        return _last_good(path, error.text())
    return known[1]


def _parsed(path: Path) -> tuple[InstallationProvider, ...]:
    providers = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).provider
    for provider in providers:
        split_base_url(provider.base_url or KINDS[provider.kind].base_url)
    return providers


def _last_good(path: Path, problem: str) -> tuple[InstallationProvider, ...]:
    if path in _read:
        log.error("providers_file.broken", problem=problem)
        return _read[path][1]
    raise Unavailable(
        "The providers file {path} is wrong: {problem}.",
        code="providers_file.wrong",
        params={"path": str(path), "problem": problem},
    )


def _first_problem(error: ValidationError) -> str:
    """Say where and what, without the value: it may be a key."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
    return f"{where}: {first['msg']}"

"""What crosses the doors about providers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from app.core.ports import ModelKind, Tier
from app.core.text import one_line

HostedKind = Literal[
    "openai",
    "anthropic",
    "gemini",
    "deepseek",
    "mistral",
    "cohere",
    "azure",
    "bedrock",
    "openai-compatible",
    "stability",
    "elevenlabs",
    "runway",
    "automatic1111",
    "comfyui",
]
Source = Literal["workspace", "installation", "built-in"]
Health = Literal["ok", "failing", "resting"]

Name = Annotated[str, StringConstraints(max_length=80), AfterValidator(one_line)]
Address = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True)]
Key = Annotated[SecretStr, Field(max_length=500)]  # the rule, with its message, is in providers.py
ModelId = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True, pattern=r"^[\w.:@/+-]+$")]
Micros = Annotated[int, Field(ge=0, le=1_000_000_000)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelForm(_Form):
    """A model that a provider serves. A price of the workspace's own goes before the known one; 0 and 0: no charge."""

    id: ModelId
    tier: Tier = "fast"
    kind: ModelKind = "text"
    label: Name = ""
    input_price: Micros | None = Field(default=None, description="Micro-dollars per million tokens read.")
    output_price: Micros | None = Field(default=None, description="Micro-dollars per million tokens written.")


class ProviderOptions(_Form):
    """What few providers need. `lane` is for a server that the fast lane does not get on with."""

    api_version: Annotated[str, StringConstraints(pattern=r"^(\d{4}-\d\d-\d\d(-preview)?)?$")] = Field(
        default="", description="Azure: the version of the interface, e.g. 2024-10-21."
    )
    lane: Literal["", "litellm"] = Field(default="", description='"litellm": always ask through LiteLLM.')


Models = Annotated[tuple[ModelForm, ...], Field(min_length=1, max_length=20)]


class ProviderForm(_Form):
    """A new provider. Without an address the vendor's own is used; without models, its suggested ones."""

    name: Name = ""
    kind: HostedKind
    base_url: Address = ""
    api_key: Key = SecretStr("")
    models: Annotated[tuple[ModelForm, ...], Field(max_length=20)] = ()
    options: ProviderOptions = ProviderOptions()
    enabled: bool = True


class ProviderChange(_Form):
    """A change to a provider; None leaves a thing as it is. A key is only ever written, an empty one removes it."""

    name: Name | None = None
    base_url: Address | None = None
    api_key: Key | None = None
    models: Models | None = None
    options: ProviderOptions | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model of a provider; prices in micro-dollars per million tokens, None where the known price holds."""

    id: str
    tier: Tier
    label: str
    input_price: int | None = None
    output_price: int | None = None
    kind: ModelKind = "text"


@dataclass(frozen=True, slots=True)
class ModelTest:
    """How one model answered. `code` is empty when it did; else it finds the text, `message` is its English.

    `asked` is false where only its provider was greeted: models of pictures and sounds are not run for a test.
    """

    model: str
    ok: bool
    first_token_ms: int
    total_ms: int
    code: str = ""
    message: str = ""
    params: dict[str, Any] | None = None
    cost_micros: int = 0
    asked: bool = True


@dataclass(frozen=True, slots=True)
class TestResult:
    """How a provider's models answered when asked for one word."""

    ok: bool
    tested_at: datetime
    models: tuple[ModelTest, ...]


@dataclass(frozen=True, slots=True)
class KeyChange:
    """Whether a new key took the old one's place, and how the models answered to it."""

    replaced: bool
    test: TestResult


@dataclass(frozen=True, slots=True)
class ProviderView:
    """A row of the list: a workspace's own provider, one of the installation's, or the built-in writer.

    `key_tail` is the end of a key that is long enough to show it. `errors_since` and `resting_until` are set while
    calls go past it.
    """

    id: str
    source: Source
    name: str
    kind: str
    kind_label: str
    base_url: str
    has_key: bool
    key_tail: str
    enabled: bool
    editable: bool
    models: tuple[ModelView, ...]
    health: Health
    errors_since: datetime | None
    resting_until: datetime | None
    last_test: TestResult | None

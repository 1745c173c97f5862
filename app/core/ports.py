"""The outside world on one page: every port is a Protocol, every adapter of a port passes the same contract tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from app.core.blob_ports import BlobFound as BlobFound
from app.core.blob_ports import Blobs as Blobs
from app.core.blob_ports import Cdn as Cdn
from app.core.errors import AppError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.core.clock import Clock
    from app.core.db import Database
    from app.core.media_ports import Images, SoundTools, Speech, Transcription, Video
    from app.core.media_tools import MediaTools
    from app.core.settings import Settings
    from app.core.signals import Bus, Queue

Tier = Literal["fast", "strong", "critical"]
Quality = Literal["saver", "balanced", "best"]
ProviderKind = Literal[
    "embedded",
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
ModelKind = Literal["text", "embedding", "image", "speech", "transcription", "video"]
"""What a model makes."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a prompt."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What the embedded writer needs: it fills a structure from the inputs and reads no prompt.

    `inputs` holds the validated fields of the template (text, number or list of text); `only` names the output paths
    to write again in a repair pass (empty: everything); `previous` is the text being repaired.
    """

    template_id: str
    locale: str
    inputs: Mapping[str, object]
    variant: int = 0
    only: tuple[str, ...] = ()
    previous: str = ""


@dataclass(frozen=True, slots=True)
class ModelTarget:
    """One model at one provider. `api_key` is plain here and nowhere else; repr hides it.

    `inside_allowed`: the address may lie in the operator's own network; only operators' providers and laptop installs.
    `options`: `api_version` (Azure), and `lane` = "litellm" for a server that the thin lane does not get on with.
    """

    provider: str
    kind: ProviderKind
    model: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    tier: Tier = "fast"
    inside_allowed: bool = False
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One request for text."""

    target: ModelTarget
    messages: tuple[Message, ...]
    brief: Brief | None = None
    max_tokens: int = 2048
    temperature: float = 0.7
    json_output: bool = False
    connect_timeout_s: float = 5.0
    first_token_timeout_s: float = 30.0
    idle_timeout_s: float = 20.0


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of text."""

    text: str


@dataclass(frozen=True, slots=True)
class ModelFinished:
    """The regular end. Token counts are None when the provider sent none; a stream without this event has failed."""

    reason: Literal["stop", "length", "filtered"]
    tokens_in: int | None
    tokens_out: int | None


ModelEvent = TextDelta | ModelFinished


class ProviderError(AppError):
    """A provider did not deliver. The gateway tries the next one; the user sees it only when none is left."""

    status = 502
    code = "provider.failed"
    message = "The provider {provider} did not deliver: {reason}"


class ProviderKeyRefused(ProviderError):
    """401 or 403: the key is wrong, revoked or not allowed to use the model."""

    code = "provider.key_refused"
    message = "{provider} refused the key. Check it in Settings, Providers."


class ProviderBusy(ProviderError):
    """429."""

    code = "provider.busy"
    message = "{provider} is over its rate limit."


class ProviderDown(ProviderError):
    """Refused, reset, DNS, TLS, 5xx."""

    code = "provider.down"
    message = "{provider} cannot be reached."


class ProviderTimeout(ProviderError):
    """No connection, no first token or no further token in time."""

    code = "provider.timeout"
    message = "{provider} did not answer in time."


class ProviderBadAnswer(ProviderError):
    """Malformed line, in-band error, wrong content type, end without a finish."""

    code = "provider.bad_answer"
    message = "{provider} sent an answer that cannot be read."


class ProviderRefusedRequest(ProviderError):
    """400, 404, 422: unknown model or a request this provider cannot take."""

    code = "provider.refused_request"
    message = "{provider} cannot take this request: {reason}"


class Models(Protocol):
    """Text from models."""

    def stream(self, call: ModelCall) -> AsyncIterator[ModelEvent]:
        """Yield text as it comes, then exactly one ModelFinished. Closing the iterator ends the provider's call.

        Raises:
            ProviderError: one of its kinds; never a vendor's exception.
        """
        ...

    async def warm(self) -> None:
        """Load what takes long to load; calls that come before wait for it."""
        ...

    async def close(self) -> None:
        """End every connection; called once, when the process stops."""
        ...

    async def ping(self) -> None:
        """Return when the adapter can serve.

        Raises:
            Unavailable: it cannot, for example while its library is still loading.
        """
        ...


class Passwords(Protocol):
    """Slow hashes of passwords, and what is known about bad ones. No password is kept, logged or sent anywhere."""

    async def hash(self, password: str) -> str:
        """Return a salted hash that carries its own parameters."""
        ...

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Return whether the password fits; without a hash the same work is done and the answer is no."""
        ...

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        ...

    async def weakness(self, password: str, *, hints: tuple[str, ...] = ()) -> Literal["breached", "guessable"] | None:
        """Return why the password is easy to guess, or None; `hints` are words an attacker knows of the person."""
        ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a rate limit leaves."""

    allowed: bool
    remaining: int
    reset_s: int


class RateLimiter(Protocol):
    """Counts of what happened lately, by key; at most `limit` in any `window_s` seconds."""

    async def hit(self, key: str, *, limit: int, window_s: int) -> Allowance:
        """Count one more and say whether it still fits; one that does not fit is not counted."""
        ...

    async def peek(self, key: str, *, limit: int, window_s: int) -> Allowance:
        """Say whether one more would fit, without counting."""
        ...

    async def clear(self, key: str, *, limit: int, window_s: int) -> None:
        """Forget what was counted under the key."""
        ...

    async def ping(self) -> None:
        """Return when counting works.

        Raises:
            Unavailable: it does not.
        """
        ...


class Embeddings(Protocol):
    """Texts as vectors: texts that say nearly the same lie close together.

    Vectors of two models must never meet: `model` names the one that made them, `dimensions` is their length d.
    """

    model: str
    dimensions: int

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of unit length per text, shape (n, d), in order; an empty text's is all zeros.

        Raises:
            Unavailable: the model cannot be loaded or reached.
        """
        ...

    async def warm(self) -> None:
        """Load what takes long to load."""
        ...

    async def ping(self) -> None:
        """Return when vectors can be had; what loads at its first use counts as such.

        Raises:
            Unavailable: it was tried and failed.
        """
        ...


class Reach(Protocol):
    """Whether a provider can be reached with its key, without asking a model for anything."""

    async def reach(self, target: ModelTarget, *, timeout_s: float) -> None:
        """Make the lightest call that the provider answers to holders of a good key only, where it has one.

        Raises:
            ProviderError: one of its kinds.
        """
        ...

    async def close(self) -> None:
        """End every connection; called once, when the process stops."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside world and the operator's choices, made once in app/bootstrap.py."""

    settings: Settings
    db: Database
    models: Models
    blobs: Blobs
    clock: Clock
    passwords: Passwords
    limiter: RateLimiter
    embeddings: Embeddings
    reach: Reach
    queue: Queue
    bus: Bus
    images: Images
    speech: Speech
    transcription: Transcription
    video: Video
    sound_tools: SoundTools
    media_tools: MediaTools
    cdn: Cdn | None = None

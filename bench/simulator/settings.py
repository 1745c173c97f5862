"""What can be set on the simulator while it runs: the shape of POST /_control and POST /_control/answers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PROVIDERS = (
    "openai",
    "anthropic",
    "gemini",
    "deepseek",
    "mistral",
    "cohere",
    "azure",
    "bedrock",
    "local",
    "elevenlabs",
    "runway",
    "stability",
    "automatic1111",
    "comfyui",
)
"""`local` speaks OpenAI's form and asks for no key, as Ollama, vLLM and llama.cpp do."""

FaultKind = Literal[
    "refuse",  # the provider's own listener closes, open streams and requests on the shared port are reset
    "reset",  # the connection is reset before an answer
    "unauthorized",  # 401 (Gemini: 400, as the vendor does)
    "rate_limited",  # 429 with Retry-After
    "server_error",  # 500
    "unavailable",  # 503 (Anthropic: 529)
    "hang",  # accepted, never answered
    "slow_first_token",  # headers at once, first token after delay_ms
    "cut",  # the connection breaks after after_tokens
    "stall",  # silence after after_tokens
    "malformed_line",  # a line that is not JSON after after_tokens, then the rest as if nothing had been
    "in_band_error",  # the vendor's error object inside the stream after after_tokens
    "no_finish",  # a clean end after after_tokens, without a finish reason
    "infinite",  # tokens without end
    "huge_line",  # one line of size_bytes
    "wrong_content_type",  # 200 with a web page
    "filtered",  # the vendor's content-filter finish after after_tokens
    "redirect",  # 307 to location
    "foreign_picture",  # pictures only: an SVG, properly wrapped, where a picture should be
]


class Fault(BaseModel):
    """What goes wrong, and how often: for the next `times` requests, or always when None."""

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    times: int | None = Field(default=None, ge=1)
    after_tokens: int = Field(default=3, ge=0)
    delay_ms: int = Field(default=1000, ge=0)
    retry_after_s: int = Field(default=7, ge=0)
    size_bytes: int = Field(default=64 * 2**20, ge=1)
    location: str = ""
    done_mark: bool = False
    """`no_finish` on OpenAI's form: send `[DONE]` all the same."""


class Pace(BaseModel):
    """How a provider answers when nothing is wrong. `tokens_per_s` 0: as fast as it can."""

    model_config = ConfigDict(extra="forbid")

    first_token_ms: float = Field(default=0, ge=0)
    tokens_per_s: float = Field(default=0, ge=0)
    cut_bytes: int = Field(default=0, ge=0)
    """Write in pieces of so many bytes, across characters and lines; 0: whole frames."""


Continuing = Literal["as_asked", "exactly", "repeating", "from_the_start"]
"""How a text that was broken off is gone on with: as the question asks, right after its end, with its last words
once more, or all of it again. A model's own words put into its mouth (prefill) are always gone on with exactly, unless
one of the last two is set."""


class Manner(BaseModel):
    """How a provider goes on with an unfinished text of its own."""

    model_config = ConfigDict(extra="forbid")

    continuing: Continuing = "as_asked"
    repeated_words: int = Field(default=3, ge=1)


class Control(BaseModel):
    """POST /_control. What is absent stays; `fault: null` heals."""

    model_config = ConfigDict(extra="forbid")

    provider: str = "*"
    first_token_ms: float | None = Field(default=None, ge=0)
    tokens_per_s: float | None = Field(default=None, ge=0)
    cut_bytes: int | None = Field(default=None, ge=0)
    continuing: Continuing | None = None
    repeated_words: int | None = Field(default=None, ge=1)
    fault: Fault | None = None


class Answer(BaseModel):
    """POST /_control/answers: what to say to a prompt with `match`; of several texts each once, the last for ever."""

    model_config = ConfigDict(extra="forbid")

    match: str = Field(min_length=1)
    text: str | None = None
    texts: list[str] = Field(default_factory=list)
    provider: str = "*"

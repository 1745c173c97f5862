"""What the three wire formats have in common: how a question is read and how an answer is framed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Finish = Literal["stop", "length", "filtered"]
Turns = tuple[tuple[str, str], ...]
Trouble = Literal["unauthorized", "rate_limited", "server_error", "unavailable", "bad_request", "unknown_model"]


class BadRequest(Exception):
    """The request has not the vendor's form; `trouble` says how the vendor answers."""

    def __init__(self, message: str, trouble: Trouble = "bad_request") -> None:
        self.trouble: Trouble = trouble
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, freed of its wire format."""

    model: str
    prompt: str
    stream: bool
    json_output: bool
    max_tokens: int | None
    with_usage: bool = True
    as_list: bool = False
    """Gemini without alt=sse: the stream is one JSON array."""
    turns: Turns = ()
    """(role, text) as they were said, the system's apart; Gemini's `model` is called assistant here too."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said in return."""

    id: str
    tokens: list[str]
    finish: Finish
    tokens_in: int

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(self.tokens)


@dataclass(frozen=True, slots=True)
class Frames:
    """A stream's parts: a token is framed as before + JSON string + after, which costs next to nothing.

    `first_before` stands in for `before` on the first token where the form sets items apart by commas.
    """

    opening: bytes
    before: bytes
    after: bytes
    closing: bytes
    cut_short: bytes
    """What stands between the last token and a clean end without a finish."""
    in_band_error: bytes
    malformed: bytes
    first_before: bytes | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as the vendor words it."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str]


class Wire(Protocol):
    """One vendor's wire format."""

    def key(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        """Return the key the caller showed, or an empty string."""
        ...

    def read(self, body: dict[str, Any], *, path: str, query: Mapping[str, str]) -> Asked:
        """Read a question.

        Raises:
            BadRequest: it has not the vendor's form.
        """
        ...

    def refusal(self, trouble: Trouble, message: str = "", *, retry_after_s: int = 0) -> Refusal:
        """Word an error."""
        ...

    def frames(self, asked: Asked, reply: Reply) -> Frames:
        """Frame a streamed answer."""
        ...

    def whole(self, asked: Asked, reply: Reply) -> dict[str, Any]:
        """Word an answer in one piece."""
        ...

    def models(self, ids: tuple[str, ...]) -> dict[str, Any]:
        """Word the list of models."""
        ...

    def model(self, name: str) -> dict[str, Any]:
        """Word one model."""
        ...


def text_of(content: Any) -> str:
    """Return the text of a message's content: a string, or parts of which only text is read."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if isinstance(part, dict))
    return ""


def turns_of(messages: list[Any]) -> Turns:
    """Return what was said, by whom."""
    return tuple((str(m.get("role")), text_of(m.get("content"))) for m in messages if isinstance(m, dict))


def required(body: dict[str, Any], name: str, kind: type) -> Any:
    """Return a field of the request.

    Raises:
        BadRequest: absent or of another type.
    """
    value = body.get(name)
    if not isinstance(value, kind):
        raise BadRequest(f"{name}: field required")
    return value


def known_model(name: str) -> str:
    """Return `name`; names that start with `missing-` are the ones no vendor has.

    Raises:
        BadRequest: unknown model.
    """
    if name.startswith("missing-"):
        raise BadRequest(name, "unknown_model")
    return name

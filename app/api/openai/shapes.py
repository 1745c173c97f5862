"""What crosses the OpenAI-compatible door: the request as OpenAI's clients send it, and the answers they read.

Source of the form: platform.openai.com/docs/api-reference/chat (2026-11-20). What would change the answer and cannot be
had is refused by name; what only tunes it (`top_p`, `seed`, penalties) or only labels it is taken and has no effect.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.api.shapes import Body
from app.core.ports import Message

MOST_MESSAGES = 500
MOST_CHARACTERS = 400_000
MOST_TOKENS = 32_768

Text = Annotated[str, StringConstraints(max_length=MOST_CHARACTERS)]
Ignored = Annotated[Any, Field(default=None, description="Taken, without effect.")]  # Any: whatever a client sends


class TextPart(Body):
    """A piece of a message's text. Pictures and sound are refused here."""

    type: Literal["text"]
    text: Text


class ChatMessage(BaseModel):
    """One turn."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    role: Literal["system", "developer", "user", "assistant"]
    content: Text | Annotated[list[TextPart], Field(max_length=100)]

    def message(self) -> Message:
        """Return the turn as models get it; `developer` is OpenAI's newer word for `system`."""
        text = self.content if isinstance(self.content, str) else "".join(part.text for part in self.content)
        return Message("system" if self.role == "developer" else self.role, text)


class StreamOptions(BaseModel):
    """What a stream tells besides its text."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    include_usage: bool = False


class ResponseFormat(Body):
    """Plain text, or one JSON object. A schema is refused: a template with its checks does that."""

    type: Literal["text", "json_object"] = "text"


class ChatRequest(Body):
    """A chat to be continued by a model of the workspace."""

    model: Annotated[str, StringConstraints(min_length=1, max_length=400)] = Field(
        examples=["galley/auto"], description="An id of GET /v1/models."
    )
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=MOST_MESSAGES)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1, le=MOST_TOKENS)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=MOST_TOKENS)
    temperature: float | None = Field(default=None, ge=0, le=2)
    response_format: ResponseFormat | None = None
    n: Literal[1] | None = None
    top_p: Ignored
    seed: Ignored
    presence_penalty: Ignored
    frequency_penalty: Ignored
    user: Ignored
    metadata: Ignored
    store: Ignored
    safety_identifier: Ignored
    prompt_cache_key: Ignored

    @property
    def limit(self) -> int:
        """How many tokens may be written."""
        return self.max_completion_tokens or self.max_tokens or 4096

    @property
    def json_output(self) -> bool:
        """Whether one JSON object is wanted."""
        return self.response_format is not None and self.response_format.type == "json_object"


class Usage(BaseModel):
    """Tokens of a request; with several providers in it, all of theirs."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Written(BaseModel):
    """Who wrote an answer and what it cost: Galley's own addition to the form."""

    provider: str
    model: str
    tier: str
    cost_micros: int = Field(description="Micro-dollars, all attempts together.")
    cost_known: bool
    served: Literal["model", "exact", "answer"] = Field(
        description="Not `model`: an earlier answer to the same question, or to one that means the same."
    )
    seams: list[int] = Field(description="After how many characters one provider went on for another.")
    why: str = Field(description="Why this model, in one sentence.")


class ChoiceMessage(BaseModel):
    """The answer's text."""

    role: Literal["assistant"] = "assistant"
    content: str


class Choice(BaseModel):
    """The one answer."""

    index: Literal[0] = 0
    message: ChoiceMessage
    finish_reason: Literal["stop", "length"]


class ChatCompletion(BaseModel):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    galley: Written


class Model(BaseModel):
    """Something that can be asked for by name."""

    id: str = Field(examples=["galley/auto"])
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str


class ModelList(BaseModel):
    """Everything that can be asked for."""

    object: Literal["list"] = "list"
    data: list[Model]

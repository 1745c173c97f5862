"""The watch reads finish, usage and errors off each vendor's wire, however the bytes are cut."""

from __future__ import annotations

import pytest

from app.adapters.models_wire import MAX_LINE_BYTES, MAX_WHOLE_BYTES, BadWire, WireWatch
from app.core.ports import ProviderKind

OPENAI = b"""data: {"choices":[{"delta":{"content":"x"},"finish_reason":""}]}

data: {"choices":[{"delta":{},"finish_reason":"stop"}]}

data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}

data: [DONE]

"""
ANTHROPIC = b"""event: message_start
data: {"type":"message_start","message":{"usage":{"input_tokens":3,"cache_read_input_tokens":4,"output_tokens":1}}}

event: ping
data: {"type":"ping"}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}

"""
GEMINI = (
    b'data: {"candidates":[{"content":{"parts":[{"text":"x"}]}}],"usageMetadata":{"promptTokenCount":7}}\r\n\r\n'
    b'data: {"candidates":[{"finishReason":"STOP"}],"usageMetadata":'
    b'{"promptTokenCount":7,"candidatesTokenCount":1,"thoughtsTokenCount":1}}\r\n\r\n'
)
ANSWERS: list[tuple[ProviderKind, bytes]] = [("openai", OPENAI), ("anthropic", ANTHROPIC), ("gemini", GEMINI)]


def watched(kind: ProviderKind, data: bytes, *, sse: bool = True, step: int = 10_000) -> WireWatch:
    watch = WireWatch(kind, sse=sse)
    for at in range(0, len(data), step):
        watch.feed(data[at : at + step])
    watch.end()
    return watch


@pytest.mark.parametrize("step", [1, 7, 10_000])
@pytest.mark.parametrize(("kind", "answer"), ANSWERS)
def test_finish_and_usage_are_read_whatever_the_cut(kind: ProviderKind, answer: bytes, step: int) -> None:
    watch = watched(kind, answer, step=step)

    assert (watch.finish, watch.tokens_in, watch.tokens_out) == ("stop", 7, 2)


@pytest.mark.parametrize(("kind", "answer"), ANSWERS)
def test_an_answer_without_its_last_part_has_not_ended(kind: ProviderKind, answer: bytes) -> None:
    first_part = answer.split(b'"choices":[{"delta":{},')[0].split(b"event: message_delta")[0].split(b"\r\n\r\n")[0]
    lines = first_part.rsplit(b"\ndata: {", 1)[0] if kind == "openai" else first_part

    with pytest.raises(BadWire, match="without a finish"):
        watched(kind, lines)


def test_a_last_line_without_a_line_end_counts() -> None:
    assert watched("openai", OPENAI.rstrip()).finish == "stop"


def test_usage_that_was_not_sent_stays_unknown() -> None:
    watch = watched("openai", b'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"length"}]}\n\n')

    assert (watch.finish, watch.tokens_in, watch.tokens_out) == ("length", None, None)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("openai", b'{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":2}}'),
        ("anthropic", b'{"type":"message","stop_reason":"end_turn","usage":{"input_tokens":7,"output_tokens":2}}'),
        (
            "gemini",
            b'{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":2}}',
        ),
    ],
)
def test_an_answer_in_one_piece_is_read_too(kind: ProviderKind, body: bytes) -> None:
    watch = watched(kind, body, sse=False, step=5)

    assert (watch.finish, watch.tokens_in, watch.tokens_out) == ("stop", 7, 2)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("openai", b'data: {"error":{"message":"overloaded"}}'),
        ("mistral", b'data: {"object":"error","message":"overloaded"}'),
        ("anthropic", b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}'),
        ("gemini", b'data: {"error":{"code":503}}'),
        ("gemini", b'data: {"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}'),
        ("openai-compatible", b'{"error":"out of memory"}'),
        ("openai", b"data: {"),
        ("openai", b"data: 7"),
        ("openai", b"<html>"),
    ],
)
def test_what_breaks_an_answer_is_told_at_once(kind: ProviderKind, line: bytes) -> None:
    with pytest.raises(BadWire):
        WireWatch(kind, sse=True).feed(line + b"\n\n")


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("openai", b'data: {"choices":[{"finish_reason":"content_filter"}]}'),
        ("anthropic", b'data: {"type":"message_delta","delta":{"stop_reason":"refusal"}}'),
        ("gemini", b'data: {"candidates":[{"finishReason":"SAFETY"}]}'),
        ("gemini", b'data: {"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}}'),
    ],
)
def test_a_filter_is_a_finish(kind: ProviderKind, line: bytes) -> None:
    assert watched(kind, line + b"\n\n").finish == "filtered"


def test_comments_and_other_fields_are_passed_over() -> None:
    assert watched("deepseek", b": keep-alive\n\nid: 1\nretry: 3\n" + OPENAI).finish == "stop"


@pytest.mark.parametrize(("sse", "limit"), [(True, MAX_LINE_BYTES), (False, MAX_WHOLE_BYTES)])
def test_what_does_not_end_is_cut_off_at_the_limit(sse: bool, limit: int) -> None:
    watch = WireWatch("openai", sse=sse)
    with pytest.raises(BadWire, match="too long"):
        for _ in range(limit // 65_536 + 2):
            watch.feed(b"x" * 65_536)

"""Bedrock's frames are read whatever the cut, and nothing broken passes for text."""

from __future__ import annotations

import pytest

from app.adapters.models_wire import BadWire
from app.adapters.models_wire_frames import FrameWatch
from bench.simulator.wire import Asked, Reply
from bench.simulator.wire_bedrock import BedrockWire, frame

ASKED = Asked("m", "p", stream=True, json_output=False, max_tokens=None)
TOKENS = ["One ", "whole ", "text, ", "Zürich 東京 🙂."]
WIRE = BedrockWire()
PARTS = WIRE.frames(ASKED, Reply("id", TOKENS, "stop", 7))
TEXT = PARTS.opening + b"".join(WIRE.encoded(TOKENS))


@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_text_finish_and_usage_are_read_whatever_the_cut(step: int) -> None:
    watch, data = FrameWatch(), TEXT + PARTS.closing

    text = "".join(watch.feed(data[at : at + step]) for at in range(0, len(data), step)) + watch.end()

    assert text == "".join(TOKENS)
    assert (watch.finish, watch.tokens_in, watch.tokens_out, watch.over) == ("stop", 7, 4, True)


@pytest.mark.parametrize(
    "broken",
    [
        PARTS.in_band_error,
        PARTS.malformed,
        b"\x00" * 20,
        b"\xff" * 20,
        TEXT[:40] + b"x" + TEXT[41:],
        frame(b"7", event_type="messageStop", message_type="event"),
        frame(b"{", event_type="contentBlockDelta", message_type="event"),
        frame(b"x" * 2**20, event_type="contentBlockDelta", message_type="event"),
    ],
)
def test_what_is_broken_is_told_at_once(broken: bytes) -> None:
    with pytest.raises(BadWire):
        FrameWatch().feed(broken)


@pytest.mark.parametrize("data", [b"", TEXT, TEXT + PARTS.closing[:-3]])
def test_an_answer_that_just_ends_has_no_finish(data: bytes) -> None:
    watch = FrameWatch()
    watch.feed(data)

    with pytest.raises(BadWire, match="without a finish"):
        watch.end()

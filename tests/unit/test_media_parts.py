"""The pure parts of media: forms, scripts, who is asked first."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, get_args

import pytest

from app.content.catalogue_files import load_catalogue
from app.core.errors import InvalidInput
from app.core.media_ports import AspectName, Scene, Segment
from app.core.ports import ModelTarget, ProviderKind
from app.llm.candidates import breaker
from app.llm.routing import Candidate
from app.media import making
from app.media.aspects import ASPECTS, Size, even, size_of
from app.media.errors import BadAspect, NoModel
from app.media.recipes import Recipe, read_recipe
from app.media.scripts import is_script, shots_of, spoken_text
from app.media.video import captions_of


def test_every_form_is_as_large_as_the_catalogue_says() -> None:
    limits = load_catalogue().limits
    told = {name: (size.width_px, size.height_px) for name, size in ASPECTS.items() if size.limit}

    assert told == {
        name: (limits[size.limit].width, limits[size.limit].height) for name, size in ASPECTS.items() if size.limit
    }
    assert set(get_args(AspectName)) <= set(ASPECTS)


@pytest.mark.parametrize("ratio", load_catalogue().templates["image-prompt-writer"].checks[2].values)
def test_every_ratio_of_the_prompt_template_is_a_form(ratio: str) -> None:
    size = size_of(ratio)
    width, height = (float(part) for part in ratio.split(":"))

    assert abs(size.width_px / size.height_px - width / height) < 0.01


def test_an_unknown_form_is_refused_and_a_clip_has_even_sides() -> None:
    with pytest.raises(BadAspect):
        size_of("myspace")

    assert even(size_of("linkedin")) == Size(1200, 626, "image.linkedin")


def test_a_templates_rows_become_scenes_with_their_length() -> None:
    rows = [{"start": 0, "end": 4.5, "say": "The kettle  is on.", "overlay": "Kettle on"}, {"say": "", "overlay": ""}]
    (shot,) = shots_of(json.dumps({"rows": rows}))

    assert (shot.heading, shot.narration, shot.seconds) == ("Kettle on", "The kettle is on.", 4.5)


@pytest.mark.parametrize("name", ["scenes", "shots", "segments"])
def test_other_names_for_the_same_are_known(name: str) -> None:
    (shot,) = shots_of(json.dumps({name: [{"title": "A", "voiceover": "Said.", "seconds": 3}]}))

    assert (shot.heading, shot.narration, shot.seconds) == ("A", "Said.", 3.0)


def test_a_text_has_a_scene_for_each_paragraph_and_headings_are_shown() -> None:
    shots = shots_of("# The fault\n\nThe wheel will not turn. It is stuck.\n\n- Pull it out.\n- Push one in.")

    assert [(shot.heading, shot.narration) for shot in shots] == [
        ("The fault", "The wheel will not turn. It is stuck."),
        ("Pull it out", "Pull it out. Push one in."),
    ]


@pytest.mark.parametrize(
    "script", ["", "  \n\n ", "[]", '{"rows": []}', '{"a": 1}', '{"rows": [1, null, "x"]}', "A.\n\n" * 61]
)
def test_nothing_and_too_much_is_no_script(script: str) -> None:
    with pytest.raises(InvalidInput):
        shots_of(script)


@pytest.mark.parametrize(
    "script", ['{"rows": [{"say": 5}]}', "null", "5", '"text"', '{"rows": [{"start": "x", "say": "Hi."}]}']
)
def test_odd_json_is_read_as_far_as_it_makes_sense(script: str) -> None:
    assert len(shots_of(script)) == 1


def test_captions_of_a_clip_stand_when_their_scene_is_said() -> None:
    scenes = [
        Scene("A", captions=(Segment(0, 1000, "One."),), duration_ms=2_000),
        Scene("B", duration_ms=4_000),
        Scene("C", captions=(Segment(100, 900, "Two."),), duration_ms=2_000),
    ]
    lines = captions_of(scenes).split("\n")

    assert [line for line in lines if "-->" in line] == [
        "00:00:00.350 --> 00:00:01.350", "00:00:06.450 --> 00:00:07.250",
    ]  # fmt: skip


def test_a_recipe_survives_its_keeping() -> None:
    recipe = Recipe(verb="generate", prompt="x", seed=2**32 - 1)

    assert read_recipe(recipe.model_dump_json()) == recipe


def _candidate(name: str, kind: ProviderKind = "openai") -> Candidate:
    return Candidate(name, name, ModelTarget(provider=name, kind=kind, model="m"))


def test_the_asked_model_goes_first_the_failing_one_later_the_built_in_last() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    ctx: Any = SimpleNamespace(ports=SimpleNamespace(clock=SimpleNamespace(now=lambda: now)))
    found = [_candidate("in", "embedded"), _candidate("bad"), _candidate("good"), _candidate("wanted")]
    for _ in range(20):
        breaker.failed("bad#media", now=now)
    try:
        order = making.in_order(ctx, found, Recipe(verb="generate", model="wanted/m"))
    finally:
        breaker.succeeded("bad#media")

    assert [one.key for one in order] == ["wanted", "good", "bad", "in"]
    with pytest.raises(NoModel):
        making.in_order(ctx, found, Recipe(verb="generate"), lambda _: False)


@pytest.mark.parametrize("name", ["shorts-script", "explainer-storyboard"])
def test_every_script_template_gives_scenes_that_are_said_and_shown(name: str) -> None:
    shots = shots_of(json.dumps(load_catalogue().templates[name].example.output))

    assert len(shots) >= 3
    assert all(shot.narration and shot.heading and shot.seconds > 0 for shot in shots)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Plain text. 5", "Plain text. 5"),
        ("5", "5"),
        ('{"rows": [{"say": "One.", "overlay": "No"}, {"say": "Two."}]}', "One.\n\nTwo."),
        ('{"a": "First.", "b": ["Second.", {"c": "Third.", "d": 4}], "e": " "}', "First.\n\nSecond.\n\nThird."),
    ],
)
def test_of_a_templates_json_only_the_words_are_said(text: str, said: str) -> None:
    assert spoken_text(text) == said


def test_templates_with_what_is_said_scene_by_scene_lead_to_a_clip() -> None:
    scripts = [
        one.id for one in load_catalogue().all() if is_script(one.output.form, [part.at for part in one.output.parts])
    ]

    assert set(scripts) >= {"shorts-script", "explainer-storyboard", "subtitles-srt"}
    assert not {"speech-toast", "ivr-prompt", "training-outline", "newsletter", "youtube-thumbnail"} & set(scripts)
    for name in scripts:
        example = load_catalogue().templates[name].example
        assert example is not None
        text = example.output if isinstance(example.output, str) else json.dumps(example.output)
        assert all(shot.narration for shot in shots_of(text))


@pytest.mark.parametrize(
    ("form", "parts", "is_one"),
    [
        ("table", ["rows[].start", "rows[].voice_over"], True),
        ("json", ["caption", "shots[].say"], True),
        ("json", ["shots[].overlay", "caption"], False),
        ("table", ["rows[].topic", "rows[].points"], False),
        ("markdown", ["say"], False),
    ],
)
def test_a_script_says_something_in_each_of_its_rows(form: str, parts: list[str], is_one: bool) -> None:
    assert is_script(form, parts) is is_one

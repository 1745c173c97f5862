"""Scripts as scenes: what the script templates write, and what people paste."""

from __future__ import annotations

import json

import pytest

from app.adapters.models_embedded.bank_shelf import languages
from app.adapters.models_embedded.writer import can_write, write
from app.content.catalogue_files import load_catalogue
from app.content.inputs import validate_inputs
from app.content.outputs import parse_output
from app.core.ports import Brief
from app.media.storyboard import ScriptScene, scenes_of

CATALOGUE = load_catalogue()
HEARD_ONLY = {"ivr-prompt"}
SCRIPTS = [one.id for one in CATALOGUE.all() if one.category == "video-audio" and one.id not in HEARD_ONLY]


def written(template_id: str, language: str) -> str:
    """Return what the built-in writer makes of the template's own sample, as it is stored."""
    template = CATALOGUE.get(template_id)
    inputs = validate_inputs(template, CATALOGUE.sample(template_id, language))
    brief = Brief(template_id, language, {**inputs.values, "tone": inputs.tone, "register": inputs.register})
    return parse_output(template, write(brief)).text


def letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


@pytest.mark.parametrize("template_id", SCRIPTS)
def test_the_example_of_every_script_template_is_a_storyboard(template_id: str) -> None:
    template = CATALOGUE.get(template_id)
    assert template.example is not None
    output = template.example.output
    text = parse_output(template, output if isinstance(output, str) else json.dumps(output)).text
    scenes = scenes_of(text)

    assert len(scenes) >= 2
    assert all(scene.narration and scene.seconds > 0 for scene in scenes)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("template_id", SCRIPTS)
def test_no_word_of_a_script_is_lost_in_any_language(template_id: str, language: str) -> None:
    assert can_write(template_id, language)
    text = written(template_id, language)
    scenes = scenes_of(text)
    said = letters("".join(scene.narration for scene in scenes))
    if template_id == "shorts-script":
        rows = json.loads(text)["rows"]

        assert said == letters("".join(row["say"] for row in rows))
        assert [scene.heading for scene in scenes] == [row["overlay"] for row in rows]
        assert sum(scene.seconds for scene in scenes) == pytest.approx(rows[-1]["end"])
    elif template_id == "explainer-storyboard":
        rows = json.loads(text)["rows"]

        assert said == letters("".join(row["voice"] for row in rows))
        assert [(scene.heading, scene.visual) for scene in scenes] == [(row["scene"], row["picture"]) for row in rows]
        assert sum(scene.seconds for scene in scenes) == 60
    else:
        lines = text.splitlines()
        spoken = [line for line in lines if line and not line.isdigit() and "-->" not in line]

        assert said == letters("".join(spoken))


def test_a_row_has_its_parts_by_their_names() -> None:
    rows = [
        {"scene": 1, "seconds": 4, "picture": "A chair", "sound": "Wind", "voice": "It turns."},
        {"start": "0:04", "say": "Next.", "show": "Close up"},
        {"start": "0:10", "end": "00:00:12,500", "say": "Last.", "overlay": "Click"},
    ]

    assert scenes_of(json.dumps({"rows": rows})) == (
        ScriptScene("It turns.", "", "A chair", 4.0),
        ScriptScene("Next.", "", "Close up", 6.0),
        ScriptScene("Last.", "Click", "", 2.5),
    )


def test_a_table_of_markdown_is_read_like_rows() -> None:
    script = (
        "# Script\n\n| Start | End | Say | On screen |\n|---|:---:|---|---|\n"
        "| 0 | 4 s | Take it \\| leave it. | **Two** |\n| 4 | 9 | Done.<br>Really. | |\n\nAfterwards."
    )

    assert scenes_of(script) == (
        ScriptScene("Take it | leave it.", "**Two**", "", 4.0),
        ScriptScene("Done. Really.", "", "", 5.0),
    )


def test_a_table_about_something_else_is_text() -> None:
    scenes = scenes_of("| Price | Size |\n|---|---|\n| 3 | 4 |")

    assert len(scenes) == 1
    assert "Price" in scenes[0].narration


def test_cues_are_gathered_to_sentences() -> None:
    script = (
        "1\n00:00:01,000 --> 00:00:02,000\nThe kettle\nis on\n\n2\n00:00:02,100 --> 00:00:04,000\nand this pulls.\n\n"
        "3\n00:00:05,000 --> 00:00:06,000\nTip it over.\n"
    )

    assert scenes_of(script) == (
        ScriptScene("The kettle is on and this pulls.", seconds=4.0),
        ScriptScene("Tip it over.", seconds=1.0),
    )


def test_headings_open_scenes_of_a_text() -> None:
    script = "# Pull\n\nTake hold.\n\n- And pull.\n- Hard.\n\n## Click\nPush it in.\n\n# The end"

    assert scenes_of(script) == (
        ScriptScene("Take hold.", "Pull"),
        ScriptScene("And pull. Hard."),
        ScriptScene("Push it in.", "Click"),
        ScriptScene("", "The end"),
    )


@pytest.mark.parametrize(
    "script", ["", " \n", "{}", "[]", '{"rows": []}', '{"rows": [{"other": 1}, 3, null]}', "\ufeff"]
)
def test_nothing_makes_no_scene(script: str) -> None:
    assert scenes_of(script) == ()


@pytest.mark.parametrize(
    "script", ['{"rows": [', "[1, 2", '{"a": 1} and more', "| | |\n|---|", "---", "# ", "1\n00:00"]
)
def test_what_is_half_a_script_is_read_as_text(script: str) -> None:
    assert all(isinstance(scene, ScriptScene) for scene in scenes_of(script))


@pytest.mark.parametrize(
    ("row", "seconds"),
    [
        ({"seconds": -3}, 0.0),
        ({"seconds": True}, 0.0),
        ({"seconds": "long"}, 0.0),
        ({"seconds": 1e9}, 0.0),
        ({"minutes": 1.5}, 90.0),
        ({"start": 5, "end": 3}, 0.0),
        ({"start": "1:02:03", "end": "1:02:05.25"}, 2.25),
        ({"seconds": "4,5 s"}, 4.5),
    ],
)
def test_a_length_that_makes_no_sense_is_none(row: dict[str, object], seconds: float) -> None:
    assert scenes_of(json.dumps([{"say": "x", **row}]))[0].seconds == seconds


def test_whoever_makes_the_clip_is_told_of_every_scene() -> None:
    assert len(scenes_of(json.dumps([{"say": "x"}] * 500))) == 500

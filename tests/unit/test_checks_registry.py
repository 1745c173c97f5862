"""The list of checks: its order, what counts, and that no text, however naughty, breaks or holds up any of them."""

import ast
import gc
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app.content.catalogue_files import load_catalogue
from app.content.checks import kinds as kinds_module
from app.content.checks.kinds import KINDS, Kind
from app.content.checks.messages import messages
from app.content.checks.model import BrandTerms, CheckResult
from app.content.checks.registry import (
    checks_of,
    default_checks,
    hard_failures,
    kinds,
    problems,
    run_checks,
    score,
    warm_up,
)
from app.content.profiles import LANGUAGES
from app.content.template import CheckSpec, Template
from app.core.errors import fill
from tests.checking import context_of, output_of, template_of, verdict

CHECKS_FOLDER = Path(kinds_module.__file__).parent
CATALOGUE = load_catalogue()


def everything(form: str = "text", **shape: Any) -> Template:
    """Return a template that has every kind once, aimed at the whole text."""
    params: dict[str, dict[str, object]] = {
        "length": {"limit": "x.post"},
        "pixel_width": {"limit": "seo.title.px"},
        "words": {"min": 3, "max": 9},
        "fold": {"limit": "linkedin.post.fold"},
        "words_near_field": {"field": "n"},
        "length_ratio": {"max": 0.4},
        "count_equals_field": {"field": "n", "at": "."},
        "same_length_as": {"field": "items"},
        "sums_to": {"total": "n"},
        "sections": {"required": ["Details"], "order": True},
        "table": {"columns": ["a"]},
        "schema": {"required": ["a"], "arrays": ["a"]},
        "one_of": {"values": ["x"]},
        "changelog_sections": {"allowed": ["Added"]},
        "numbered_steps": {"max": 3, "imperative": True},
        "parses": {"language": "json"},
        "jsonld": {"type": "Product"},
        "contains_input": {"fields": ["brief"]},
        "covers_list": {"field": "items"},
        "preserves": {"what": ["words", "numbers", "urls", "names"]},
        "keyword": {"field": "items", "max_density": 0.1, "in_first_words": 9},
        "pattern": {"regex": "(?i)given .+ when .+ then", "must": False},
        "no_overlap": {"a": ".", "b": "."},
        "banned": {"lists": ["superlative", "placeholder"]},
        "disclosure": {"what": "legal_draft"},
        "footer_slots": {"required": ["unsubscribe"]},
        "speech_duration": {"field": "n"},
        "timecodes": {"total_field": "n"},
        "subtitles": {"limits": ["subtitle.line", "subtitle.lines", "subtitle.cps", "subtitle.seconds"]},
        "key_in_range": {"key": "items[].answer", "of": "items[].options"},
        "urls": {"max": 0, "only_from_inputs": True},
    }
    checks = [
        {"check": name, **(params.get(name) or ({"max": 1} if "max" in kind.params else {}))}
        for name, kind in kinds().items()
    ]
    fields = {"brief": "longtext", "items": "list", "n": "number"}
    return template_of(*checks, form=form, fields=fields, **shape)


SHAPES: dict[str, dict[str, Any]] = {
    "text": {},
    "markdown": {"sections": ("Details",)},
    "json": {},
    "email": {},
    "table": {"columns": ("start", "end", "say")},
    "srt": {},
}
EVERYTHING = {form: everything(form, **shape) for form, shape in SHAPES.items()}
INPUTS = {
    "brief": "Try our repairable office chair for 30 days, from 23 November. " * 2,
    "items": ("office chair", "parts"),
    "n": 30,
}
BRAND = BrandTerms(banned=("seamless",), preferred={"chair": "Chair"})


def all_verdicts(text: object, form: str, language: str = "en") -> tuple[CheckResult, ...]:
    template = EVERYTHING[form]
    context = context_of(template, inputs=INPUTS, language=language, brand=BRAND, sources=("One passage.", "Two."))
    return run_checks(output_of(template, text), context)


def broken(results: tuple[CheckResult, ...]) -> list[str]:
    return [result.kind for result in results if result.reason and result.reason.code == "unchecked.broke"]


def test_every_kind_has_code() -> None:
    wanted = {check.kind for template in CATALOGUE.all() for check in template.checks} | {
        spec.kind for spec in default_checks()
    }

    assert set() == wanted - set(kinds())
    assert 62 <= len(kinds())


def test_templates_write_their_checks_as_their_kinds_take_them() -> None:
    assert [] == [
        (template.id, problem) for template in CATALOGUE.all() for spec in template.checks for problem in problems(spec)
    ]


def test_a_parameter_that_a_kind_does_not_take_is_a_problem() -> None:
    assert ["check length takes no `most`"] == problems(CheckSpec.model_validate({"check": "length", "most": 3}))


def test_a_kind_without_code_is_not_checked_and_never_passed() -> None:
    result = verdict({"check": "rhyme"}, "text")

    assert "not_checked" == result.status
    assert "This version cannot check it yet: rhyme." == (result.reason.text() if result.reason else "")


def test_what_takes_long_at_first_can_be_done_beforehand() -> None:
    warm_up()
    start = time.process_time()
    verdict({"check": "language_is"}, "This is a line of English that is long enough.")

    assert time.process_time() - start < 0.25


def test_own_checks_come_first_then_those_of_every_text() -> None:
    template = template_of({"check": "length", "at": ".", "limit": "x.post"}, {"check": "emoji", "max": 1})

    assert ["length", "emoji"] + [spec.kind for spec in default_checks()] == [spec.kind for spec in checks_of(template)]


def test_a_template_replaces_or_skips_a_check_of_every_text() -> None:
    template = template_of({"check": "register", "severity": "hard"}, {"check": "banned", "lists": ["superlative"]})
    template = template.model_copy(update={"skips": {"not_an_echo": "an edit keeps its words"}})
    found = [spec.kind for spec in checks_of(template)]

    assert (1, 0, 3) == (found.count("register"), found.count("not_an_echo"), found.count("banned"))


def test_the_ids_of_a_list_are_unique_and_stable() -> None:
    for template in (*CATALOGUE.all(), *EVERYTHING.values()):
        first, again = (
            [result.id for result in run_checks(output_of(template, ""), context_of(template))] for _ in range(2)
        )
        assert first == again
        assert len(set(first)) == len(first)


def test_what_was_not_checked_counts_among_all_and_not_as_passed() -> None:
    template = template_of({"check": "length", "at": ".", "limit": "x.post"}, {"check": "rhyme"})
    results = run_checks(output_of(template, "Fine."), context_of(template), only={"length", "rhyme"})

    assert (1, 2) == score(results)
    assert () == hard_failures(results)


def test_only_hard_failures_block() -> None:
    template = template_of(
        {"check": "emoji", "max": 0, "severity": "warn"}, {"check": "hashtags", "max": 0, "severity": "hard"}
    )
    results = run_checks(output_of(template, "🎉 #party"), context_of(template), only={"emoji", "hashtags"})

    assert ["hashtags"] == [result.kind for result in hard_failures(results)]


def test_a_label_of_the_template_itself_has_the_key_of_its_translation() -> None:
    result = verdict({"check": "emoji", "max": 0, "label": "Nothing that blinks"}, "text")

    assert ("template.test.check.0", "Nothing that blinks") == (result.label_code, result.label_text())


def test_a_check_that_breaks_takes_nothing_with_it_and_logs_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_: object) -> list[object]:
        raise RuntimeError("secret text of the brief")

    kinds()
    monkeypatch.setitem(KINDS, "emoji", Kind("emoji", breaks, frozenset(), None, "hard", any_form=False))  # type: ignore[arg-type]
    template = template_of({"check": "emoji", "max": 0}, {"check": "length", "at": ".", "limit": "x.post"})
    with capture_logs() as logs:
        results = run_checks(output_of(template, "text"), context_of(template), only={"emoji", "length"})

    assert ["not_checked", "passed"] == [result.status for result in results]
    assert "content.check.broke" == logs[0]["event"]
    assert "secret" not in str(logs)


def test_every_slot_of_every_sentence_is_filled(shared_data: Path) -> None:
    strings = json.loads((shared_data / "blns" / "blns.json").read_text("utf-8"))
    for text in (*strings[::6], "", "x " * 300, "Buy NOW!! 50% off (see [9] at https://evil.example or a@b.com"):
        for form in EVERYTHING:
            for result in all_verdicts(text, form):
                told = [result.label_text(), *(finding.text() for finding in result.findings)]
                told += [result.reason.text()] if result.reason else []
                assert not [line for line in told if any(f"{{{name}}}" in line for name in _slots(result))], told


def _slots(result: CheckResult) -> set[str]:
    sentences = [result.label, *(finding.message for finding in (*result.findings, *filter(None, [result.reason])))]
    return {piece.split("}")[0] for sentence in sentences for piece in sentence.split("{")[1:]}


def test_every_code_has_its_sentence() -> None:
    known = messages()
    for path in CHECKS_FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            place = {"finding": 1, "NotChecked": 0}.get(name)
            if place is None or len(node.args) <= place or not isinstance(node.args[place], ast.Constant):
                continue
            group = "finding" if name == "finding" else "unchecked"
            assert f"{group}.{node.args[place].value}" in known, (path.name, node.lineno)  # type: ignore[attr-defined]


def test_sentences_are_short_and_carry_no_exclamation() -> None:
    assert [] == [sentence for sentence in messages().values() if "!" in sentence or len(sentence) > 110]


@pytest.mark.parametrize("form", sorted(EVERYTHING))
def test_naughty_strings_break_no_check(form: str, shared_data: Path) -> None:
    for text in json.loads((shared_data / "blns" / "blns.json").read_text("utf-8")):
        whole = {"a": [text], "subject": text, "body": text, "rows": [{"start": text, "say": text}]}
        assert [] == broken(all_verdicts(whole if form in ("json", "email", "table") else text, form)), text


@given(st.text(alphabet=st.characters()), st.sampled_from(sorted(EVERYTHING)), st.sampled_from(LANGUAGES))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_no_text_breaks_a_check(text: str, form: str, language: str) -> None:
    results = all_verdicts(text, form, language)

    assert [] == broken(results)
    for result in results:
        assert fill(result.label, result.params)
        assert ("failed" == result.status) == bool(result.findings)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "rows", "items", "say", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES, st.sampled_from(["json", "email", "table"]))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_no_structure_breaks_a_check(value: object, form: str) -> None:
    assert [] == broken(all_verdicts(value, form))


HOSTILE = {
    "one word": "a",
    "brackets": "(",
    "quotes": "“",
    "figures": "1,",
    "addresses": "a.com ",
    "mail": "a@",
    "hashes": "#",
    "dots": ".",
    "spaces": " ",
    "han": "漢",
    "emoji": "👨‍👩‍👧",
    "hangul": "안녕 ",
    "fences": "```\n",
    "tags": "<a ",
    "steps": "1. a\n",
    "phones": "+1 ",
    "marks": "e\u0301",
    "pipes": "a|-",
    "names": "Anna Bell ",
    "backticks": "`a",
}


@pytest.mark.slow
@pytest.mark.parametrize("unit", sorted(HOSTILE))
def test_a_long_text_is_checked_in_time_that_grows_no_faster_than_it_does(unit: str) -> None:
    seconds = []
    for size in (4_000, 32_000):
        text = "x" + HOSTILE[unit] * (size // len(HOSTILE[unit])) + "x"
        gc.disable()  # else the garbage of thousands of tests is counted in
        start = time.process_time()
        try:
            verdicts = all_verdicts(text, "markdown")
        finally:
            gc.enable()
        seconds.append(time.process_time() - start)
        assert [] == broken(verdicts)

    assert seconds[1] < 24 * max(seconds[0], 0.05), seconds


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_megabyte_is_measured_and_the_rest_is_said_not_to_be_checked(form: str) -> None:
    start = time.process_time()
    results = all_verdicts("word " * 200_000 if form != "json" else {"a": ["word " * 200_000]}, form)

    assert time.process_time() - start < 20
    assert {"length", "words", "count", "schema"} >= {
        result.kind for result in results if result.status != "not_checked"
    }
    assert "failed" == next(result.status for result in results if result.kind == "length")

"""Benches: the list, the table, the goals, and the place in the document."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from bench import harness
from bench.first_token import percentile
from bench.harness import BENCHES, Bench
from bench.table import Goal, Table, shown, write_into


def table(*, measured: float = 5) -> Table:
    return Table(
        bench="trial",
        columns=("who", "ms"),
        rows=(("direct", 1.0), ("Galley", measured)),
        reference="direct",
        goals=(Goal("added", measured - 1, 6, "ms"),),
    )


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A bench that measures nothing, and a document of its own; returns the document."""
    document = tmp_path / "performance.md"
    monkeypatch.setattr(harness, "DOCUMENT", document)
    monkeypatch.setitem(BENCHES, "trial", Bench("trial", "How long does nothing take?"))
    return document


def measuring(monkeypatch: pytest.MonkeyPatch, result: Table) -> None:
    monkeypatch.setattr(harness, "run", lambda _, **__: result)


@pytest.mark.parametrize("name", sorted(BENCHES))
def test_every_bench_of_the_list_can_be_run(name: str) -> None:
    assert callable(importlib.import_module(f"bench.{BENCHES[name].module}").measure)


@pytest.mark.parametrize("name", sorted(BENCHES))
def test_every_bench_has_its_table_in_the_document(repository: Path, name: str) -> None:
    text = (repository / "docs" / "performance.md").read_text("utf-8")
    block = text.partition(f"<!-- bench:{name} -->")[2].partition(f"<!-- /bench:{name} -->")[0]

    assert f"`python3 -m app bench {name}`" in block


def test_a_missed_goal_fails_the_check_only_when_asked(trial: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measuring(monkeypatch, table(measured=50))

    assert 0 == harness.main(["trial"])
    assert 1 == harness.main(["trial", "--check"])


def test_a_met_goal_passes_the_check(
    trial: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    measuring(monkeypatch, table())

    assert 0 == harness.main(["trial", "--check"])
    assert "met     added: 4 ms, goal <= 6 ms" in capsys.readouterr().out


def test_the_table_is_kept_as_json(trial: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    measuring(monkeypatch, table())
    harness.main(["trial", "--json", str(tmp_path / "trial.json")])

    kept = json.loads((tmp_path / "trial.json").read_text())
    assert "direct" == kept["reference"]
    assert [["direct", 1.0], ["Galley", 5]] == kept["rows"]
    assert kept["goals"][0]["met"] is True


def test_writing_replaces_the_table_between_its_marks_and_nothing_else(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("# Before\n\n<!-- bench:trial -->\nold\n<!-- /bench:trial -->\n\nAfter\n")

    write_into(document, table())

    text = document.read_text()
    assert text.startswith("# Before\n\n<!-- bench:trial -->\n| who | ms |")
    assert text.endswith("<!-- /bench:trial -->\n\nAfter\n")
    assert "old" not in text


def test_a_table_without_a_place_is_put_at_the_end(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("# Before\n")

    write_into(document, table())

    assert "# Before\n\n<!-- bench:trial -->" in document.read_text()


def test_an_unknown_bench_is_refused_with_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == harness.main(["nothing"])
    assert "first-token" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("cell", "text"), [(None, "-"), ("word", "word"), (0.123, "0.12"), (12.34, "12.3"), (1234.5, "1,234"), (3, "3")]
)
def test_a_figure_is_shown_with_as_many_digits_as_it_is_worth(cell: float | str | None, text: str) -> None:
    assert text == shown(cell)


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(number) for number in range(1, 101)]

    assert (50.0, 95.0, 100.0) == (percentile(values, 0.5), percentile(values, 0.95), percentile(values, 1.0))
    assert 7.0 == percentile([7.0], 0.95)

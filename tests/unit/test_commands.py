"""The list of commands, and the doctor who needs nothing."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app import cli
from app.commands import doctor
from app.setup import places
from app.setup.start import NEEDS, take_port


def app(repository: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m app.cli` with these arguments."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(repository), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_command_says_what_it_needs_before_it_runs() -> None:
    assert set(cli.COMMANDS) == set(NEEDS)


def test_an_unknown_command_is_refused_with_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == cli.main(["nonsense"])

    said = capsys.readouterr().err
    assert "no command 'nonsense'" in said
    assert all(name in said for name in cli.COMMANDS)


def test_help_and_version_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert (0, 0) == (cli.main(["help"]), cli.main(["version"]))
    assert f"Galley {cli.VERSION}" in capsys.readouterr().out


def test_the_version_is_the_projects_own(repository: Path) -> None:
    assert f'version = "{cli.VERSION}"' in (repository / "pyproject.toml").read_text("utf-8")


def test_a_port_given_by_argument_reaches_every_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALLEY_PORT", "1")

    assert [] == take_port("run", ["--port", "3123"])
    assert 3123 == places.port()


def test_the_simulators_port_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALLEY_PORT", "3001")

    assert ["--port", "3123"] == take_port("simulator", ["--port", "3123"])
    assert 3001 == places.port()


def test_a_wrong_setting_is_one_line_with_the_way_out(repository: Path) -> None:
    done = app(repository, "migrate", GALLEY_DEMO_HOURS="soon")

    assert 1 == done.returncode
    assert "GALLEY_DEMO_HOURS" in done.stderr
    assert "Way out:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_cannot_be_reached_is_one_line_with_the_way_out(repository: Path, tmp_path: Path) -> None:
    url = f"postgresql+asyncpg://galley_app@/galley?host={tmp_path}"
    done = app(repository, "migrate", GALLEY_DATABASE_URL=url, GALLEY_DATA_DIR=str(tmp_path / "data"))

    assert 1 == done.returncode
    assert "The database (PostgreSQL) cannot be prepared" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_schema_of_templates_is_printed_as_it_is_committed(repository: Path) -> None:
    done = app(repository, "schema")

    assert (repository / "app" / "content" / "template.schema.json").read_text("utf-8").strip() == done.stdout.strip()


def test_the_doctor_finds_what_is_open_to_other_users(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    monkeypatch.setenv("GALLEY_DATA_DIR", str(data_dir))
    (data_dir / "master.key").write_text("key")
    (data_dir / "master.key").chmod(0o644)

    findings = list(doctor.data())

    assert ["ok", "missing"] == [finding.state for finding in findings]
    assert f"chmod 600 {data_dir / 'master.key'}" == findings[1].way_out
    assert stat.S_IMODE((data_dir / "master.key").stat().st_mode) == 0o644


def test_the_doctor_counts_the_providers_of_the_file(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    monkeypatch.setenv("GALLEY_DATA_DIR", str(data_dir))
    path = data_dir / "providers.toml"
    path.write_text('[[provider]]\nname = "a"\n[[provider]]\nname = "b"\n')
    monkeypatch.setenv("GALLEY_PROVIDERS_FILE", str(path))

    assert "2 configured" in doctor.providers().what


def test_the_doctor_names_a_providers_file_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    monkeypatch.setenv("GALLEY_DATA_DIR", str(data_dir))
    monkeypatch.setenv("GALLEY_PROVIDERS_FILE", str(data_dir / "absent.toml"))

    assert "missing" == doctor.providers().state


def test_the_doctor_runs_where_nothing_is_installed(repository: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            "import sys; sys.path.insert(0, '.'); from app.cli import main; main(['doctor'])",
        ],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "" == done.stderr
    assert "Python 3." in done.stdout

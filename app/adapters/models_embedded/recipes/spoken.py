"""Texts that are spoken: their length is a time."""

from __future__ import annotations

from app.adapters.models_embedded.desk import Desk, one_line, upper_first
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.filling import chosen_to_fill
from app.adapters.models_embedded.sentences import without_end
from app.content.checks.timing import spoken_characters
from app.content.checks.words import word_count

_PARAGRAPH_WORDS = 80
_ROW_SECONDS = 5
_OVERLAY_WORDS = 5
_IDEA_SHARE = 0.7
_SECONDS_MOST = 180
_KEYS_MOST = 7
_SCENE_SECONDS = 6
_SCENES_LEAST = 5


def spoken_size(desk: Desk, text: str) -> int:
    """Return the size of a text in the unit of the language's speech pace."""
    if desk.profile.speech.unit == "words":
        return word_count(text)
    return spoken_characters(text)


def speech_toast(desk: Desk) -> Draft:
    """Write a speech of the wanted length: greeting, occasion, memories, thanks, toast."""
    person = desk.text("person")
    target = desk.number("minutes", 2) * desk.profile.speech.per_minute
    start = [desk.say("opening"), desk.say("occasion", {"occasion": desk.text("occasion")})]
    memories = [_memory(desk, memory, person, index) for index, memory in enumerate(desk.items("memories"))]
    end = [desk.say("wish", {"person": person}), desk.say("close", {"person": person})]
    pool = [desk.sentence(text) for text in desk.turned(desk.phrases("body", {"person": person}, in_order=True))]
    fixed = sum(spoken_size(desk, text) for text in (*start, *memories, *end))
    body = chosen_to_fill(pool, size=lambda text: spoken_size(desk, text), target=round(target) - fixed)
    if not memories:
        return "\n\n".join([desk.paragraph(*start), *_paragraphs(desk, body), desk.paragraph(*end)])
    return "\n\n".join([desk.paragraph(*start), *_woven(desk, memories, body), desk.paragraph(*end)])


def _memory(desk: Desk, memory: str, person: str, index: int) -> str:
    frames = desk.phrases("memory", {"memory": without_end(memory), "person": person})
    return desk.sentence(frames[index % len(frames)])


def _paragraphs(desk: Desk, sentences: list[str]) -> list[str]:
    """Gather sentences into paragraphs a speaker can hold in mind."""
    groups: list[list[str]] = []
    for text in sentences:
        if groups and word_count(" ".join([*groups[-1], text])) <= _PARAGRAPH_WORDS:
            groups[-1].append(text)
        else:
            groups.append([text])
    return [desk.paragraph(*group) for group in groups]


def _woven(desk: Desk, memories: list[str], body: list[str]) -> list[str]:
    """Set the memories between the paragraphs of the speech."""
    paragraphs = _paragraphs(desk, body)
    woven: list[str] = []
    for index in range(max(len(paragraphs), len(memories))):
        woven += paragraphs[index : index + 1] + memories[index : index + 1]
    return woven


def ivr_prompt(desk: Desk) -> Draft:
    """Write what callers hear first: who it is, then each choice before its key, all in one pattern."""
    options = desk.items("options")[:_KEYS_MOST]
    menu = []
    for key, text in enumerate(options, start=1):
        patterns = desk.phrases("choice", {"option": without_end(text), "key": str(key)}, in_order=True)
        menu.append(upper_first(patterns[desk.variant % len(patterns)]))
    return {"greeting": desk.say("greeting", {"company": desk.text("company")}), "menu": menu}


def shorts_script(desk: Desk) -> Draft:
    """Write spoken lines with their times and short overlays; the words last as long as the film."""
    seconds = max(1.0, min(_SECONDS_MOST, desk.number("seconds", 30)))
    sentences = _told(desk, desk.raw("idea"), seconds)
    return {"rows": _rows(desk, sentences, seconds)}


def explainer_storyboard(desk: Desk) -> Draft:
    """Write scenes of whole seconds, each with a picture and a sound; what is said is told as in a short film."""
    seconds = max(_SCENES_LEAST, min(_SECONDS_MOST, desk.number("seconds", 60)))
    groups = _groups(desk, _told(desk, desk.raw("topic"), seconds), max(_SCENES_LEAST, round(seconds / _SCENE_SECONDS)))
    total = max(1, sum(spoken_size(desk, text) for group in groups for text in group))
    pictures, sounds = desk.phrases("picture", in_order=True), desk.phrases("sound", in_order=True)
    names = desk.phrases("shorts-script.overlay", in_order=True)
    rows: list[dict[str, object]] = []
    done, start = 0, 0
    for index, group in enumerate(groups):
        done += sum(spoken_size(desk, text) for text in group)
        end = round(seconds * done / total)
        rows.append(
            {
                "scene": names[index % len(names)],
                "seconds": end - start,
                "picture": pictures[index % len(pictures)],
                "sound": sounds[index % len(sounds)],
                "voice": desk.paragraph(*group),
            }
        )
        start = end
    return {"rows": rows}


def _told(desk: Desk, told: str, seconds: float) -> list[str]:
    """Return sentences that tell what was given and take so many seconds to say."""
    target = seconds * desk.profile.speech.per_minute / 60
    facts = [one_line(text) for text in desk.sentences(told)] or [one_line(told)]
    opening, idea = _hook(desk, facts, target)
    close = min(
        (desk.sentence(text) for text in desk.phrases("shorts-script.close", {"idea": idea})),
        key=lambda text: spoken_size(desk, text),
    )
    room = round(target) - sum(spoken_size(desk, text) for text in opening)
    if spoken_size(desk, close) > room:
        close = ""
    pool = [desk.sentence(text) for text in desk.turned(desk.phrases("shorts-script.say", in_order=True))]
    room -= spoken_size(desk, close)
    body = chosen_to_fill(pool, size=lambda text: spoken_size(desk, text), target=room)
    return [*opening, *body, *([close] if close else [])]


def _hook(desk: Desk, facts: list[str], target: float) -> tuple[list[str], str]:
    """Return the sentences that tell the idea in at most some of the time, and its first sentence as a phrase."""
    room = max(1, round(target * _IDEA_SHARE))
    idea = without_end(facts[0])
    if spoken_size(desk, idea) > room:
        idea = desk.cut_to(idea, lambda text: spoken_size(desk, text) <= room)
    told = [desk.sentence(desk.say("shorts-script.hook", {"idea": idea}))]
    for fact in facts[1:]:
        if sum(spoken_size(desk, text) for text in (*told, fact)) > room:
            break
        told.append(desk.sentence(fact))
    return told, idea


def _rows(desk: Desk, sentences: list[str], seconds: float) -> list[dict[str, object]]:
    """Gather sentences into rows of some seconds; times follow the share of spoken words."""
    total = max(1, sum(spoken_size(desk, text) for text in sentences))
    groups = _groups(desk, sentences, round(seconds / _ROW_SECONDS))
    overlays = desk.phrases("overlay", in_order=True)
    rows: list[dict[str, object]] = []
    done, start = 0, 0.0
    shown: set[str] = set()
    for index, group in enumerate(groups):
        done += sum(spoken_size(desk, text) for text in group)
        end = seconds if index == len(groups) - 1 else round(seconds * done / total, 1)
        short = [bare for bare in map(without_end, group) if word_count(bare) <= _OVERLAY_WORDS and bare not in shown]
        overlay = short[0] if short else overlays[index % len(overlays)]
        shown.add(overlay)
        rows.append({"start": start, "end": end, "say": desk.paragraph(*group), "overlay": overlay})
        start = end
    return rows


def _groups(desk: Desk, sentences: list[str], wanted: int) -> list[list[str]]:
    """Gather sentences, in order, into at most so many groups of about equal length."""
    total = max(1, sum(spoken_size(desk, text) for text in sentences))
    wanted = max(1, min(len(sentences), wanted))
    groups: list[list[str]] = [[] for _ in range(wanted)]
    said = 0
    for text in sentences:
        groups[min(wanted - 1, said * wanted // total)].append(text)
        said += spoken_size(desk, text)
    return [group for group in groups if group]

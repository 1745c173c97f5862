"""Training outline and quiz."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from app.adapters.models_embedded.bank import QuizItem
from app.adapters.models_embedded.desk import Desk, alike, distinct, one_line, upper_first
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.sentences import VERB_LAST, without_end, words
from app.content.folding import fold

_MODULES = (3, 8)
_MINUTES_PER_MODULE = 20
_STEP_MINUTES = 5
_OPTIONS = (3, 5)
_ITEMS_MOST = 40
_FACTS_MOST = 60
_LABEL_MOST = 60
_SIMILAR = 0.88
_TURNS_MOST = 200
_GAP_LETTERS = 3
_RUNS = {  # words that can be told apart without a dictionary
    "ja": regex.compile(
        r"(?<![\p{Han}\p{Katakana}ー])(?:\p{Katakana}[\p{Katakana}ー]+|\p{Han}{2,})(?=[はがをにのでともや、。])"
    ),
    "zh-Hans": regex.compile(r"\p{Han}{2,}"),
}


@dataclass(frozen=True, slots=True)
class _Item:
    """One question before its answers are put in order."""

    question: str
    right: str
    wrong: tuple[str, ...]
    why: str


def training_outline(desk: Desk) -> Draft:
    """Write modules whose minutes add up to the time given."""
    total = max(1, round(desk.number("minutes", 60)))
    count = max(1, min(_MODULES[1], max(_MODULES[0], round(total / _MINUTES_PER_MODULE)), total))
    modules, aims = (
        desk.phrases("module", in_order=True),
        desk.phrases("aim", {"topic": desk.text("topic")}, in_order=True),
    )
    activities = desk.phrases("activity", {"audience": desk.text("audience")}, in_order=True)
    middle = sorted(desk.turned(range(1, len(modules) - 1))[: max(0, count - 2)])
    kept = [0, *middle, len(modules) - 1][:count]
    return {
        "rows": [
            {"module": modules[at], "aim": aims[at], "activity": activities[at], "minutes": minutes}
            for at, minutes in zip(kept, _shares(total, count), strict=True)
        ]
    }


def _shares(total: int, count: int) -> list[int]:
    """Share minutes in round steps where the time allows it; the modules in the middle get what is left."""
    step = _STEP_MINUTES if total >= count * _STEP_MINUTES else 1
    shares = [total // count // step * step] * count
    rest, at = total - sum(shares), 1 % count
    while rest > 0:
        shares[at] += min(step, rest)
        rest -= min(step, rest)
        at = (at + 1) % count
    return shares


def quiz_multiple_choice(desk: Desk) -> Draft:
    """Write questions with one key each: gaps in the sentences of the brief, then questions that hold for any topic."""
    count = max(1, min(_ITEMS_MOST, round(desk.number("count", 5))))
    options = max(_OPTIONS[0], min(_OPTIONS[1], round(desk.number("options", 4))))
    items = _gap_items(desk, options, count)
    general = desk.choose("items", desk.bank.quiz)
    topic = desk.cut_to(
        one_line((desk.sentences(desk.raw("topic")) or ["–"])[0]), lambda text: len(text) <= _LABEL_MOST
    )
    asked: list[str] = [item.question for item in items]
    turn = 0
    while len(items) < count:
        item = _general_item(desk, general[turn % len(general)], topic, options, turn=turn // len(general))
        turn += 1
        if not any(alike(other, item.question, most=_SIMILAR) for other in asked) or turn > _TURNS_MOST:
            items.append(item)
            asked.append(item.question)
    return {"items": [_placed(item, position=index % options) for index, item in enumerate(items)]}


def _general_item(desk: Desk, item: QuizItem, topic: str, options: int, *, turn: int) -> _Item:
    wrong = [*item.wrong[turn % len(item.wrong) :], *item.wrong[: turn % len(item.wrong)]]
    question = desk.fill(item.ask, topic=topic)
    if turn:
        again = desk.phrases("again", {"question": question})
        question = again[turn % len(again)]
    return _Item(
        question=question,
        right=desk.fill(item.right),
        wrong=tuple(desk.fill(text) for text in wrong[: options - 1]),
        why=desk.sentence(desk.fill(item.why)),
    )


def _gap_items(desk: Desk, options: int, most: int) -> list[_Item]:
    """Leave one word out of each sentence of the topic; the other options are words left out of its other sentences."""
    facts = [one_line(text) for text in desk.sentences(desk.raw("topic"))][:_FACTS_MOST]
    pairs = [(fact, gap) for fact in facts if (gap := _gap(desk, fact)) and fact.count(gap) == 1]
    items: list[_Item] = []
    for fact, gap in desk.turned(pairs):
        others = distinct((other for _, other in pairs if other != gap), most=options - 1, similar=0.8, taken=[gap])
        if len(others) < options - 1 or len(items) == most:
            continue
        gapped = without_end(fact).replace(gap, "…", 1)
        phrases = desk.phrases("gap", {"gapped": gapped})
        fresh = [text for text in phrases if not any(alike(item.question, text, most=_SIMILAR) for item in items)]
        if fresh:
            why = desk.sentence(desk.say("gap_why", {"sentence": fact}))
            items.append(_Item(fresh[len(items) % len(fresh)], gap, tuple(others), why))
    return items


def _gap(desk: Desk, sentence: str) -> str:
    """Return the word to leave out: the last one that carries meaning, or the first one where the verb stands last."""
    language = desk.profile.code
    if language in _RUNS:
        runs = [str(run) for run in _RUNS[language].findall(sentence)]
        return (runs[-1][-2:] if language == "zh-Hans" else runs[0]) if runs else ""
    found = [word for word in words(sentence) if _is_telling(word) and fold(word) not in desk.stop_words]
    if len(found) < 2:
        return ""
    return max(found[:-1], key=len) if language in VERB_LAST else found[-1]


def _is_telling(word: str) -> bool:
    return len(word) >= _GAP_LETTERS and not any(char.isdigit() for char in word)


def _placed(item: _Item, *, position: int) -> dict[str, object]:
    """Put the right answer at `position`, so that the keys are spread evenly."""
    options = [upper_first(text) for text in item.wrong]
    options.insert(position, upper_first(item.right))
    return {"question": item.question, "options": options, "answer": position, "why": item.why}

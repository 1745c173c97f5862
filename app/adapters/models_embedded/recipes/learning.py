"""Training outline and quiz."""

from __future__ import annotations

from app.adapters.models_embedded.bank import QuizItem
from app.adapters.models_embedded.desk import Desk, distinct, one_line, upper_first
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.sentences import words
from app.content.checks.stems import fold

_MODULES = (3, 8)
_MINUTES_PER_MODULE = 20
_STEP_MINUTES = 5
_OPTIONS = (3, 5)
_ITEMS_MOST = 100


def training_outline(desk: Desk) -> Draft:
    """Write modules whose minutes add up to the time given."""
    total = max(1, round(desk.number("minutes", 60)))
    count = max(1, min(_MODULES[1], max(_MODULES[0], round(total / _MINUTES_PER_MODULE)), total))
    modules, aims = (
        desk.phrases("module", in_order=True),
        desk.phrases("aim", {"topic": desk.text("topic")}, in_order=True),
    )
    activities = desk.phrases("activity", {"audience": desk.text("audience")}, in_order=True)
    kept = [*range(count - 1), len(modules) - 1] if count > 1 else [0]
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
    topic = desk.text("topic")
    gaps = _gap_items(desk, options)[: count // 2]
    entries = desk.choose("items", [str(index) for index in range(len(desk.bank.quiz))])
    general = [desk.bank.quiz[int(entry)] for entry in entries]
    items = [*gaps]
    while len(items) < count:
        number = len(items) - len(gaps)
        items.append(_general_item(desk, general[number % len(general)], topic, options, turn=number // len(general)))
    return {"items": [_placed(item, position=index % options) for index, item in enumerate(items)]}


def _general_item(desk: Desk, item: QuizItem, topic: str, options: int, *, turn: int) -> dict[str, object]:
    wrong = [*item.wrong[turn % len(item.wrong) :], *item.wrong[: turn % len(item.wrong)]]
    return {
        "question": desk.fill(item.ask, topic=topic),
        "right": desk.fill(item.right),
        "wrong": [desk.fill(text) for text in wrong[: options - 1]],
        "why": desk.sentence(desk.fill(item.why)),
    }


def _gap_items(desk: Desk, options: int) -> list[dict[str, object]]:
    """Leave one word out of each longer sentence of the topic; the other options are words of its other sentences."""
    facts = [one_line(text) for text in desk.sentences(desk.raw("topic")) if len(words(text)) >= 6]
    marked = [max((w for w in words(fact) if fold(w) not in desk.stop_words), key=len, default="") for fact in facts]
    items: list[dict[str, object]] = []
    for fact, gap in zip(facts, marked, strict=True):
        others = distinct(
            (w for w in marked if w.casefold() != gap.casefold()), most=options - 1, similar=0.8, taken=[gap]
        )
        if len(gap) < 4 or len(others) < options - 1:
            continue
        items.append(
            {
                "question": desk.say("gap", {"gapped": fact.replace(gap, "…", 1)}),
                "right": gap,
                "wrong": others,
                "why": desk.sentence(desk.say("gap_why", {"sentence": fact})),
            }
        )
    return items


def _placed(item: dict[str, object], *, position: int) -> dict[str, object]:
    """Put the right answer at `position`, so that the keys are spread evenly."""
    wrong = item["wrong"]
    options = [upper_first(str(text)) for text in wrong] if isinstance(wrong, list) else []
    options.insert(position, upper_first(str(item["right"])))
    return {"question": item["question"], "options": options, "answer": position, "why": item["why"]}

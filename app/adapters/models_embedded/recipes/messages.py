"""Messages to one reader: SMS, newsletter, cold e-mail, support reply."""

from __future__ import annotations

from app.adapters.models_embedded.dates import short_date
from app.adapters.models_embedded.desk import Desk, one_line
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.ranking import closest
from app.adapters.models_embedded.sentences import without_end
from app.content.checks.phrases import footer_line
from app.content.checks.promises import asks_to_act
from app.content.checks.units import gsm_plain, not_in_gsm, sms
from app.content.checks.words import word_count

_SUBJECT = "email.subject"
_PREHEADER = "email.preheader"
_NEWSLETTER_WORDS = (186, 460)
_PASSAGES_MOST = 3
_STEPS_MOST = 7


def sms_campaign(desk: Desk) -> Draft:
    """Write one text message of one segment, opt-out included; what does not fit is left out, date first."""
    offer, link = desk.line("offer"), desk.raw("link").strip()
    slots = {"opt_out": desk.line("opt_out"), "date": short_date(desk.raw("ends_on"), desk.profile.cldr), "link": link}
    for text in desk.phrases("message", {"offer": desk.sentence(offer), **slots}, in_order=True):
        if sms(_straight(text)).segments == 1:
            return _straight(text)
    shortest = desk.phrases("message", {"offer": "{}", "opt_out": slots["opt_out"]}, in_order=True)[-1]
    cut = desk.cut_to(offer, lambda piece: sms(_straight(shortest.replace("{}", desk.sentence(piece)))).segments == 1)
    return _straight(shortest.replace("{}", desk.sentence(cut)).strip())


def _straight(text: str) -> str:
    plain = gsm_plain(text)
    return plain if not not_in_gsm(plain) else text


def newsletter(desk: Desk) -> Draft:
    """Write subject, preheader and a body with one theme, the given items and one ask."""
    theme, items, url = desk.text("theme"), desk.items("items"), desk.raw("cta_url").strip()
    subject = desk.say("subject", {"theme": theme}, fits=desk.within(_SUBJECT)) or desk.cut(theme, _SUBJECT)
    return {"subject": subject, "preheader": _preheader(desk, theme, items), "body": _letter(desk, theme, items, url)}


def _letter(desk: Desk, theme: str, items: list[str], url: str) -> str:
    """Join the parts of the issue; further sentences come in until it has the length of an issue."""
    opening = desk.say("opening", {"theme": theme})
    intros, closings = desk.phrases("intro", {"audience": desk.text("audience")}), desk.phrases("closing")
    blocks = _items(desk, items)
    for extra in range(len(intros) + len(closings)):
        intro, closing = intros[: 2 + extra], closings[: max(1, 1 + extra - len(intros) + 2)]
        parts = [
            desk.say("greeting"),
            desk.paragraph(opening, *intro[:2]),
            *([desk.paragraph(*intro[2:])] if intro[2:] else []),
            *blocks,
            desk.paragraph(*closing),
            desk.say("cta", {"url": url}) if url else desk.say("cta_plain"),
            _footer(desk),
        ]
        if word_count("\n".join(parts)) >= _NEWSLETTER_WORDS[0]:
            break
    return "\n\n".join(parts)


def _footer(desk: Desk) -> str:
    """Return the lines that a marketing mail needs by law; the mail system fills their slots."""
    lines = (footer_line(slot, desk.profile.code) for slot in ("unsubscribe", "postal_address"))
    return "\n".join(line.text for line in lines if line)


def _preheader(desk: Desk, theme: str, items: list[str]) -> str:
    least = desk.limits[_PREHEADER].min or 0
    fits = desk.within(_PREHEADER)
    slots = {"theme": theme, "item": items[0] if items else theme}
    long_enough = desk.say("preheader", slots, fits=lambda text: fits(text) and desk.size(text, _PREHEADER) >= least)
    return long_enough or desk.say("preheader", slots, fits=fits) or desk.cut(theme, _PREHEADER)


def _items(desk: Desk, items: list[str]) -> list[str]:
    """Set each item as a heading with a note; one that asks to act stands behind the theme: the letter has one ask."""
    notes = desk.phrases("item_note")
    blocks, words = [], word_count(" ".join(items)) + 120
    for index, item in enumerate(items):
        note = notes[index] if index < len(notes) and words < _NEWSLETTER_WORDS[1] else ""
        words += word_count(note)
        heading = (
            f"{desk.text('theme')}{desk.bank.marks['colon']}{item}" if asks_to_act(item, desk.profile.code) else item
        )
        blocks.append(f"**{heading}**\n{desk.sentence(note)}".strip())
    return blocks


def cold_email(desk: Desk) -> Draft:
    """Write a short letter: what was noticed, what is offered, one question."""
    names = {name: desk.text(name) for name in ("prospect", "company", "trigger", "offer")}
    subject = desk.say("subject", names, fits=desk.within(_SUBJECT)) or desk.cut(names["company"], _SUBJECT)
    body = [
        desk.greeting(names["prospect"]).replace("!", ","),  # to a stranger nobody raises the voice
        desk.paragraph(desk.say("opener", names), desk.say("offer", names)),
        desk.paragraph(desk.say("relevance"), desk.say("ask")),
        desk.sign_off(),
    ]
    return {"subject": subject, "body": "\n\n".join(body)}


def support_reply(desk: Desk) -> Draft:
    """Answer a ticket with the sentences of the knowledge base that are closest to it, each with its source."""
    passages = desk.passages("kb")
    near = closest(passages, to=desk.raw("ticket"), most=_PASSAGES_MOST, language=desk.profile.code)
    sourced = [
        (one_line(sentence), at + 1)
        for at in near
        for sentence in desk.sentences(passages[at])
        if word_count(sentence) >= 3
    ]
    stop = desk.bank.marks["stop"]
    steps = [
        f"{count}. {without_end(text)} [{source}]{stop}"
        for count, (text, source) in enumerate(sourced[:_STEPS_MOST], 1)
    ]
    customer = desk.text("customer")
    return "\n\n".join(
        [
            desk.greeting(customer) if customer else desk.say("greeting_plain"),
            desk.paragraph(desk.say("thanks")),
            *([desk.say("steps"), "\n".join(steps)] if steps else [desk.paragraph(desk.say("nothing"))]),
            desk.paragraph(desk.say("closing")),
            desk.sign_off(),
        ]
    )

"""Posts: the message of the brief in frames of few words."""

from __future__ import annotations

from app.adapters.models_embedded.desk import Desk, alike, distinct, one_line
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.sentences import without_end
from app.content.checks.words import word_count

_X = "x.post"
_FOLD = "linkedin.post.fold"
_LINKEDIN = "linkedin.post"
_ANGLES = 3
_PARAGRAPH_WORDS = 45


def x_post(desk: Desk) -> Draft:
    """Write three posts: the message first, a hook first, and a hook with an ending."""
    message, link = desk.line("message"), desk.raw("link").strip()
    message = message if desk.within(_X)(message) else desk.cut(message, _X)
    hooks, closes = desk.phrases("hook"), desk.phrases("close")
    frames = [("", closes[0]), (hooks[0], ""), (hooks[1], closes[1]), (hooks[2], closes[2]), ("", closes[3])]
    facts = desk.sentences(message)
    posts: list[str] = []
    for frame in frames:
        for text in (message, *facts):
            post = _post(desk, frame, text, link)
            if not any(alike(other, post, most=0.75) for other in posts):
                posts.append(post)
                break
        if len(posts) == _ANGLES:
            return {"variants": posts}
    pieces = [_post(desk, frame, desk.cut_to(message, lambda text: len(text) <= 80), link) for frame in frames]
    posts += distinct(pieces, most=_ANGLES - len(posts), similar=0.8, taken=posts)
    posts += [_post(desk, frame, "", link) for frame in frames[1 : 1 + _ANGLES - len(posts)]]
    return {"variants": posts}


def _post(desk: Desk, frame: tuple[str, str], text: str, link: str) -> str:
    fits = desk.within(_X)
    hook, close = frame
    for before, after in ((hook, close), (hook, ""), ("", close), ("", "")):
        post = _assembled(desk, before, text, after, link)
        if fits(post):
            return post
    cut = desk.cut_to(text, lambda piece: fits(_assembled(desk, hook, piece, "", link)))
    return _assembled(desk, hook, cut, "", link)


def _assembled(desk: Desk, before: str, text: str, after: str, link: str) -> str:
    body = desk.paragraph(before, text, after)
    return f"{body} {link}".strip() if link else body


def linkedin_post(desk: Desk) -> Draft:
    """Write a hook above the fold, one idea, the story of the brief and a question."""
    insight = desk.sentences(desk.raw("insight"))
    first = without_end(one_line(insight[0])) if insight else ""
    hook = desk.say("hook", {"insight": first}, fits=desk.within(_FOLD)) or desk.cut(first, _FOLD)
    rest = [one_line(text) for text in (insight[1:] if first and first in hook else insight)]
    story = [one_line(text) for text in desk.sentences(desk.raw("story"))]
    audience = desk.text("audience")
    takeaways = desk.phrases("takeaway")
    parts = [
        desk.sentence(hook),
        *_paragraphs(desk, rest),
        *([desk.say("story_lead"), *_paragraphs(desk, story)] if story else []),
        desk.paragraph(takeaways[0]),
        desk.paragraph(takeaways[1]),
        *([desk.paragraph(desk.say("audience", {"audience": audience}))] if audience else []),
        desk.say("question"),
    ]
    fits = desk.within(_LINKEDIN)
    while len(parts) > 2 and not fits("\n\n".join(parts)):
        parts.pop(-2)
    return "\n\n".join(parts)


def _paragraphs(desk: Desk, texts: list[str]) -> list[str]:
    """Gather sentences into paragraphs that stay readable on a phone."""
    paragraphs: list[str] = []
    for text in texts:
        longer = desk.paragraph(paragraphs[-1], text) if paragraphs else ""
        if paragraphs and word_count(longer) <= _PARAGRAPH_WORDS:
            paragraphs[-1] = longer
        else:
            paragraphs.append(desk.sentence(text))
    return paragraphs

"""What every phrase bank has to hold: the table of roles. The loader refuses a bank that differs from it.

`always` slots are filled in every call, `may` slots only when the brief has them; `at_least` counts the phrases that
need `always` slots only, so that a sparse brief still finds enough of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GLYPHS = ("open", "close", "dash", "colon")
MARKS = ("join", "list", "colon", "dash", "stop")
WORD_LISTS = (
    "abbreviations", "openers", "upright", "wide", "in_stock", "out_of_stock", "preorder",
    "added", "fixed", "removed", "deprecated", "security", "numeric", "boolean",
)  # fmt: skip
TOPICS = (
    "payment", "term", "termination", "liability", "confidentiality", "data", "rights", "services", "law", "other",
)  # fmt: skip
RISKS = ("low", "medium", "high")
QUIZ_ITEMS_MIN = 10
QUIZ_WRONG = 4


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of phrase. `max_size` is in `unit`, measured with the slots left empty."""

    at_least: int = 1
    always: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    max_size: int = 400
    unit: Literal["chars", "cjk2"] = "chars"
    is_question: bool = False


def _role(at_least: int = 1, always: str = "", may: str = "", size: int = 400, unit: str = "chars") -> Role:
    return Role(at_least, tuple(always.split()), tuple(may.split()), size, "cjk2" if unit == "cjk2" else "chars")


ROLES: dict[str, Role] = {
    "google-rsa.headline": _role(12, may="product keyword audience offer", size=30, unit="cjk2"),
    "google-rsa.description": _role(4, may="product keyword audience offer", size=90, unit="cjk2"),
    "press-release.headline": _role(2, "news city spokesperson", size=60),
    "press-release.dateline": _role(1, "news city date", size=60),
    "press-release.detail": _role(8, "news city date spokesperson", size=220),
    "press-release.quote": _role(1, "quote spokesperson", size=60),
    "press-release.no_quote": _role(1, "spokesperson"),
    "sms-campaign.message": _role(1, "offer opt_out", "date link", size=30),
    "newsletter.subject": _role(3, "theme", size=50),
    "newsletter.preheader": _role(2, "theme item", size=100),
    "newsletter.greeting": _role(1),
    "newsletter.opening": _role(2, "theme"),
    "newsletter.intro": _role(2, may="audience"),
    "newsletter.item_note": _role(5),
    "newsletter.closing": _role(2),
    "newsletter.cta": _role(2, "url"),
    "newsletter.cta_plain": _role(1),
    "x-post.hook": _role(5, size=90),
    "x-post.close": _role(5, size=90),
    "linkedin-post.hook": _role(4, "insight", size=150),
    "linkedin-post.story_lead": _role(2),
    "linkedin-post.takeaway": _role(5),
    "linkedin-post.audience": _role(1, "audience"),
    "linkedin-post.question": _role(4),
    "meta-tags.title": _role(4, "keyword", "page_about brand", size=40),
    "meta-tags.lead": _role(2, "keyword page_about", "brand", size=90),
    "meta-tags.tail": _role(4, size=90),
    "amazon-listing.title": _role(1, "brand product", size=40),
    "amazon-listing.bullet": _role(5, "feature", "product brand", size=90),
    "amazon-listing.material": _role(1, "materials", size=40),
    "amazon-listing.size": _role(1, "size", size=40),
    "amazon-listing.extra": _role(4, "brand product", size=90),
    "amazon-listing.description_lead": _role(1, "brand product"),
    "amazon-listing.description_features": _role(1, "features"),
    "amazon-listing.description_close": _role(2),
    "amazon-listing.term": _role(6, size=24),
    "cold-email.subject": _role(3, "company prospect trigger", size=50),
    "cold-email.opener": _role(2, "company trigger"),
    "cold-email.offer": _role(2, "offer"),
    "cold-email.relevance": _role(2),
    "cold-email.ask": Role(2, is_question=True),
    "support-reply.greeting_plain": _role(1),
    "support-reply.thanks": _role(2),
    "support-reply.steps": _role(1),
    "support-reply.nothing": _role(1),
    "support-reply.closing": _role(1),
    "user-stories.story": _role(5, "role feature"),
    "user-stories.criterion": _role(5, "role feature"),
    "api-endpoint-doc.purpose": _role(1, "method path"),
    "api-endpoint-doc.parameters": _role(1),
    "api-endpoint-doc.no_parameters": _role(1),
    "api-endpoint-doc.request": _role(1),
    "api-endpoint-doc.responses": _role(1),
    "api-endpoint-doc.body": _role(1),
    "api-endpoint-doc.errors": _role(1),
    "api-endpoint-doc.no_errors": _role(1),
    "api-endpoint-doc.example": _role(1, size=20),
    "training-outline.module": _role(8, size=60),
    "training-outline.aim": _role(8, "topic"),
    "training-outline.activity": _role(8, "audience"),
    "quiz-multiple-choice.gap": _role(3, "gapped"),
    "quiz-multiple-choice.again": _role(3, "question"),
    "quiz-multiple-choice.gap_why": _role(1, "sentence"),
    "speech-toast.opening": _role(2),
    "speech-toast.occasion": _role(2, "occasion"),
    "speech-toast.memory": _role(4, "memory person"),
    "speech-toast.body": _role(24, "person"),
    "speech-toast.wish": _role(3, "person"),
    "speech-toast.close": _role(2, "person"),
    "ivr-prompt.greeting": _role(3, "company"),
    "ivr-prompt.choice": _role(2, "option key"),
    "shorts-script.hook": _role(2, "idea"),
    "shorts-script.say": _role(20),
    "shorts-script.close": _role(2, "idea"),
    "shorts-script.overlay": _role(8, size=40),
    "explainer-storyboard.picture": _role(8),
    "explainer-storyboard.sound": _role(5, size=60),
    "image-prompt-writer.subject": _role(2, "idea"),
    "image-prompt-writer.style": _role(1, "style"),
    "image-prompt-writer.no_style": _role(2),
    "image-prompt-writer.light": _role(3),
    "image-prompt-writer.lens": _role(3),
    "image-prompt-writer.composition": _role(3),
    "image-prompt-writer.avoid": _role(2),
    "pictures.alt": _role(2, "idea", size=40),
    "pictures.colours": _role(1, "colours", size=60),
    "pictures.action": _role(3, size=20),
    "pictures.scene": _role(2, "product scene"),
    "pictures.keep": _role(1, "product"),
    "pictures.icon": _role(3, "idea"),
    "pictures.icon_style": _role(1, "stroke"),
    "pictures.diagram": _role(2),
    "pictures.diagram_alt": _role(1, "first last", size=40),
    "pictures.drawing_avoid": _role(2),
    "product-jsonld.description": _role(1, "name", "brand"),
    "summarise.one_line": _role(2, "sentence"),
}

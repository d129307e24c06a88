"""What can be seen of a message without understanding it: code, errors, its form, the words it uses."""

import math
import re
import unicodedata
from collections.abc import Callable

from tutor.domain.lexicon import lexicon, words

LONGEST = 1200
"""Characters that are looked at: two thirds from the beginning, the rest from the end."""

_M = re.MULTILINE
_PATTERNS: dict[str, re.Pattern[str]] = {
    "assignment": re.compile(r"^\s*[A-Za-z_]\w*(?:\[[^\]]*\])?\s*(?:[-+*/]?=)\s*\S", _M),
    "block": re.compile(
        r"^\s*(?:(?:async\s+)?def|class|for|while|if|elif|else|try|except|with|match|case)\b[^\n]*:\s*(?:#.*)?$", _M
    ),
    "definition": re.compile(r"\bdef\s+\w+\s*\(|\bclass\s+[A-Z]\w*\s*[:(]|\blambda\b[^:]*:|=>\s*[{(\w]"),
    "call": re.compile(r"\b[A-Za-z_]\w*(?:\.\w+)*\([^\s]"),
    "empty_call": re.compile(r"\b[A-Za-z_]\w*\(\)"),
    "attribute": re.compile(r"\b[a-z_]\w*\.[a-z_]\w*\b(?!\.(?:com|org|net|de)\b)"),
    "print": re.compile(r"\bprint\s*\(|console\.log|System\.out|printf\s*\(|\becho\s+[\"']"),
    "subscript": re.compile(r"\w\[(?:-?\w+|[\"'][^\"']*[\"'])?:?[^\]]*\]|^\s*[\[{].*[\]}]\s*$", _M),
    "operator": re.compile(r"==|!=|<=|>=|\+=|-=|\*\*|//|&&|\|\||->|:="),
    "snake_case": re.compile(r"\b[a-z]+_[a-z_0-9]+\b|\b__\w+__\b"),
    "import": re.compile(r"^\s*(?:from\s+\w[\w.]*\s+)?import\s+\w", _M),
    "backtick": re.compile(r"`[^`]+`"),
    "error_name": re.compile(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)*(?:Error|Exception|Warning|Interrupt|Iteration)\b"),
    "traceback": re.compile(r"Traceback \(most recent|^\s*File \".*\", line \d+|\bline \d+, in\b", _M),
    "line_number": re.compile(
        r"\b(?:line|zeile|ligne|línea|linea|linha|riga|regel|linii|satır\w*|baris|строк\w*|рядк\w*|cell|exercise|"
        r"chapter|task|check)\s*\d+\b|第.{1,3}行|\d\s*行目|\d번째 줄",
        re.IGNORECASE,
    ),
    "shell": re.compile(r"^\s*(?:\$ |pip3? install|python3? |git |cd |ls\b|npm |sudo |docker )", _M),
    "markup": re.compile(r"</?[a-z][a-z0-9]*[^>]*>", re.IGNORECASE),
    "sql": re.compile(r"\bSELECT\b.+\bFROM\b|\bCREATE TABLE\b|\bINSERT INTO\b"),
    "role_marker": re.compile(
        r"</?(?:system|s|inst|im_start)\b|<\|\w+\|>|\[/?(?:system|inst)\]|^#{2,}\s*(?:new|system)|"
        r"\"role\"\s*:|\"hidden\"\s*:|^\s*(?:system|role|label)\s*:",
        re.IGNORECASE | _M,
    ),
    "question_mark": re.compile(r"[?？؟;]\s*$"),
    "asks": re.compile(
        r"^\W*(?:what|why|how|when|where|who|which|can|could|is|are|do|does|should|will|would|was|wie|was|warum|"
        r"wann|wer|welche\w*|comment|pourquoi|quel\w*|qui|qué|cómo|cuál|quién|por qué|como|qual|quem|come|perché|"
        r"hoe|wat|wie|jak|co|kto|как|что|почему|кто|як|що|чому)\b",
        re.IGNORECASE,
    ),
    "follows": re.compile(
        r"^\W*(?:and|but|so|or|then|ok(?:ay)?|yes|no|also|again|why|because|und|aber|et|mais|y|pero|e|ma|i|a|но|а|и)\b",
        re.IGNORECASE,
    ),
    "points_back": re.compile(
        r"\b(?:it|its|that|this|those|these|them|one|ones|there|same|another|other|first|second|third|last|both|"
        r"again|more|else|instead|slower|shorter|simpler|he|she|they|him|her)\b",
        re.IGNORECASE,
    ),
    "turns_away": re.compile(
        r"\b(?:by the way|btw|off topic|anyway|forget (?:python|the code)|instead of|speaking of|quick question|"
        r"before we|übrigens|au fait|por cierto)\b|ところで",
        re.IGNORECASE,
    ),
    "turns_to_code": re.compile(
        r"\b(?:back to|let's (?:code|program|continue|go on)|next (?:exercise|chapter|section|cell)|in code|"
        r"with python|in python)\b",
        re.IGNORECASE,
    ),
    "first_person": re.compile(r"\b(?:i|i'm|im|my|me|ich|mein\w*|je|mon|ma|yo|mi|eu|meu|io|mio|я|мой|моя)\b", re.IGNORECASE),
    "to_teacher": re.compile(r"\b(?:you|your|you're|du|dein\w*|tu|ton|tes|te|ты|твои)\b", re.IGNORECASE),
    "program_request": re.compile(
        r"\b(?:write|make|create|code|build|program|design|simulate|implement|store|loop|print|sort|count|calculate|"
        r"compute|convert)\b.{0,60}\b(?:program|function|script|code|class|loop|list|dict\w*|app|game|python|method|"
        r"variable|while|for loop|csv|file|library)\b",
        re.IGNORECASE | re.DOTALL,
    ),
    "emoji_only": re.compile(r"^[^\w]*$"),
    "shouts": re.compile(r"[A-Z]{4,}.*[A-Z]{4,}|!!"),
}  # fmt: skip

_FORM: dict[str, Callable[[str], float]] = {
    "length": lambda text: math.log1p(len(text)) / 6,
    "lines": lambda text: math.log1p(text.count("\n")),
    "digits": lambda text: _share(text, str.isdigit),
    "capitals": lambda text: _share(text, str.isupper),
    "symbols": lambda text: _share(text, "()[]{}=<>+*/%_:;\"'#\\|&".__contains__),
    "not_latin": lambda text: _share(text, lambda letter: ord(letter) > 0x24F),
    "accents": lambda text: min(1.0, 10 * _share(text, lambda letter: 0x7F < ord(letter) <= 0x24F)),
    "one_word": lambda text: float(len(words(text)) <= 1),
    "few_words": lambda text: float(2 <= len(words(text)) <= 4),
    "some_words": lambda text: float(5 <= len(words(text)) <= 8),
}

NAMES: tuple[str, ...] = (
    *_PATTERNS,
    *_FORM,
    *(f"names_{sense}" for sense in lexicon().senses),
    *(f"share_{sense}" for sense in lexicon().senses),
    "no_sense",
)
"""What each signal is called, in the order of `look`."""


def clean(text: str) -> str:
    """The part of a text that is looked at, in one Unicode form, without invisible characters."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST * 2 // 3]}\n{text[-LONGEST // 3 :]}"
    text = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cf").strip()


def look(text: str) -> list[float]:
    """The signals of a cleaned text, in the order of NAMES, each about from 0 to 1."""
    spoken = max(1, len(words(text)))
    counts = lexicon().count(text)
    return [
        *(math.log1p(min(8, len(pattern.findall(text)))) for pattern in _PATTERNS.values()),
        *(form(text) for form in _FORM.values()),
        *(math.log1p(count) for count in counts),
        *(min(1.0, count / spoken) for count in counts),
        float(not any(counts)),
    ]


def _share(text: str, fits: Callable[[str], bool]) -> float:
    return sum(map(fits, text)) / max(1, len(text))

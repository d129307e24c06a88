"""A piece of Markdown text within one block, as words for a voice."""

import html
import re

from tutor.domain.spoken_code import say_code, say_name

LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\([^()]*\)[^()\s]*)?(?:\s+[\"'][^)]*)?\)|\[[^\]]*\])")
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
"""An inline code span: as many backticks behind it as before it."""

_URL = re.compile(r"<?(?:https?://|www\.)[^\s<>]*[^\s<>.,;:!?)\"']>?")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->")
_FOOTNOTE = re.compile(r"\[\^[^\]]+\]")
_DUNDER = re.compile(r"(?<!\w)__[a-z]\w*?__(?!\w)")
_SNAKE = re.compile(r"(?<!\w)\w*[a-zA-Z0-9]_[a-zA-Z0-9]\w*")
_DOTTED = re.compile(r"(?<=[a-zA-Z_][a-zA-Z_0-9])\.(?=[a-z_]{2})")
_CALL = re.compile(r"(?<=\w)\(\)")
_EMPHASIS = re.compile(r"(?<!\w)[*_]{1,3}(?=[^\s*_])|(?<=[^\s*_])[*_]{1,3}(?!\w)|\*\*|~~")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\U00002600-\U000027bf\U00002b00-\U00002bff\U0000fe0e\U0000fe0f\U0000200d\U000020e3"
    "\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~$])")
_SHORT = (
    (re.compile(r"\be\.\s?g\.,?", re.IGNORECASE), "for example"),
    (re.compile(r"\bi\.\s?e\.,?", re.IGNORECASE), "that is"),
    (re.compile(r"\bvs\.?(?!\w)", re.IGNORECASE), "versus"),
)
_SIGNS = (
    (re.compile(r"\s*(?:->|=>|[→⇒➜])\s*"), " to "),
    (re.compile(r"(?<=\d)\s*[\u00d7x*]\s*(?=\d)|\s\*\s"), " times "),
    (re.compile(r"\s*(?:==)\s*"), " equals equals "),
    (re.compile(r"\s*(?:!=|≠)\s*"), " is not equal to "),
    (re.compile(r"\s*(?:<=|≤)\s*"), " is less than or equal to "),
    (re.compile(r"\s*(?:>=|≥)\s*"), " is greater than or equal to "),
    (re.compile(r"\s\+=\s"), " plus equals "),
    (re.compile(r"\s-=\s"), " minus equals "),
    (re.compile(r"\s=\s"), " equals "),
    (re.compile(r"\s\+\s"), " plus "),
    (re.compile(r"(?<=\d)\s-\s(?=\d)"), " minus "),
    (re.compile(r"(?<=\s)-(?=\d)"), "minus "),
    (re.compile(r"\s<\s"), " is less than "),
    (re.compile(r"\s>\s"), " is greater than "),
    (re.compile(r"\s&\s"), " and "),
    (re.compile(r"\s[\u2013\u2014]\s|\s--\s"), ", "),
    (re.compile(r"[\u2013\u2014]"), "-"),
    (re.compile(r"\u2026"), "..."),
    (re.compile(r"[`|\\^]|-{3,}"), " "),
)


def say_text(text: str) -> str:
    """Words, numbers and the punctuation that a voice needs; '' where nothing is to be said."""
    parts: list[str] = []
    begin = 0
    for span in CODE.finditer(text):
        parts += [_prose(text[begin : span.start()]), say_code(span.group(2))]
        begin = span.end()
    parts.append(_prose(text[begin:]))
    said = " ".join("".join(parts).split())
    said = re.sub(r"\s+([,.;:!?])", r"\1", re.sub(r"\(\s*\)", "", said))
    return said if re.search(r"\w", said) else ""


def _prose(text: str) -> str:
    text = LINK.sub(r"\1", text)
    text = _FOOTNOTE.sub("", _TAG.sub(" ", _URL.sub("the link", text)))
    text = _EMOJI.sub("", html.unescape(text))
    text = _ESCAPED.sub(r"\1", text)
    text = _DUNDER.sub(lambda match: say_name(match.group()), text)
    text = _SNAKE.sub(lambda match: say_name(match.group()), text)
    text = _EMPHASIS.sub("", _CALL.sub("", text))
    for pattern, words in _SHORT + _SIGNS:
        text = pattern.sub(words, text)
    return _DOTTED.sub(" dot ", text)

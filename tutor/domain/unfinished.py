"""Whether what was said so far asks for more words, as far as its wording tells."""

import re

from tutor.domain.command import command

_FILLERS = "um uhm uh er erm hmm hm mm well like so then also basically"
_JOINING = "and or but because if when while although unless until between without than"
_ARTICLES = "a an the my your his her its our their every some any"
_VERBS = "is are was were has have gets get got says does did want called"
_PREPOSITIONS = "of to in on at for with from into about by like as"
_SUBJECTS = "i we they he she i'm it's there's that's what's"
_OPEN = frozenset(" ".join((_FILLERS, _JOINING, _ARTICLES, _VERBS, _PREPOSITIONS, _SUBJECTS)).split())
_MAY_END = frozenset(f"{_VERBS} {_PREPOSITIONS} so then while like if".split())
"""May end a question ("What is it for?"), or one inside a sentence ("I know what it is.")."""
_ASKING = frozenset("what which who whose where why how when".split())  # noqa: SIM905 - as the lists above
_SHORT = 3
"""Words: "But why?" is whole, "I do not understand how" is not."""


def trails_off(text: str) -> bool:
    """Whether a transcript breaks off: at a filler, an article or a joining word, a comma, three dots."""
    said = text.strip().lower()
    if re.search(r"(?:\.\.\.|\u2026|[,\u2013\u2014-])[\"']?$", said):
        return True
    if re.search(r", (?:why|how|what|when|where|which|who)\?$", said):  # "It runs only once, why?"
        return False
    words = re.findall(r"[\w']+", said)
    if len(words) > _SHORT and words[-1] in _ASKING:
        return True
    if not words or words[-1] not in _OPEN or command(text) is not None:
        return False
    asks = any(word in _ASKING for word in words[:-1])
    return not (words[-1] in _MAY_END and asks and said.endswith(("?", ".")))

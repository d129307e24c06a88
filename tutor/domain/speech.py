"""What is spoken of an answer: sentence by sentence, while its Markdown still streams in."""

import re
from typing import NamedTuple

from tutor.domain.inline_speech import CODE, LINK, say_text

CODE_ON_SCREEN = "The code is on the screen."
"""Said once in an answer, in place of its first block of code."""

_SOON = 40
"""From so many characters on, the first piece may end at a clause: about 2.5 s of speech."""
_EARLIEST = 16
"""A first piece shorter than this would be over before the next one is ready."""
_PHRASE_FROM = 24
_LATEST = 48
"""A first piece longer than this ends before a word that begins a phrase: a voice takes 0.3 s for it."""
_LONGEST = 200
"""Longer sentences are cut at a clause. Also Groq's limit for one piece of speech."""

_FENCE = re.compile(r"\s{0,3}(?:>\s?)*\s*(`{3,}|~{3,})")
_LIST = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s")
_MARKER = re.compile(r"\s*(?:#{1,6}(?=\s)|>|[-*+](?=\s)(?:\s+\[[ xX]\](?=\s))?|\d{1,3}[.)](?=\s))\s*")
_MAYBE_MARKER = re.compile(
    r"\s*(?:#{1,6}|[-*+=_]+|`{1,2}|~{1,2}|>|\d{1,3}[.)]?|(?:[-*+]\s+)?\[[ xX]?\]?)?\s*"
)
"""The beginning of a line of which it is not yet known what it will be."""
_RULE = re.compile(r"\s*(?:([-*_])(?:\s*\1){2,}|=+|-+)\s*")
_TABLE_RULE = re.compile(r"[\s|:-]*-[\s|:-]*")
_DEFINITION = re.compile(r"\s{0,3}\[[^\]]+\]:\s")

_END = re.compile(r"[.!?\u2026]+[)\"'\u201d\u2019*_\]]*(?=\s+\S)")
_CLAUSE = re.compile(
    r"[,;:][)\"'\u201d\u2019*_]*(?=\s)|\s(?=[\u2013\u2014]\s|(?:because|but|which|so|when|while|until)\s)"
)
_PHRASE = re.compile(r"\s(?=(?:and|or|that|if|with|before|after|from|into|by|in|on|to|than)\s)")
_NO_END = re.compile(r"(?:^|[\s(\"'])(?:(?i:e\.g|i\.e|vs|cf|dr|mr|mrs|ms|prof|fig|eq|approx)|[A-Z])\.$")
"""An abbreviation or an initial: its full stop ends no sentence."""


class Sentence(NamedTuple):
    """One piece of speech, and how far it gets in the answer."""

    text: str
    """As it is spoken."""
    end: int
    """Characters of the Markdown that have been said with it."""


def speakable(markdown: str) -> str:
    """What is spoken of a whole answer, as one text. '' where nothing is to be said."""
    cutter = SentenceCutter(hurry=False)
    return " ".join(sentence.text for sentence in [*cutter.feed(markdown), *cutter.flush()])


class SentenceCutter:
    """Turns Markdown that arrives in pieces into sentences to speak.

    Never cuts inside code, links or abbreviations. The first piece ends early on purpose, at a clause, so
    that speech begins soon. Not for use after `flush`; a new answer takes a new one.
    """

    def __init__(self, *, hurry: bool = True) -> None:
        """`hurry`: whether the first piece may end early."""
        self._hurry = hurry
        self._read = 0  # characters taken in
        self._line = ""  # of the current line, what is not in the paragraph yet
        self._begun = False  # whether the current line's beginning is in the paragraph
        self._paragraph = ""  # text of the current block that is not said yet
        self._fence = ""  # the marks that opened the block of code we are in
        self._code_told = False
        self._in_list = False  # where indented text is no code
        self._in_quote = False
        self._heading = False  # whether the block ends with the line

    def feed(self, delta: str) -> list[Sentence]:
        """The next piece of Markdown, of any size; returns the sentences that it completes, speakable."""
        said: list[Sentence] = []
        *complete, rest = delta.split("\n")
        for part in complete:
            self._take(part)
            said += self._end_line()
            self._read += 1
        self._take(rest)
        if not self._fence and not self._undecided():
            said += self._begin_text()
            said += self._cut()
        return said

    def flush(self) -> list[Sentence]:
        """The rest, when no more will come."""
        said = self._end_line() if self._line else []
        return said + self._end_block()

    def _take(self, part: str) -> None:
        self._line += part.replace("\r", "")
        self._read += len(part)

    def _undecided(self) -> bool:
        """Whether the current line may still become something that is not spoken as it stands."""
        if self._begun:
            return False
        line = self._line
        return (
            bool(_MAYBE_MARKER.fullmatch(line) or _FENCE.match(line) or _DEFINITION.match(line))
            or line.lstrip().startswith("|")
            or self._indented(line)
        )

    def _indented(self, line: str) -> bool:
        """Whether a line is code because it stands in from the margin."""
        return line.startswith(("    ", "\t")) and not (self._paragraph or self._in_list)

    def _begin_text(self) -> list[Sentence]:
        """Move the current line into the paragraph; its marker, if any, ends the block before."""
        said: list[Sentence] = []
        if not self._begun:
            self._begun = True
            self._in_list = bool(_LIST.match(self._line)) or (self._in_list and self._line[:1].isspace())
            quoted = self._line.lstrip().startswith(">")
            while marker := _MARKER.match(self._line):
                kind = marker.group().strip()
                if not (kind == ">" and self._in_quote):
                    said += self._end_block()
                self._heading = kind.startswith("#")
                self._line = self._line[marker.end() :]
            self._in_quote = quoted
            if self._paragraph:
                self._paragraph += " "
        self._paragraph += self._line
        self._line = ""
        return said

    def _end_line(self) -> list[Sentence]:
        line, begun = self._line, self._begun
        fence = None if begun else _FENCE.match(line)
        if fence and "`" in line[fence.end() :]:
            fence = None  # ```code``` within one line is inline code
        if self._fence:
            self._line = ""
            if fence and fence.group(1).startswith(self._fence) and not line[fence.end() :].strip():
                self._fence = ""
            return []
        if fence:
            said, self._line, self._fence = self._end_block(), "", fence.group(1)
            return said + self._tell_code()
        if not begun and (not line.strip() or _RULE.fullmatch(line) or _DEFINITION.match(line)):
            self._line = ""
            return self._end_block()
        if not begun and line.lstrip().startswith("|"):
            said, self._line = self._end_block(), ""
            return said + self._row(line)
        if not begun and self._indented(line):
            self._line = ""
            return self._tell_code()
        said = self._begin_text() + self._cut()
        self._begun = False
        if self._heading:
            self._heading = False
            said += self._end_block()
        return said

    def _row(self, line: str) -> list[Sentence]:
        if _TABLE_RULE.fullmatch(line):
            return []
        cells = (say_text(cell) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|")))
        return self._say(", ".join(cell for cell in cells if cell))

    def _tell_code(self) -> list[Sentence]:
        if self._code_told:
            return []
        self._code_told = True
        return self._say(CODE_ON_SCREEN)

    def _end_block(self) -> list[Sentence]:
        said = self._cut()
        rest, self._paragraph = self._paragraph, ""
        return said + self._say(rest)

    def _cut(self) -> list[Sentence]:
        """Take finished sentences off the beginning of the paragraph."""
        said: list[Sentence] = []
        while end := _end_of_sentence(self._paragraph, hurry=self._hurry):
            piece, self._paragraph = self._paragraph[:end], self._paragraph[end:].lstrip()
            said += self._say(piece, finished=False)
        return said

    def _say(self, markdown: str, *, finished: bool = True) -> list[Sentence]:
        text = say_text(markdown)
        if not text:
            return []
        self._hurry = False
        # Without a mark at its end a voice runs on into the next sentence.
        ended = text.rstrip("\"')\u201d\u2019").endswith((".", "!", "?", ":", ";", ","))
        end = self._read - len(self._line) - len(self._paragraph)
        return [Sentence(text if ended or not finished else f"{text}.", end)]


def _end_of_sentence(text: str, *, hurry: bool) -> int:
    """Where to cut; 0 where nothing is finished yet. The same however the text was cut up on its way."""
    hidden = _hidden(text)
    end = next((mark.end() for mark in _END.finditer(hidden) if _ends(mark)), 0)
    if hurry and (end or len(hidden.rstrip())) >= _SOON:
        clause = next((mark.end() for mark in _CLAUSE.finditer(hidden, _EARLIEST)), 0)
        soon = min(clause, end) if clause and end else clause or end
        if soon > _LATEST or (not soon and len(hidden) > _LATEST):
            return next((mark.end() for mark in _PHRASE.finditer(hidden, _PHRASE_FROM, _LATEST)), soon)
        return soon
    if (end or len(hidden)) > _LONGEST:
        return _clause(hidden, _EARLIEST, _LONGEST) or end
    return end


def _ends(mark: re.Match[str]) -> bool:
    """Whether a mark that may end a sentence does."""
    goes_on = mark.group().startswith((".", "\u2026")) and mark.string[mark.end() :].lstrip()[:1].islower()
    return not goes_on and not _NO_END.search(mark.string[: mark.start() + 1])


def _clause(hidden: str, begin: int, end: int) -> int:
    """The last clause boundary between the two, or else the last space."""
    marks = [mark.end() for mark in _CLAUSE.finditer(hidden, begin, end)]
    return marks[-1] if marks else max(0, hidden.rfind(" ", begin, end))


def _hidden(text: str) -> str:
    """The text with code and links replaced by x's, up to where one of them is still open."""
    for pattern in (CODE, LINK):
        text = pattern.sub(lambda match: "x" * len(match.group()), text)
    opened = re.search(r"`|!?\[[^\]]*(?:\](?:\([^)]*)?)?$", text)
    return text[: opened.start()] if opened else text

"""What a learner has heard of an answer: from seconds of sound back to the word where it was cut."""

import re

from tutor.domain.inline_speech import LINK, say_text
from tutor.domain.turn import Declined, Delta, Restarted, Spoken, TurnEvent

_CODE = r"(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
_BOLD = r"\*\*[^*\n]+\*\*"
_UNIT = re.compile(rf"(?:{LINK.pattern}|{_CODE}|{_BOLD}|\S)+")
"""What is kept or cut as a whole: a word, or code, a link or emphasis with all its words."""
_FENCE = re.compile(r"^\s{0,3}(?:>\s?)*\s*(`{3,}|~{3,})", re.MULTILINE)


class Playback:
    """One answer while it is spoken. Follows the events of its turn."""

    def __init__(self) -> None:
        self.text = ""
        """The answer, as it is shown."""
        self._spoken: list[Spoken] = []

    def follow(self, event: TurnEvent) -> None:
        """Keep in mind what was shown, and what is to be heard."""
        match event:
            case Delta(text=text) | Declined(text=text):
                self.text += text
            case Restarted():
                self.text, self._spoken = "", []
            case Spoken():
                self._spoken.append(event)

    @property
    def seconds(self) -> float:
        """How long all sentences so far last, without the gaps between them."""
        return sum(sentence.seconds for sentence in self._spoken)

    @property
    def sentences(self) -> int:
        """How many there are to be heard so far."""
        return len(self._spoken)

    def cut(self, played: float) -> str:
        """The shown text up to the word that was heard last.

        A block of code before that word was on the screen, and stays; so does one that is being announced.

        Args:
            played: Seconds of sound that were heard, without the gaps between sentences.
        """
        begin, said = 0, _without_blocks(self.text)
        for sentence in self._spoken:
            if played <= 0:
                break
            end = max(begin, min(sentence.end, len(self.text)))
            if played < sentence.seconds:
                begin += _heard(said[begin:end], played / sentence.seconds)
                break
            begin, played = end, played - sentence.seconds
        return _with_whole_fence(self.text, begin).strip()


def up_to(text: str, characters: int) -> str:
    """The beginning of an answer: as many characters as were heard, to the end of the word they stop in."""
    ends = (unit.end() for unit in _UNIT.finditer(_without_blocks(text)))
    end = next((end for end in ends if end >= characters), len(text)) if characters > 0 else 0
    return _with_whole_fence(text, end).strip()


def _heard(markdown: str, share: float) -> int:
    """Where the word ends that is being said when this share of a sentence has been said."""
    units = [(unit.end(), len(say_text(unit.group())) + 1) for unit in _UNIT.finditer(markdown)]
    left = share * sum(weight for _, weight in units)
    for end, weight in units:
        left -= weight
        if left <= 0:
            return end
    return len(markdown)


def _without_blocks(markdown: str) -> str:
    """The same length, with blocks of code blank: they are shown, not said."""
    lines, fence = [], ""
    for line in markdown.splitlines(keepends=True):
        mark = _FENCE.match(line)
        blank = bool(fence or mark)
        if mark and not fence:
            fence = mark.group(1)
        elif mark and mark.group(1).startswith(fence):
            fence = ""
        lines.append(re.sub(r"\S", " ", line) if blank else line)
    return "".join(lines)


def _with_whole_fence(text: str, end: int) -> str:
    """The text up to `end`, or to the end of the block of code that `end` is in."""
    fence = ""
    for mark in _FENCE.finditer(text):
        if not fence and mark.start() >= end:
            break
        if not fence:
            fence = mark.group(1)
        elif mark.group(1).startswith(fence):
            if mark.end() > end:
                return text[: mark.end()]
            fence = ""
    return text if fence else text[:end]

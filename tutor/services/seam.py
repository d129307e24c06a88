"""Joins an answer that was cut in the middle to its continuation by another model."""

_TAIL = 400
"""Characters before the cut in which a repetition may begin."""

CONTINUE = (
    "Your last message was cut off in the middle. Continue it from exactly where it stops, in the same"
    " language. Begin with the next word. Do not repeat anything, do not apologise, do not mention the cut."
)


class Seam:
    """Drops what the continuation says again.

    Models often begin a continuation with the sentence they were cut in, or with the last few words. Text is
    held back only as long as it could still be such a repetition.
    """

    def __init__(self, said: str) -> None:
        """`said` is everything until the cut."""
        self._said = said
        self._held = ""
        self._open = bool(said)
        start = max(0, len(said) - _TAIL)
        # A repetition begins where a word does; also at the very start, for a model that says it all again.
        starts = {0, *(i for i in range(start, len(said)) if i == 0 or said[i - 1].isspace())}
        self._starts = sorted(i for i in starts if not said[i].isspace()) if said else []

    def feed(self, text: str) -> str:
        """What is new in the next piece; '' while that is not clear yet."""
        if not self._open:
            return text
        self._held += text
        new = self._held.lstrip()
        if not new:
            return ""
        for start in self._starts:  # the longest repetition first
            tail = self._said[start:].rstrip()
            if new.startswith(tail):
                if len(new) == len(tail):
                    return ""  # all of it is a repetition so far
                return self._close(new[len(tail) :])
            if tail.startswith(new):
                return ""  # it may become one
        return self._close(self._joined())

    def flush(self) -> str:
        """What was held back at the end of the continuation."""
        if not self._open:
            return ""
        new = self._held.strip()
        whole = any(self._said[start:].rstrip() == new for start in self._starts)
        return self._close("" if whole or not new else self._joined())

    def _joined(self) -> str:
        """The held text, with a space where two words would run together.

        A model that was told to begin with the next word rarely sends the space before it.
        """
        glue = self._said[-1:].isalnum() and self._held[:1].isalnum()
        return f" {self._held}" if glue else self._held

    def _close(self, text: str) -> str:
        self._open = False
        if self._said[-1:].isspace():
            text = text.lstrip()
        return text

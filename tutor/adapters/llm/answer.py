"""Reads the parts of a streamed answer, which have the same shape at every provider of the protocol."""

from typing import Any

from tutor.domain.chat import Finish
from tutor.errors import AnswerUnusable, ProviderUnreachable

Part = Any
"""One event of the stream as JSON: an object, unless the server is broken."""
LONGEST_PIECE = 20_000
"""Characters. No model sends more in one piece; what does is broken."""
LONGEST_ANSWER = 200_000
FINISH_GRACE = 0.5
"""Seconds to wait for the token counts after the answer is complete."""


class AnswerReader:
    """The state of one answer: what came, and whether it is complete."""

    def __init__(self, *, rung: str, model: str) -> None:
        self._rung = rung
        self._model = model
        self._length = 0
        self._visible = False
        self._prompt_tokens = 0
        self._completion_tokens = 0
        self.complete = False
        """True once the model has said that it is done; token counts may still come."""

    def text(self, part: Part) -> str:
        """The text in one part; '' for role deltas, thoughts and token counts.

        Raises:
            AnswerUnusable: A refusal, or not the shape of an answer.
            ProviderUnreachable: The provider says in the stream that it broke.
        """
        try:
            self._count(part)
            choices = part.get("choices")
            if not choices:
                return ""
            choice = choices[0]
            delta = choice.get("delta") or {}
            text = delta.get("content") or ""
            reason = choice.get("finish_reason")
            refused = reason == "content_filter" or delta.get("refusal")
            self.complete = self.complete or reason is not None
        except (AttributeError, TypeError, KeyError, IndexError) as error:
            raise AnswerUnusable(f"not the shape of an answer: {type(error).__name__}") from None
        if refused:
            raise AnswerUnusable("refused")
        if not isinstance(text, str):
            raise AnswerUnusable("not the shape of an answer: content")
        self._length += len(text)
        if len(text) > LONGEST_PIECE or self._length > LONGEST_ANSWER:
            raise AnswerUnusable(f"a piece of {len(text)} characters")
        self._visible = self._visible or bool(text.strip())
        return text

    def finish(self) -> Finish:
        """The last chunk.

        Raises:
            ProviderUnreachable: The answer is not complete.
            AnswerUnusable: It is, and empty.
        """
        if not self.complete:
            raise ProviderUnreachable("the stream ended in the middle")
        if not self._visible:
            raise AnswerUnusable("empty")
        return Finish(
            rung=self._rung,
            model=self._model,
            prompt_tokens=self._prompt_tokens,
            completion_tokens=self._completion_tokens,
        )

    def _count(self, part: Part) -> None:
        usage = part.get("usage")
        if groq := part.get("x_groq"):
            if groq.get("error"):
                raise ProviderUnreachable("an error inside the stream")
            usage = usage or groq.get("usage")
        if usage:
            self._prompt_tokens = _whole(usage.get("prompt_tokens"))
            self._completion_tokens = _whole(usage.get("completion_tokens"))


def _whole(count: object) -> int:
    return count if isinstance(count, int) and count > 0 else 0

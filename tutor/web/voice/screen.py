"""What a learner sees while talking: the conversation, the state of things, the words that are spoken."""

from collections.abc import Callable
from typing import Literal

from fastrtc import AdditionalOutputs

from tutor.web.pages.chat import Bubble, note

State = Literal["listening", "hearing", "thinking", "speaking", "muted", "busy", "error"]
"""For the panel; static/voice.js shows each in a form of its own."""


class Screen:
    """Sends to the page.

    Args:
        send: Takes what is new: conversation, state and words, None for what is as before.
    """

    def __init__(self, send: Callable[[AdditionalOutputs], None]) -> None:
        self._send = send
        self._shown: tuple[State, str] | None = None

    @property
    def troubled(self) -> bool:
        """Whether the learner is reading of a trouble."""
        return self._shown is not None and self._shown[0] in ("error", "busy")

    def paint(self, conversation: list[Bubble]) -> None:
        """Show the conversation."""
        self._send(AdditionalOutputs(conversation, None, None))

    def tell(self, state: State, words: str) -> None:
        """Show a state, in words that a screen reader announces."""
        if self._shown != (state, words):
            self._shown = (state, words)
            self._send(AdditionalOutputs(None, note(words, state), None))

    def say(self, words: str) -> None:
        """Hand over words: a sentence that is spoken, or what the page has to do."""
        self._send(AdditionalOutputs(None, None, words))

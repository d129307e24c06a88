"""What answers, and what weighs a message: language models and sentence embeddings."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Protocol

from tutor.domain.chat import ChatMessage, ChatRequest, Chunk
from tutor.domain.course import Chapter
from tutor.domain.topic import Chances, Thresholds, Verdict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ChatModel(Protocol):
    """Something that answers: one model, or a ladder of them."""

    @property
    def name(self) -> str:
        """For the log and the badge."""

    def stream(self, request: ChatRequest) -> AsyncIterator[Chunk]:
        """Answer in pieces: any number of Token (and, from a ladder, Restart), then one Finish.

        Closing the iterator cancels the request at the provider.

        Raises:
            ProviderError: Before or between the pieces.
        """


class Encoder(Protocol):
    """Sentence embeddings."""

    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors of shape (len(texts), dimensions)."""


class TopicModel(Protocol):
    """Weighs what a message is about."""

    @property
    def thresholds(self) -> Thresholds:
        """From which chance on this model may be believed."""

    def weigh(self, message: str, history: Sequence[ChatMessage], chapter: str) -> tuple[Chances, str]:
        """How likely each reading is, and a short code of what that rests on.

        Args:
            message: The learner's words.
            history: Earlier messages, oldest first.
            chapter: Slug of the open chapter, or ''.
        """


class Guard(Protocol):
    """Judges whether a message belongs to the lesson."""

    def judge(self, message: str, history: Sequence[ChatMessage], chapter: Chapter | None) -> Verdict:
        """The local tier: quick, offline, may be unsure."""

    async def ask(
        self, message: str, history: Sequence[ChatMessage], chapter: Chapter | None
    ) -> Verdict | None:
        """The AI tier, for what the local one is unsure of. None where no model could be asked in time."""

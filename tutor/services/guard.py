"""The guard: a local tier that is quick and may be unsure, and a small model for what it is unsure of."""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Sequence

from tutor.domain.chat import Author, ChatMessage, ChatRequest, Restart, Token
from tutor.domain.course import Chapter
from tutor.domain.topic import Label, Thresholds, Verdict, decide
from tutor.errors import ProviderError
from tutor.services import guard_question
from tutor.services.ports import ChatModel, TopicModel

_log = logging.getLogger(__name__)


class TopicGuard:
    """Judges whether a message belongs to the lesson. Implements the port `Guard`."""

    def __init__(
        self,
        topic: TopicModel | None,
        *,
        model: ChatModel | None = None,
        thresholds: Thresholds | None = None,
        deadline: float = 1.2,
        cache_size: int = 1024,
    ) -> None:
        """Put the tiers together.

        Args:
            topic: The local tier's scorer; without one every message is unsure.
            model: A small chat model for the AI tier, or None.
            thresholds: When the local tier decides; those that came with the scorer where None.
            deadline: Seconds that the AI tier has.
            cache_size: Verdicts of the AI tier that are remembered.
        """
        self._topic = topic
        self._thresholds = thresholds or (topic.thresholds if topic else Thresholds())
        self._model = model
        self._deadline = deadline
        self._cache_size = cache_size
        self._cache: OrderedDict[str, Verdict] = OrderedDict()

    def judge(self, message: str, history: Sequence[ChatMessage], chapter: Chapter | None) -> Verdict:
        """The local tier: quick, offline, may be unsure."""
        if self._topic is None:
            return Verdict(label=Label.UNSURE, confidence=0.0, reason="no_model")
        chances, reason = self._topic.weigh(message, history, chapter.slug if chapter else "")
        return decide(chances, self._thresholds, reason=reason)

    async def ask(
        self, message: str, history: Sequence[ChatMessage], chapter: Chapter | None
    ) -> Verdict | None:
        """The AI tier. None where no model answered in time, or not in the one shape that counts."""
        if self._model is None:
            return None
        data = guard_question.data(message, history, chapter)
        key = hashlib.sha256(data.encode()).hexdigest()
        if (known := self._cache.get(key)) is not None:
            self._cache.move_to_end(key)
            return known
        try:
            async with asyncio.timeout(self._deadline):
                reply = await self._reply(data)
        except (ProviderError, TimeoutError) as error:
            _log.info("the AI tier of the guard did not answer: %s", type(error).__name__)
            return None
        verdict = guard_question.read(reply)
        if verdict is None:
            _log.info("the AI tier of the guard answered in another shape")
        else:
            self._cache[key] = verdict
            if len(self._cache) > self._cache_size:
                self._cache.popitem(last=False)
        return verdict

    async def _reply(self, data: str) -> str:
        assert self._model is not None  # noqa: S101 - ask() has seen to it
        request = ChatRequest(
            turn_id="guard",
            messages=(
                ChatMessage(author=Author.SYSTEM, content=guard_question.RULES),
                ChatMessage(author=Author.LEARNER, content=data),
            ),
            max_tokens=200,
            json_reply=True,
        )
        pieces: list[str] = []
        async for chunk in self._model.stream(request):
            if isinstance(chunk, Token):
                pieces.append(chunk.text)
            elif isinstance(chunk, Restart):
                pieces.clear()
        return "".join(pieces)

"""An answer that has begun: how a model is asked for one, and how it is stopped."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from tutor.domain.chat import Author, ChatMessage, ChatRequest, Chunk, Finish, Token
from tutor.domain.prompt import fit
from tutor.errors import AnswerUnusable
from tutor.rungs import Rung
from tutor.services.ports import ChatModel

_PROBE = ChatRequest(
    turn_id="",
    messages=(ChatMessage(author=Author.LEARNER, content="Reply with one word: ready"),),
    max_tokens=16,
)


@dataclass(frozen=True)
class Opened:
    """The rest of an answer, and its first visible piece, which is already read."""

    chunks: AsyncIterator[Chunk]
    first: Token

    async def close(self) -> None:
        """Stop it, and close its connection."""
        await close(self.chunks)


def room(rung: Rung, request: ChatRequest) -> int:
    """Tokens of prompt that a rung can read, with a tenth kept for the roughness of counting."""
    return (rung.context - request.max_tokens - rung.thinking) * 9 // 10


def fitted(request: ChatRequest, rung: Rung, need: int) -> ChatRequest:
    """The request as this rung can read it. `need`: tokens of its messages."""
    space = room(rung, request)
    if need <= space:
        return request
    return request.model_copy(update={"messages": fit(request.messages, space)})


async def begin(model: ChatModel, request: ChatRequest) -> Opened:
    """Ask, and read up to the first visible text.

    Raises:
        AnswerUnusable: The answer ended without any.
        ProviderError: The model's own.
    """
    chunks = model.stream(request)
    try:
        async for chunk in chunks:
            if isinstance(chunk, Token) and chunk.text.strip():
                return Opened(chunks, chunk)
            if isinstance(chunk, Finish):
                break
        raise AnswerUnusable("empty")  # noqa: TRY301 - an answer without a word is an error like the others
    except BaseException:
        await close(chunks)
        raise


async def discard(opened: Opened) -> None:
    """Stop an answer that nobody waits for."""
    await opened.close()


async def close(chunks: AsyncIterator[Chunk]) -> None:
    """Stop an answer that may or may not have begun."""
    if isinstance(chunks, AsyncGenerator):
        await chunks.aclose()


async def probe(model: ChatModel) -> None:
    """Find out with a request of our own whether a model answers. Raises what it raises."""
    await (await begin(model, _PROBE)).close()

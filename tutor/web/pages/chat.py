"""The conversation as the chat shows it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from html import escape
from time import monotonic
from typing import Any

from tutor.domain.chat import Author
from tutor.domain.conversation import Message
from tutor.domain.turn import Commanded, Declined, Delta, Failed, Heard, Restarted, Said, TurnEvent, Waiting
from tutor.web.pages.harmless import harmless

Bubble = dict[str, Any]
"""One message in the form that gr.Chatbot(type="messages") takes."""

_PAUSE = 0.06
"""Seconds between two pictures of a growing answer: faster than that nobody reads, and every one costs."""


def bubbles(messages: Sequence[Message]) -> list[Bubble]:
    """Stored messages as bubbles."""
    return [_bubble(message.author, message.text + _badge(message.rung)) for message in messages]


async def growing(
    stored: Callable[[], Awaitable[Sequence[Message]]],
    events: AsyncGenerator[TurnEvent],
    *,
    first: int | None = None,
) -> AsyncGenerator[list[Bubble]]:
    """The conversation, again and again, while a turn adds to it; at the end, as it is stored.

    Args:
        stored: Reads the conversation. What another turn stored in the meantime is there at the end.
        events: Of the turn; closed when this is closed.
        first: How many of the messages stay in sight meanwhile; None for all.
    """
    history = bubbles(await stored())[:first]
    answer, painted, failed, aside, passing = "", 0.0, "", "", False
    async with aclosing(events):
        async for event in events:
            match event:
                case Heard(text=text):
                    history = [*history, _bubble(Author.LEARNER, text)]
                case Delta(text=text):
                    answer += text
                    if monotonic() - painted < _PAUSE:
                        continue
                case Waiting(text=text):
                    yield [*history, _bubble(Author.TEACHER, text)]
                    continue
                case Commanded(text=text):
                    answer, passing = text, True  # shown, but stored nowhere
                case Restarted():
                    answer = ""
                case Declined(text=text):
                    answer = text
                case Failed(text=failed):
                    break
                case Said(note=words):
                    passing = False
                    if not words:
                        continue
                    aside = f"\n\n<small>{escape(words)}</small>"
                case _:
                    continue
            painted = monotonic()
            yield [*history, _bubble(Author.TEACHER, answer)] if answer else history
    final = bubbles(await stored())
    if failed:
        final = [*final, _bubble(Author.TEACHER, failed)]
    elif passing and answer:
        final = [*final, _bubble(Author.TEACHER, answer)]
    elif aside:
        final = [*final[:-1], {**final[-1], "content": final[-1]["content"] + aside}]
    yield final


def with_options(conversation: list[Bubble], questions: Sequence[str]) -> list[Bubble]:
    """The same, with questions to choose from under the last message."""
    if not conversation or not questions:
        return conversation
    options = [{"value": question} for question in questions]
    return [*conversation[:-1], {**conversation[-1], "options": options}]


def _bubble(author: Author, text: str) -> Bubble:
    return {"role": author.value, "content": harmless(text)}


def _badge(rung: str) -> str:
    if not rung or rung == "guide":
        return ""
    return f"\n\n<small>answered by {rung}</small>"


def note(words: str, state: str) -> str:
    """A state of the conversation by voice, as HTML for the panel and for screen readers."""
    return f'<p role="status" data-state="{escape(state)}">{escape(words)}</p>'

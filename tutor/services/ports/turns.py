"""What is kept of conversations and of the turns in them."""

from datetime import datetime
from typing import Protocol

from tutor.domain.allowance import Usage
from tutor.domain.conversation import Conversation, Message, TurnEnd, Via


class TurnStore(Protocol):
    """Conversations. Every method is scoped by the learner's id; another's are simply not there.

    All raise StoreUnavailable (or StoreFull), and ConversationUnknown where an id is not the learner's.
    """

    async def add_conversation(
        self, learner_id: str, *, course: str, chapter: str, title: str
    ) -> Conversation:
        """Begin a conversation."""

    async def conversations(self, learner_id: str, *, limit: int = 50) -> tuple[Conversation, ...]:
        """Those with at least one message, the last used first."""

    async def conversation(self, learner_id: str, conversation_id: str) -> Conversation:
        """One of them."""

    async def delete_conversation(self, learner_id: str, conversation_id: str) -> None:
        """Remove it with all it holds."""

    async def messages(
        self, learner_id: str, conversation_id: str, *, limit: int = 200
    ) -> tuple[Message, ...]:
        """The last `limit` messages, oldest first."""

    async def open_turn(
        self,
        learner_id: str,
        conversation_id: str,
        *,
        text: str,
        via: Via,
        instruction: str = "",
        replaces: str = "",
        site: str = "",
    ) -> str:
        """Store what came in, durably, and return the turn's id.

        `replaces`: id of an earlier turn whose question this one words anew; from that turn on, nothing is
        among the messages any more. ConversationUnknown where it is no question of this conversation.

        With `via` INSTRUCTION no message is stored. The audit table gets the name of the instruction and,
        where a course site wrote it, the site's name and `text`.
        """

    async def keep_draft(self, learner_id: str, turn_id: str, text: str) -> None:
        """Keep what was said so far in a turn that runs, in case the process dies in it."""

    async def close_turn(self, learner_id: str, turn_id: str, end: TurnEnd) -> str:
        """Store how the turn ended, and the teacher's message if it has text.

        Returns the message's id, or '' where there is none.
        """

    async def cut_turn(self, learner_id: str, turn_id: str, text: str) -> None:
        """Shorten the teacher's message to what was heard of it, for a turn that has ended.

        With '' the message goes. A text that is not shorter changes nothing.
        """

    async def recover(self, conversation_id: str = "") -> int:
        """Close what a process that died left open, in one conversation or in all; how many there were."""


class SpendingStore(Protocol):
    """What answers have cost."""

    async def spent_since(self, moment: datetime) -> dict[str, float]:
        """US dollars by learner's id, of all turns that were opened at or after this moment."""


class UsageStore(Protocol):
    """What learners used today. `close_turn` adds the tokens of a turn by itself."""

    async def usage(self, learner_id: str) -> Usage:
        """What the learner used on the last day on which they used anything. Raises StoreUnavailable."""

    async def add_voice(self, learner_id: str, seconds: float, *, day: str) -> None:
        """Add sound to what the learner used on this day. Raises StoreUnavailable."""

"""What the use cases need from the outside world. Adapters provide it; wiring brings them together."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tutor.domain.audio import Audio, Transcript
from tutor.domain.chat import ChatMessage, ChatRequest, Chunk
from tutor.domain.conversation import Conversation, Message, TurnEnd, Via
from tutor.domain.course import Chapter, Course
from tutor.domain.learner import Learner, Role
from tutor.domain.manner import PLAIN, Manner
from tutor.domain.place import CellPlace
from tutor.domain.practice import Deed, Event, Practice
from tutor.domain.problem import Problem
from tutor.domain.topic import Chances, Thresholds, Verdict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Transcriber(Protocol):
    """Speech to text."""

    @property
    def name(self) -> str:
        """For the log and the badge: `whisper-tiny.en`."""

    async def transcribe(self, audio: Audio, *, context: str = "") -> Transcript:
        """Hear one utterance.

        Args:
            audio: Up to the limit in the settings.
            context: Words that are likely to be in it, such as the chapter's identifiers.

        Raises:
            ModelMissing: A local model cannot be loaded.
            ProviderError: A remote one could not do it.
        """


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


class Speaker(Protocol):
    """Text to speech."""

    @property
    def name(self) -> str:
        """For the log and the badge."""

    async def speak(self, text: str, manner: Manner = PLAIN) -> Audio:
        """Say one sentence, already in its speakable form, in a manner that is followed as far as it can be.

        Raises:
            ModelMissing: A local voice cannot be loaded.
            ProviderError: A remote one could not do it.
        """


class VoiceActivity(Protocol):
    """Tells speech from silence in one stream of sound."""

    def __call__(self, frame: "NDArray[np.int16]") -> float:
        """Probability from 0 to 1 of speech in one frame of 512 samples at 16 kHz."""


class EndOfTurn(Protocol):
    """Tells the end of a turn from a hesitation, by the sound of it."""

    async def finished(self, audio: Audio) -> float:
        """Probability from 0 to 1 that the speaker is done.

        Args:
            audio: The turn so far, with the pause at its end.

        Raises:
            ModelMissing: The model cannot be loaded.
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


class CourseSource(Protocol):
    """Where courses come from."""

    def courses(self) -> tuple[Course, ...]:
        """All courses, with the chapters that can be read."""

    def course(self, slug: str) -> Course:
        """One course. Raises ChapterUnknown."""

    def chapter(self, course_slug: str, chapter_slug: str) -> Chapter:
        """One chapter. Raises ChapterUnknown or CourseBroken."""

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in any course, for its author."""

    def file(self, course_slug: str, relative_path: str) -> Path:
        """A picture or data file beside the chapters. Raises NotFound."""


class PasswordHasher(Protocol):
    """Slow hashing, off the event loop."""

    async def hash(self, password: str) -> str:
        """The hash to store."""

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether they go together. With None it takes as long and says no."""


class Account(Protocol):
    """A stored account."""

    @property
    def learner(self) -> Learner: ...

    @property
    def password_hash(self) -> str | None:
        """None for a guest."""


class AccountStore(Protocol):
    """Learners and their sessions."""

    async def add_learner(
        self, *, name: str, password_hash: str | None, role: Role, key: str = ""
    ) -> Learner:
        """Raises NameTaken. Names are compared without case, unless a `key` is given in place of the name."""

    async def account_by_key(self, key: str) -> Account | None:
        """The account that was added with this key, if any."""

    async def account(self, name: str) -> Account | None:
        """The account of this name, if any."""

    async def set_password(self, learner_id: str, password_hash: str) -> None:
        """Store a new password and revoke every session, at once. Raises NotFound."""

    async def delete_learner(self, learner_id: str) -> None:
        """Remove a learner with all that is theirs."""

    async def delete_guests(self, before: datetime) -> int:
        """Remove the guests that came before this moment; how many there were."""

    async def open_session(self, *, learner_id: str, session_id: str, expires_at: datetime) -> None:
        """Remember a session that was handed out."""

    async def session_learner(self, session_id: str, *, now: datetime) -> Learner | None:
        """Whose session it is; None where it is unknown, revoked or over."""

    async def close_session(self, session_id: str) -> None:
        """Revoke one session."""

    async def close_sessions(self, learner_id: str) -> None:
        """Revoke every session of a learner."""


StoredRow = Mapping[str, str | int | float | bool | None]
"""One row as it is kept; times in ISO 8601."""


class RecordStore(Protocol):
    """Everything of one learner, and what is old. Every method may raise StoreUnavailable."""

    async def everything(self, learner_id: str) -> dict[str, tuple[StoredRow, ...]]:
        """Every row that belongs to the learner, by table; no password and no session's id."""

    async def delete_conversations(self, before: datetime) -> int:
        """Remove the conversations that nobody has used since; how many there were."""

    async def delete_sessions(self) -> int:
        """Forget the sessions that are over; how many there were."""


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


class SpentTokens(Protocol):
    """Which tokens were used. Each is good once."""

    async def spend(self, issuer: str, token_id: str, *, expires_at: datetime, now: datetime) -> bool:
        """Note that a token is used; False where it was used before. Raises StoreUnavailable."""


class SpendingStore(Protocol):
    """What answers have cost."""

    async def spent_since(self, moment: datetime) -> dict[str, float]:
        """US dollars by learner's id, of all turns that were opened at or after this moment."""


class PracticeStore(Protocol):
    """What learners write, where they stand, what they did. Scoped by the learner's id."""

    async def drafts(self, learner_id: str, *, course: str, chapter: str) -> dict[str, str]:
        """The learner's own code of a chapter, by cell."""

    async def keep_draft(self, learner_id: str, place: CellPlace, code: str) -> None:
        """Store the code of a cell in place of what was there."""

    async def drop_draft(self, learner_id: str, place: CellPlace) -> None:
        """Forget the learner's own code of a cell."""

    async def practice(
        self, learner_id: str, *, course: str = "", chapter: str = ""
    ) -> dict[CellPlace, Practice]:
        """Where the learner stands in every cell that they worked on: of a chapter, a course, or all."""

    async def change(
        self,
        learner_id: str,
        place: CellPlace,
        deed: Deed,
        change: Callable[[Practice], Practice],
        *,
        passed: bool = False,
    ) -> Practice:
        """Note a deed, and replace where the learner stands by what `change` makes of it; both or none."""

    async def events(self, learner_id: str, *, since: datetime) -> tuple[Event, ...]:
        """What the learner did from this moment on, oldest first."""


class ProgressStore(Protocol):
    """Where a learner stands. Scoped by the learner's id."""

    async def visit(self, learner_id: str, *, course: str, chapter: str) -> datetime | None:
        """Note that a chapter is open now; returns when it was open before, or None."""

    async def last_visit(self, learner_id: str) -> tuple[str, str] | None:
        """Course and chapter that were open last."""

    async def visited(self, learner_id: str, *, course: str) -> frozenset[str]:
        """Chapters of a course that were ever open."""

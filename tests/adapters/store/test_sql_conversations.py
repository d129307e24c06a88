"""What a learner said is kept, in order, and is theirs alone."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from tutor.adapters.store.accounts import SqlAccounts
from tutor.adapters.store.conversations import SqlConversations
from tutor.adapters.store.engine import Database
from tutor.adapters.store.tables import InstructionRow, MessageRow, TurnRow
from tutor.domain.chat import Author, Source
from tutor.domain.conversation import Conversation, Outcome, TurnEnd, Via
from tutor.domain.learner import Learner
from tutor.errors import ConversationUnknown, SessionExpired

ANSWERED = TurnEnd(
    outcome=Outcome.ANSWERED,
    text="A loop repeats.",
    rung="groq",
    model="gpt-oss",
    sources=(Source(chapter="loops", cell_id="c4", title="Loops, cell 4"),),
    verdict="on",
    tier="local",
    prompt_tokens=120,
    completion_tokens=9,
    heard_ms=1,
    guard_ms=2,
    first_token_ms=3,
    total_ms=4,
)


async def test_turn_is_kept_in_order(store: SqlConversations, ada: Learner, talk: Conversation) -> None:
    """A turn would lose its words, their order, its sources or who answered."""
    turn = await store.open_turn(ada.id, talk.id, text="What is a loop?", via=Via.TEXT)
    answer_id = await store.close_turn(ada.id, turn, ANSWERED)

    question, answer = await store.messages(ada.id, talk.id)
    assert (question.author, question.text, question.turn_id) == (Author.LEARNER, "What is a loop?", turn)
    assert (answer.author, answer.text, answer.turn_id) == (Author.TEACHER, "A loop repeats.", turn)
    assert (answer.id, answer.rung, answer.sources) == (answer_id, "groq", ANSWERED.sources)
    assert question.created_at < answer.created_at
    assert answer.created_at.utcoffset() is not None


async def test_turn_row_holds_every_figure(
    database: Database, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """A figure of the turn (timing, tokens, verdict) would not reach the database."""
    turn = await store.open_turn(ada.id, talk.id, text="Hm?", via=Via.VOICE)
    await store.close_turn(ada.id, turn, ANSWERED)

    row = await database.read(lambda session: session.exec(select(TurnRow)).one())
    stored = row.model_dump()
    assert {name: stored[name] for name in stored.keys() & TurnEnd.model_fields} == ANSWERED.model_dump(
        exclude={"text", "sources"}
    )
    assert (row.id, row.via) == (turn, Via.VOICE)
    assert row.closed_at is not None
    assert row.closed_at > row.opened_at


async def test_messages_gives_the_last_ones(
    store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """A long conversation would show its beginning in place of its end."""
    for number in range(5):
        await store.open_turn(ada.id, talk.id, text=str(number), via=Via.TEXT)
    assert [m.text for m in await store.messages(ada.id, talk.id, limit=2)] == ["3", "4"]
    assert await store.messages(ada.id, talk.id, limit=-1) == ()


async def test_equal_times_keep_their_order(
    database: Database, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """Two messages stored in one tick of the clock would swap places."""
    still = SqlConversations(database, now=lambda: datetime(2026, 11, 3, tzinfo=UTC))
    for number in range(8):
        await still.open_turn(ada.id, talk.id, text=str(number), via=Via.TEXT)
    assert [m.text for m in await store.messages(ada.id, talk.id)] == list("01234567")


async def test_list_has_the_last_used_first_and_no_empty_one(
    store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """The list would be out of order, or full of conversations in which nobody said a word."""
    second = await store.add_conversation(ada.id, course="python", chapter="lists", title="Lists")
    await store.add_conversation(ada.id, course="python", chapter="lists", title="Never used")
    turn = await store.open_turn(ada.id, talk.id, text="one", via=Via.TEXT)
    await store.open_turn(ada.id, second.id, text="two", via=Via.TEXT)
    assert [c.id for c in await store.conversations(ada.id)] == [second.id, talk.id]

    await store.close_turn(ada.id, turn, ANSWERED)
    assert [c.id for c in await store.conversations(ada.id)] == [talk.id, second.id]
    assert [c.id for c in await store.conversations(ada.id, limit=1)] == [talk.id]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What is\n a  loop?", "What is a loop?"),
        ("why " * 40, "why " * 13 + "why…"),
        ("x" * 100, "x" * 59 + "…"),
        ("   ", "Loops"),
    ],
)
async def test_title_is_the_first_question(
    store: SqlConversations, ada: Learner, talk: Conversation, question: str, title: str
) -> None:
    """The list would show a title that is empty, cut inside a word, or not of the first question."""
    await store.open_turn(ada.id, talk.id, text=question, via=Via.TEXT)
    await store.open_turn(ada.id, talk.id, text="A later question", via=Via.TEXT)
    assert (await store.conversation(ada.id, talk.id)).title == title


async def test_instruction_is_audited_and_never_shown(
    database: Database, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """A hidden instruction would leave no trace, or would be shown as the learner's own words."""
    turn = await store.open_turn(
        ada.id, talk.id, text="Greet them.", via=Via.INSTRUCTION, instruction="greet"
    )
    await store.close_turn(ada.id, turn, ANSWERED)

    assert [m.author for m in await store.messages(ada.id, talk.id)] == [Author.TEACHER]
    audit = await database.read(lambda session: session.exec(select(InstructionRow)).one())
    assert (audit.name, audit.learner_id, audit.turn_id) == ("greet", ada.id, turn)
    assert (await store.conversation(ada.id, talk.id)).title == "Loops"

    await store.open_turn(ada.id, talk.id, text="What is a loop?", via=Via.TEXT)
    assert (await store.conversation(ada.id, talk.id)).title == "What is a loop?"


async def test_second_close_changes_nothing(
    store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """A turn that is closed from two places (`finally` and a disconnect) would answer twice."""
    turn = await store.open_turn(ada.id, talk.id, text="Hm?", via=Via.TEXT)
    first = await store.close_turn(ada.id, turn, ANSWERED)
    again = await store.close_turn(ada.id, turn, TurnEnd(outcome=Outcome.FAILED, text="Another text"))
    assert again == first
    assert [m.text for m in await store.messages(ada.id, talk.id)] == ["Hm?", "A loop repeats."]


async def test_close_without_text_stores_no_message(
    store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """A turn that failed before its first word would leave an empty bubble."""
    turn = await store.open_turn(ada.id, talk.id, text="Hm?", via=Via.TEXT)
    failed = TurnEnd(outcome=Outcome.FAILED, text=" ", error_code="provider")
    assert await store.close_turn(ada.id, turn, failed) == ""
    assert await store.close_turn(ada.id, turn, failed) == ""
    assert len(await store.messages(ada.id, talk.id)) == 1


async def test_turn_cannot_end_open(store: SqlConversations, ada: Learner, talk: Conversation) -> None:
    """A turn closed as open could be closed twice, with two answers."""
    turn = await store.open_turn(ada.id, talk.id, text="Hm?", via=Via.TEXT)
    with pytest.raises(ValueError, match="cannot end open"):
        await store.close_turn(ada.id, turn, TurnEnd(outcome=Outcome.OPEN))


async def test_recover_closes_what_a_crash_left_open(
    database: Database, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """After a crash a turn would stay open for ever, or a finished one would be rewritten."""
    done = await store.open_turn(ada.id, talk.id, text="one", via=Via.TEXT)
    await store.close_turn(ada.id, done, ANSWERED)
    lost = await store.open_turn(ada.id, talk.id, text="two", via=Via.TEXT)

    assert await store.recover() == 1
    assert await store.recover() == 0
    rows = await database.read(lambda session: {row.id: row for row in session.exec(select(TurnRow))})
    assert rows[done].outcome == Outcome.ANSWERED
    assert (rows[lost].outcome, rows[lost].error_code) == (Outcome.INTERRUPTED, "process_died")
    assert [m.text for m in await store.messages(ada.id, talk.id)][-1] == "two"


async def test_recover_does_not_take_a_living_turn_from_another_process(
    database: Database, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """A restart of the web server would throw away the answer that a voice room is giving."""
    turn = await store.open_turn(ada.id, talk.id, text="one", via=Via.VOICE)
    await store.recover()
    answer = await store.close_turn(ada.id, turn, ANSWERED)
    assert await store.close_turn(ada.id, turn, ANSWERED) == answer
    row = await database.read(lambda session: session.exec(select(TurnRow)).one())
    assert (row.outcome, row.error_code) == (Outcome.ANSWERED, "")
    assert [m.id for m in await store.messages(ada.id, talk.id)][1:] == [answer]


Attempt = Callable[[SqlConversations, str, str, str], Awaitable[object]]


@pytest.mark.parametrize(
    ("cut", "kept", "outcome"),
    [
        ("A loop", ["A loop"], Outcome.INTERRUPTED),
        ("", [], Outcome.INTERRUPTED),
        ("A loop repeats.", ["A loop repeats."], Outcome.ANSWERED),
        ("A loop repeats, and more.", ["A loop repeats."], Outcome.ANSWERED),
    ],
)
async def test_an_answer_that_was_talked_over_ends_where_it_was_cut(
    database: Database,
    store: SqlConversations,
    ada: Learner,
    talk: Conversation,
    cut: str,
    kept: list[str],
    outcome: Outcome,
) -> None:
    """The teacher would remember words that nobody heard, or a cut would add some."""
    turn = await store.open_turn(ada.id, talk.id, text="What is a loop?", via=Via.VOICE)
    await store.close_turn(ada.id, turn, ANSWERED)
    await store.cut_turn(ada.id, turn, cut)

    _, *answers = await store.messages(ada.id, talk.id)
    assert [answer.text for answer in answers] == kept
    row = await database.read(lambda session: session.exec(select(TurnRow)).one())
    assert (row.outcome, row.cost, row.completion_tokens) == (outcome, ANSWERED.cost, 9)


async def test_a_refusal_that_was_talked_over_stays_a_refusal(
    database: Database, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """A declined message would count as an interrupted answer."""
    turn = await store.open_turn(ada.id, talk.id, text="Win the match?", via=Via.VOICE)
    await store.close_turn(ada.id, turn, TurnEnd(outcome=Outcome.DECLINED, text="Let us go back to loops."))
    await store.cut_turn(ada.id, turn, "Let us")
    row = await database.read(lambda session: session.exec(select(TurnRow)).one())
    assert row.outcome == Outcome.DECLINED


ATTEMPTS: dict[str, Attempt] = {
    "conversation": lambda store, learner, talk, turn: store.conversation(learner, talk),
    "delete_conversation": lambda store, learner, talk, turn: store.delete_conversation(learner, talk),
    "messages": lambda store, learner, talk, turn: store.messages(learner, talk),
    "open_turn": lambda store, learner, talk, turn: store.open_turn(learner, talk, text="x", via=Via.TEXT),
    "instruction": lambda store, learner, talk, turn: store.open_turn(
        learner, talk, text="x", via=Via.INSTRUCTION, instruction="greet"
    ),
    "close_turn": lambda store, learner, talk, turn: store.close_turn(learner, turn, ANSWERED),
    "cut_turn": lambda store, learner, talk, turn: store.cut_turn(learner, turn, ""),
}


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_another_learner_gets_nothing_and_changes_nothing(
    database: Database, store: SqlConversations, ada: Learner, mallory: Learner, talk: Conversation, name: str
) -> None:
    """A learner who knows another's ids could read, write, close or delete their conversation."""
    turn = await store.open_turn(ada.id, talk.id, text="private", via=Via.TEXT)
    before = await database.read(_everything)

    for stranger in (mallory.id, "", "no-such-learner", "' OR 1=1 --"):
        with pytest.raises(ConversationUnknown):
            await ATTEMPTS[name](store, stranger, talk.id, turn)
    assert await database.read(_everything) == before
    await ATTEMPTS[name](store, ada.id, talk.id, turn)  # and hers it is


async def test_list_is_of_one_learner(
    store: SqlConversations, ada: Learner, mallory: Learner, talk: Conversation
) -> None:
    """The list of conversations would show another learner's."""
    await store.open_turn(ada.id, talk.id, text="private", via=Via.TEXT)
    assert await store.conversations(mallory.id) == ()


async def test_new_conversation_belongs_to_who_began_it(
    store: SqlConversations, ada: Learner, mallory: Learner
) -> None:
    """A new conversation would be open to somebody else."""
    mine = await store.add_conversation(mallory.id, course="python", chapter="loops", title="Mine")
    with pytest.raises(ConversationUnknown):
        await store.conversation(ada.id, mine.id)


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_ids_that_do_not_exist(store: SqlConversations, ada: Learner, name: str) -> None:
    """An unknown or broken id from a client would crash in place of a readable refusal."""
    for wrong in ("nothing", "", "\x00", "\udcff", "a" * 100_000):
        with pytest.raises(ConversationUnknown):
            await ATTEMPTS[name](store, ada.id, wrong, wrong)


async def test_delete_takes_everything_in_it(
    database: Database, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """A deleted conversation would leave messages, turns or audit rows behind."""
    kept = await store.add_conversation(ada.id, course="python", chapter="lists", title="Lists")
    await store.open_turn(ada.id, kept.id, text="keep", via=Via.TEXT)
    turn = await store.open_turn(ada.id, talk.id, text="gone", via=Via.TEXT)
    await store.close_turn(ada.id, turn, ANSWERED)
    await store.open_turn(ada.id, talk.id, text="", via=Via.INSTRUCTION, instruction="greet")

    await store.delete_conversation(ada.id, talk.id)
    turns, messages, audits = await database.read(_everything)
    assert [row["conversation_id"] for row in turns] == [kept.id]
    assert [row["text"] for row in messages] == ["keep"]
    assert audits == []


@pytest.mark.parametrize("text", ["a\x00b", "lone \ud800 surrogate", "e\u0301 😀 \u202e", "x" * 1_000_000])
async def test_any_text_can_be_stored(
    store: SqlConversations, ada: Learner, talk: Conversation, text: str
) -> None:
    """A NUL, a lone surrogate or a long paste would crash the turn."""
    turn = await store.open_turn(ada.id, talk.id, text=text, via=Via.TEXT)
    await store.close_turn(ada.id, turn, TurnEnd(outcome=Outcome.ANSWERED, text=text, rung=text[:50]))
    expected = text.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    assert [m.text for m in await store.messages(ada.id, talk.id)] == [expected] * 2


async def test_conversation_of_a_deleted_learner(
    store: SqlConversations, accounts: SqlAccounts, ada: Learner
) -> None:
    """A guest whose day is over would see a crash, not that they are signed out."""
    await accounts.delete_learner(ada.id)
    with pytest.raises(SessionExpired):
        await store.add_conversation(ada.id, course="python", chapter="loops", title="Loops")


def _everything(session) -> tuple[list[dict], ...]:
    return tuple(
        [row.model_dump() for row in session.exec(select(table))]
        for table in (TurnRow, MessageRow, InstructionRow)
    )


async def test_draft_becomes_the_message_of_a_turn_whose_process_died(
    store: SqlConversations, ada: Learner, mallory: Learner, talk: Conversation
) -> None:
    """What a learner had read or heard would be gone with the process, or another could write into it."""
    turn = await store.open_turn(ada.id, talk.id, text="Hm?", via=Via.VOICE)
    await store.keep_draft(ada.id, turn, "A loop")
    await store.keep_draft(mallory.id, turn, "Mallory's words")
    assert [m.text for m in await store.messages(ada.id, talk.id)] == ["Hm?"]

    assert await store.recover("another conversation") == 0
    assert await store.recover(talk.id) == 1
    assert [m.text for m in await store.messages(ada.id, talk.id)] == ["Hm?", "A loop"]

    await store.close_turn(ada.id, turn, ANSWERED)
    assert [m.text for m in await store.messages(ada.id, talk.id)] == ["Hm?", "A loop repeats."]


async def test_a_reworded_question_replaces_what_followed(
    database: Database, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """The model would see both wordings, or what the learner once said would be lost."""
    for text in ("One?", "What is a four loop?", "And then?"):
        turn = await store.open_turn(ada.id, talk.id, text=text, via=Via.VOICE)
        await store.close_turn(ada.id, turn, ANSWERED)
    old = (await store.messages(ada.id, talk.id))[2].turn_id
    new = await store.open_turn(ada.id, talk.id, text="What is a for loop?", via=Via.TEXT, replaces=old)
    await store.close_turn(ada.id, new, ANSWERED)
    asked = [m.text for m in await store.messages(ada.id, talk.id) if m.author is Author.LEARNER]
    assert asked == ["One?", "What is a for loop?"]
    kept = await database.read(lambda session: len(session.exec(select(MessageRow)).all()))
    assert kept == 8


@pytest.mark.parametrize(
    "whose", ["another learner's", "another conversation's", "replaced", "greeting", "none"]
)
async def test_only_a_question_of_this_conversation_is_replaced(
    store: SqlConversations, ada: Learner, mallory: Learner, talk: Conversation, whose: str
) -> None:
    """A learner could make another's question vanish, or break a conversation of their own."""
    other = await store.add_conversation(mallory.id, course="c", chapter="d", title="")
    second = await store.add_conversation(ada.id, course="c", chapter="d", title="")
    mine = await store.open_turn(ada.id, talk.id, text="One?", via=Via.TEXT)
    turns = {
        "another learner's": await store.open_turn(mallory.id, other.id, text="Two?", via=Via.TEXT),
        "another conversation's": await store.open_turn(ada.id, second.id, text="Three?", via=Via.TEXT),
        "replaced": mine,
        "greeting": await store.open_turn(ada.id, talk.id, text="", via=Via.INSTRUCTION, instruction="recap"),
        "none": "no-such-turn",
    }
    await store.open_turn(ada.id, talk.id, text="Once more?", via=Via.TEXT, replaces=mine)
    with pytest.raises(ConversationUnknown):
        await store.open_turn(ada.id, talk.id, text="Mine now", via=Via.TEXT, replaces=turns[whose])
    assert [m.text for m in await store.messages(ada.id, talk.id)] == ["Once more?"]
    assert [m.text for m in await store.messages(mallory.id, other.id)] == ["Two?"]

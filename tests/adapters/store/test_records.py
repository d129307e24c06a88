"""A learner gets all of their rows and nobody else's, and what is old goes."""

from datetime import UTC, datetime, timedelta

import pytest

from tutor.adapters.store.accounts import SqlAccounts
from tutor.adapters.store.conversations import SqlConversations
from tutor.adapters.store.engine import Database
from tutor.adapters.store.progress import SqlProgress
from tutor.adapters.store.records import SqlRecords
from tutor.adapters.store.tables import Table
from tutor.domain.conversation import Conversation, Outcome, TurnEnd, Via
from tutor.domain.learner import Learner

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def records(database: Database) -> SqlRecords:
    return SqlRecords(database, now=lambda: NOON)


async def test_everything_of_one_learner_alone(
    records: SqlRecords,
    accounts: SqlAccounts,
    store: SqlConversations,
    progress: SqlProgress,
    ada: Learner,
    mallory: Learner,
    talk: Conversation,
) -> None:
    """An export would leave something out, or hold another learner's words, or a password's hash."""
    await accounts.open_session(learner_id=ada.id, session_id="secret session", expires_at=NOON)
    turn = await store.open_turn(ada.id, talk.id, text="What is a loop?", via=Via.TEXT)
    await store.close_turn(ada.id, turn, TurnEnd(outcome=Outcome.ANSWERED, text="A repetition."))
    await store.open_turn(ada.id, talk.id, text="", via=Via.INSTRUCTION, instruction="recap")
    await progress.visit(ada.id, course="python", chapter="loops")
    other = await store.add_conversation(mallory.id, course="python", chapter="loops", title="Mine")
    await store.open_turn(mallory.id, other.id, text="Not for Ada.", via=Via.TEXT)

    found = await records.everything(ada.id)
    assert set(found) == set(Table.metadata.tables) - {"spent_tokens"}, (
        "a table that is left out is not exported"
    )
    assert [row["text"] for row in found["messages"]] == ["What is a loop?", "A repetition."]
    assert [row["name"] for row in found["learners"]] == ["Ada"]
    assert len(found["turns"]) == 2
    assert found["instructions"][0]["name"] == "recap"
    assert found["progress"][0]["chapter"] == "loops"
    words = repr(found)
    for foreign in ("Not for Ada", mallory.id, "hash", "secret session"):
        assert foreign not in words
    assert all(not any(rows) for rows in (await records.everything("nobody")).values())


async def test_old_conversations_go(
    records: SqlRecords, store: SqlConversations, ada: Learner, talk: Conversation
) -> None:
    """A site that promises to forget would keep everything, or forget what is in use."""
    at = SqlConversations(store.database, now=lambda: talk.updated_at + timedelta(days=10))
    fresh = await at.add_conversation(ada.id, course="python", chapter="loops", title="New")
    assert await records.delete_conversations(talk.updated_at + timedelta(days=5)) == 1
    assert await store.messages(ada.id, fresh.id) == ()
    left = (await records.everything(ada.id))["conversations"]
    assert [row["id"] for row in left] == [fresh.id]


async def test_sessions_that_are_over_go(records: SqlRecords, accounts: SqlAccounts, ada: Learner) -> None:
    """The table of sessions would grow for ever, or people would be signed out."""
    for name, end in (("over", NOON - timedelta(hours=1)), ("open", NOON + timedelta(hours=1))):
        await accounts.open_session(learner_id=ada.id, session_id=name, expires_at=end)
    assert await records.delete_sessions() == 1
    assert await accounts.session_learner("open", now=NOON) == ada

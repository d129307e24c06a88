"""Names are unique, sessions can be revoked, and a removed learner leaves nothing."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from tutor.adapters.store.accounts import SqlAccounts
from tutor.adapters.store.conversations import SqlConversations
from tutor.adapters.store.engine import Database
from tutor.adapters.store.practice import SqlPractice
from tutor.adapters.store.progress import SqlProgress
from tutor.adapters.store.tables import SessionRow, Table
from tutor.adapters.store.usage import SqlUsage
from tutor.domain.conversation import Conversation, Via
from tutor.domain.learner import Learner, Role
from tutor.domain.place import CellPlace
from tutor.domain.practice import Deed
from tutor.errors import NameTaken, NotFound, SessionExpired

LATER = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("same", ["ada", "ADA", "\uff21da", "\uff41\uff44\uff41"])
async def test_name_is_taken_in_every_form(accounts: SqlAccounts, ada: Learner, same: str) -> None:
    """Somebody could open an account whose name reads like another's."""
    with pytest.raises(NameTaken):
        await accounts.add_learner(name=same, password_hash=None, role=Role.LEARNER)
    assert (await accounts.account(same)).learner == ada


async def test_name_race_has_one_winner(accounts: SqlAccounts) -> None:
    """Two sign-ups in the same moment would share a name."""
    tries = (accounts.add_learner(name="Same", password_hash="h", role=Role.LEARNER) for _ in range(5))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, Learner) for result in results) == 1
    assert sum(isinstance(result, NameTaken) for result in results) == 4


async def test_account_has_what_sign_in_needs(accounts: SqlAccounts, ada: Learner) -> None:
    """A right password could not be checked, or a guest would have one."""
    assert (await accounts.account("Ada")).password_hash == "hash"
    assert await accounts.account("nobody") is None
    assert await accounts.account("\x00\ud800") is None
    guest = await accounts.add_learner(name="Guest 1", password_hash=None, role=Role.GUEST)
    stored = await accounts.account("Guest 1")
    assert (stored.learner, stored.password_hash) == (guest, None)


async def test_session_ends_when_it_is_over_or_closed(
    accounts: SqlAccounts, ada: Learner, mallory: Learner
) -> None:
    """A session would outlive its end, its sign-out, or take another's with it."""
    for learner, session in ((ada, "a1"), (ada, "a2"), (ada, "a3"), (mallory, "m1")):
        await accounts.open_session(learner_id=learner.id, session_id=session, expires_at=LATER)
    just_before = LATER - timedelta(seconds=1)

    assert await accounts.session_learner("a1", now=just_before) == ada
    assert await accounts.session_learner("a1", now=LATER) is None
    assert await accounts.session_learner("unknown", now=just_before) is None
    await accounts.close_session("a1")
    await accounts.close_session("a1")
    assert await accounts.session_learner("a1", now=just_before) is None
    assert await accounts.session_learner("a2", now=just_before) == ada
    await accounts.close_sessions(ada.id)
    assert await accounts.session_learner("a2", now=just_before) is None
    assert await accounts.session_learner("m1", now=just_before) == mallory


async def test_sessions_that_are_over_are_forgotten(
    database: Database, accounts: SqlAccounts, ada: Learner
) -> None:
    """The table of sessions would grow for ever."""
    await accounts.open_session(
        learner_id=ada.id, session_id="old", expires_at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    await accounts.open_session(learner_id=ada.id, session_id="new", expires_at=LATER)
    assert await database.read(lambda session: list(session.exec(select(SessionRow.id)))) == ["new"]


async def test_new_password_revokes_every_session_of_one_learner(
    accounts: SqlAccounts, ada: Learner, mallory: Learner
) -> None:
    """Whoever stole a session would keep it after the password was changed."""
    await accounts.open_session(learner_id=ada.id, session_id="a", expires_at=LATER)
    await accounts.open_session(learner_id=mallory.id, session_id="m", expires_at=LATER)
    await accounts.set_password(ada.id, "another hash")
    assert (await accounts.account("Ada")).password_hash == "another hash"
    assert (await accounts.account("Mallory")).password_hash == "hash"
    assert await accounts.session_learner("a", now=LATER - timedelta(days=1)) is None
    assert await accounts.session_learner("m", now=LATER - timedelta(days=1)) == mallory
    with pytest.raises(NotFound):
        await accounts.set_password("nobody", "hash")


async def test_removed_learner_leaves_nothing(
    database: Database,
    accounts: SqlAccounts,
    store: SqlConversations,
    progress: SqlProgress,
    ada: Learner,
    mallory: Learner,
    talk: Conversation,
) -> None:
    """A learner who asks to be deleted would leave words, sessions or progress behind."""
    await _live(accounts, store, progress, ada, talk)
    other = await store.add_conversation(mallory.id, course="python", chapter="loops", title="Loops")
    await _live(accounts, store, progress, mallory, other)
    once = {name: count // 2 for name, count in (await database.read(_counts)).items()}
    assert all(once.values()), "every table has a row of each"

    await accounts.delete_learner(ada.id)
    assert await database.read(_counts) == once
    assert len(await store.messages(mallory.id, other.id)) == 1
    await accounts.delete_learner(ada.id)
    with pytest.raises(SessionExpired):
        await accounts.open_session(learner_id=ada.id, session_id="again", expires_at=LATER)


async def test_old_guests_go_and_others_stay(accounts: SqlAccounts, ada: Learner) -> None:
    """Guests would pile up, or the clean-up would take new guests and learners with them."""
    start = datetime(2026, 11, 2, tzinfo=UTC)
    for name, came in (("old", start - timedelta(days=2)), ("new", start)):
        at = SqlAccounts(accounts.database, now=lambda came=came: came)
        await at.add_learner(name=name, password_hash=None, role=Role.GUEST)
    long_ago = SqlAccounts(accounts.database, now=lambda: start - timedelta(days=99))
    await long_ago.add_learner(name="Veteran", password_hash="h", role=Role.LEARNER)

    assert await accounts.delete_guests(start - timedelta(days=1)) == 1
    assert await accounts.account("old") is None
    for name in ("new", "Ada", "Veteran"):
        assert await accounts.account(name) is not None


async def _live(
    accounts: SqlAccounts, store: SqlConversations, progress: SqlProgress, who: Learner, talk: Conversation
) -> None:
    await accounts.open_session(learner_id=who.id, session_id=f"of {who.id}", expires_at=LATER)
    await store.open_turn(who.id, talk.id, text="Hm?", via=Via.TEXT)
    await store.open_turn(who.id, talk.id, text="", via=Via.INSTRUCTION, instruction="greet")
    await progress.visit(who.id, course="python", chapter="loops")
    practice, cell = SqlPractice(store.database), CellPlace("python", "loops", "sum")
    await practice.keep_draft(who.id, cell, "a = 1")
    await practice.change(who.id, cell, Deed.HINT, lambda one: one)
    await SqlUsage(store.database).add_voice(who.id, 2.5, day="2026-11-02")


def _counts(session: Session) -> dict[str, int]:
    """Rows of every table that holds something of learners."""
    return {
        name: len(session.execute(table.select()).all())
        for name, table in Table.metadata.tables.items()
        if table.foreign_keys or name == "learners"
    }

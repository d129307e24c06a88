"""Who signs in is who they say; nobody else gets in, and nobody can keep them out."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tutor.adapters.store.accounts import SqlAccounts
from tutor.adapters.store.engine import Database
from tutor.domain.learner import Role
from tutor.errors import (
    CredentialsWrong,
    InvalidInput,
    NameTaken,
    NotFound,
    SessionExpired,
    SignInRequired,
    TooManyTries,
)
from tutor.services.accounts import GUESTS, SIGN_UPS, SLOWED, Accounts, Session
from tutor.services.throttle import Throttle
from tutor.services.tokens import Claims, Tokens
from tutor.settings import Settings

HOME, CAFE = "192.0.2.1", "198.51.100.9"
PASSWORD = "correct horse battery"
KEY = b"0123456789abcdef0123456789abcdef"


class QuickPasswords:
    """A PasswordHasher that takes no time, and counts."""

    def __init__(self) -> None:
        self.verified: list[str | None] = []

    async def hash(self, password: str) -> str:
        return f"hash of {password}"

    async def verify(self, password: str, hashed: str | None) -> bool:
        self.verified.append(hashed)
        return hashed == f"hash of {password}"


class Bench:
    """Accounts on a real store, with a clock that is set by hand."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.time = datetime(2026, 11, 2, 12, 0, 0, 123_456, tzinfo=UTC)
        self.paused: list[float] = []
        self.passwords = QuickPasswords()
        self.store = SqlAccounts(database, now=lambda: self.time)
        self.tokens = Tokens((KEY,), now=lambda: self.time)
        self._folder = folder
        self.throttle = Throttle()
        self.accounts = self.make()

    def make(self, **settings: Any) -> Accounts:
        """The same accounts with other settings."""
        return Accounts(
            store=self.store,
            passwords=self.passwords,
            tokens=self.tokens,
            throttle=self.throttle,
            settings=Settings(_env_file=None, data_dir=self._folder, **settings),
            now=lambda: self.time,
            pause=self._pause,
        )

    async def _pause(self, seconds: float) -> None:
        self.paused.append(seconds)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    database = Database(f"sqlite:///{tmp_path / 'tutor.db'}")
    database.migrate()
    yield Bench(database, tmp_path)
    database.close()


@pytest.fixture
def accounts(bench: Bench) -> Accounts:
    return bench.accounts


@pytest.fixture
async def ada(accounts: Accounts) -> Session:
    return await accounts.sign_up("Ada Lovelace", PASSWORD, HOME)


async def test_sign_up_opens_a_session(bench: Bench, ada: Session) -> None:
    """A new learner would have to sign in again, or be somebody else."""
    assert (ada.learner.name, ada.learner.role) == ("Ada Lovelace", Role.LEARNER)
    assert await bench.accounts.learner(ada.token) == ada.learner
    assert ada.expires_at == bench.time.replace(microsecond=0) + timedelta(hours=24)
    assert ada.token not in repr(ada), "a token does not belong in a log"


@pytest.mark.parametrize("name", ["Ada Lovelace", "ADA LOVELACE", "  ada   lovelace ", "\uff21da Lovelace"])
async def test_sign_in_in_every_form_of_the_name(accounts: Accounts, ada: Session, name: str) -> None:
    """A learner would be kept out by a capital letter or a space."""
    session = await accounts.sign_in(name, PASSWORD, HOME)
    assert session.learner == ada.learner
    assert session.token != ada.token
    assert await accounts.learner(session.token) == ada.learner


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Ada Lovelace", "wrong horse battery"),
        ("Ada Lovelace", ""),
        ("Ada Lovelace", PASSWORD.upper()),
        ("Ada Lovelace", PASSWORD + "x" * 100_000),
        ("Ada Lovelac", PASSWORD),
        ("", ""),
        ("\x00", "\ud800"),
        ("x" * 1_000_000, PASSWORD),
    ],
)
async def test_wrong_credentials(bench: Bench, ada: Session, name: str, password: str) -> None:
    """Somebody else would get in, or learn from the text or the work done which names exist."""
    with pytest.raises(CredentialsWrong) as refusal:
        await bench.accounts.sign_in(name, password, HOME)
    assert refusal.value.text == CredentialsWrong.text
    assert len(bench.passwords.verified) == 1


async def test_guest_has_no_password(accounts: Accounts) -> None:
    """A guest's place could be taken over with an empty password."""
    guest = await accounts.guest(HOME)
    for password in ("", "None"):
        with pytest.raises(CredentialsWrong):
            await accounts.sign_in(guest.learner.name, password, HOME)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("A", "2 to 40"),
        ("   A   ", "2 to 40"),
        ("x" * 41, "2 to 40"),
        ("A\x00da", "cannot be seen"),
        ("A\u202eda", "cannot be seen"),
        ("A\u200bda", "cannot be seen"),
        ("A\ud800da", "cannot be seen"),
    ],
)
async def test_name_that_cannot_be_used(accounts: Accounts, name: str, why: str) -> None:
    """A name could be invisible, break the page's lines, or be refused without a reason."""
    with pytest.raises(InvalidInput) as refusal:
        await accounts.sign_up(name, PASSWORD, HOME)
    assert why in refusal.value.text


@pytest.mark.parametrize("name", ["Al", "x" * 40, "Zoë", "李小龍", "O'Brien", "آدا", "Ada 🚀"])
async def test_name_that_can_be_used(accounts: Accounts, name: str) -> None:
    """Somebody could not use the name they have."""
    assert (await accounts.sign_up(name, PASSWORD, HOME)).learner.name == name


@pytest.mark.parametrize(("password", "why"), [("1234567", "at least 8"), ("x" * 201, "at most 200")])
async def test_password_that_cannot_be_used(
    accounts: Accounts, ada: Session, password: str, why: str
) -> None:
    """A password of one letter would be accepted, or refused without a reason."""
    tries: tuple[Callable[[], Any], ...] = (
        lambda: accounts.sign_up("Bob", password, HOME),
        lambda: accounts.add("Bob", password),
        lambda: accounts.change_password(ada.learner, PASSWORD, password),
        lambda: accounts.set_password("Ada Lovelace", password),
    )
    for attempt in tries:
        with pytest.raises(InvalidInput) as refusal:
            await attempt()
        assert why in refusal.value.text
    assert await accounts.learner(ada.token), "nothing was changed"


async def test_longest_password_works(accounts: Accounts) -> None:
    """A password would be accepted at sign-up and refused at sign-in."""
    await accounts.sign_up("Bob", "x" * 200, HOME)
    await accounts.sign_in("Bob", "x" * 200, HOME)
    with pytest.raises(CredentialsWrong):
        await accounts.sign_in("Bob", "x" * 201, HOME)


async def test_name_taken(accounts: Accounts, ada: Session) -> None:
    """Two learners would share a name, or one take the other's place."""
    with pytest.raises(NameTaken):
        await accounts.sign_up("ada lovelace", "another password", CAFE)
    assert (await accounts.sign_in("Ada Lovelace", PASSWORD, HOME)).learner == ada.learner


async def test_owner_closed_sign_up_and_guests(bench: Bench) -> None:
    """A private site would let strangers in."""
    closed = bench.make(sign_up=False, guests=False)
    with pytest.raises(SignInRequired) as refusal:
        await closed.sign_up("Bob", PASSWORD, HOME)
    assert "ask the owner" in refusal.value.text
    with pytest.raises(SignInRequired) as refusal:
        await closed.guest(HOME)
    assert "account" in refusal.value.text
    await closed.add("Bob", PASSWORD, Role.OWNER)
    assert (await closed.sign_in("Bob", PASSWORD, HOME)).learner.role is Role.OWNER


async def test_session_ends_when_its_time_is_over(bench: Bench) -> None:
    """A forgotten browser in a library would stay signed in for ever."""
    session = await bench.make(session_hours=2).sign_up("Bob", PASSWORD, HOME)
    bench.time += timedelta(hours=2, seconds=-1)
    await bench.accounts.learner(session.token)
    bench.time += timedelta(seconds=1)
    with pytest.raises(SessionExpired):
        await bench.accounts.learner(session.token)


async def test_guest_vanishes_after_a_day(bench: Bench, ada: Session) -> None:
    """Guests would pile up, or lose their place in the middle of their day."""
    guest = await bench.make(session_hours=24 * 30).guest(HOME)
    assert guest.learner.role is Role.GUEST
    assert guest.expires_at - bench.time <= timedelta(days=1)
    bench.time += timedelta(hours=23)
    assert await bench.accounts.remove_old_guests() == 0
    assert await bench.accounts.learner(guest.token) == guest.learner
    bench.time += timedelta(hours=2)
    assert await bench.accounts.remove_old_guests() == 1
    with pytest.raises(SessionExpired):
        await bench.accounts.learner(guest.token)
    assert await bench.store.account("Ada Lovelace")


async def test_sign_out_ends_one_session(accounts: Accounts, ada: Session) -> None:
    """A token that was copied would work on after its owner signed out."""
    other = await accounts.sign_in("Ada Lovelace", PASSWORD, CAFE)
    await accounts.sign_out(ada.token)
    with pytest.raises(SessionExpired):
        await accounts.learner(ada.token)
    assert await accounts.learner(other.token) == ada.learner
    for useless in (ada.token, "", "a.b.c", "\ud800"):
        await accounts.sign_out(useless)


@pytest.mark.parametrize("token", ["", "a.b.c", "\ud800"])
async def test_no_token_of_ours(accounts: Accounts, token: str) -> None:
    """Garbage in the cookie would crash the page in place of showing the sign-in."""
    with pytest.raises(SignInRequired):
        await accounts.learner(token)


async def test_well_signed_token_without_a_stored_session(bench: Bench, ada: Session) -> None:
    """Whoever learned the key could go in without leaving a session that can be revoked."""
    token = bench.tokens.sign(Claims(ada.learner.id, "never stored", ada.expires_at))
    with pytest.raises(SessionExpired):
        await bench.accounts.learner(token)


async def test_session_of_somebody_else(bench: Bench, ada: Session) -> None:
    """A token whose learner and session do not belong together would open one of the two."""
    bob = await bench.accounts.sign_up("Bob", PASSWORD, HOME)
    session_id = bench.tokens.read(bob.token).session_id
    mixed = bench.tokens.sign(Claims(ada.learner.id, session_id, bob.expires_at))
    with pytest.raises(SessionExpired):
        await bench.accounts.learner(mixed)


async def test_change_password_revokes_the_others(accounts: Accounts, ada: Session) -> None:
    """Whoever stole a session would keep it, or the learner be thrown out by their own change."""
    elsewhere = await accounts.sign_in("Ada Lovelace", PASSWORD, CAFE)
    fresh = await accounts.change_password(ada.learner, PASSWORD, "a new password")
    assert await accounts.learner(fresh.token) == ada.learner
    for old in (ada, elsewhere):
        with pytest.raises(SessionExpired):
            await accounts.learner(old.token)
    with pytest.raises(CredentialsWrong):
        await accounts.sign_in("Ada Lovelace", PASSWORD, HOME)
    await accounts.sign_in("Ada Lovelace", "a new password", HOME)


async def test_change_password_needs_the_old_one(accounts: Accounts, ada: Session) -> None:
    """Whoever sits down at an unlocked screen could take the account over, or guess on."""
    for _ in range(5):
        with pytest.raises(CredentialsWrong) as refusal:
            await accounts.change_password(ada.learner, "a guess", "a new password")
        assert "old password" in refusal.value.text
    with pytest.raises(TooManyTries):
        await accounts.change_password(ada.learner, PASSWORD, "a new password")
    assert await accounts.learner(ada.token)
    guest = await accounts.guest(HOME)
    with pytest.raises(CredentialsWrong):
        await accounts.change_password(guest.learner, "", "a new password")


async def test_set_password_of_the_command_line(accounts: Accounts, ada: Session) -> None:
    """An owner could not help a learner who forgot the password, or a thief would stay signed in."""
    await accounts.set_password("ADA lovelace", "from the owner")
    with pytest.raises(SessionExpired):
        await accounts.learner(ada.token)
    await accounts.sign_in("Ada Lovelace", "from the owner", HOME)
    guest = await accounts.guest(HOME)
    for nobody in ("Nobody", guest.learner.name):
        with pytest.raises(NotFound):
            await accounts.set_password(nobody, "from the owner")


async def test_guessing_is_stopped_and_the_learner_is_not(bench: Bench, ada: Session) -> None:
    """A stranger could guess on, or lock the learner out by guessing."""
    for _ in range(5):
        with pytest.raises(CredentialsWrong):
            await bench.accounts.sign_in("Ada Lovelace", "a wrong guess", CAFE)
    checked = len(bench.passwords.verified)
    with pytest.raises(TooManyTries) as refusal:
        await bench.accounts.sign_in("ADA LOVELACE", PASSWORD, CAFE)
    assert 0 < refusal.value.retry_after <= 60
    assert len(bench.passwords.verified) == checked, "a refused try must not cost a hash"
    assert (await bench.accounts.sign_in("Ada Lovelace", PASSWORD, HOME)).learner == ada.learner


async def test_right_password_forgets_the_slips(accounts: Accounts, ada: Session) -> None:
    """A learner who mistypes now and then would be locked out in the end."""
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(CredentialsWrong):
                await accounts.sign_in("Ada Lovelace", "a slip", HOME)
        await accounts.sign_in("Ada Lovelace", PASSWORD, HOME)


async def test_list_of_names_from_one_address(accounts: Accounts, ada: Session) -> None:
    """One machine could try one common password on every account."""
    for number in range(60):
        with pytest.raises(CredentialsWrong):
            await accounts.sign_in(f"name {number}", "password123", f"2001:db8::{number + 1}")
    with pytest.raises(TooManyTries):
        await accounts.sign_in("Ada Lovelace", PASSWORD, "2001:db8::ffff")
    await accounts.sign_in("Ada Lovelace", PASSWORD, HOME)


async def test_classroom_behind_one_address(accounts: Accounts) -> None:
    """A class that signs in together would be refused in part."""
    for number in range(40):
        await accounts.sign_up(f"Pupil {number}", PASSWORD, HOME)
        await accounts.guest(HOME)
    for number in range(40):
        await accounts.sign_in(f"Pupil {number}", PASSWORD, HOME)


async def test_guessing_from_everywhere_only_slows(bench: Bench, ada: Session) -> None:
    """Many machines could lock a learner out, or guess one account at full speed."""
    for number in range(50):
        with pytest.raises(CredentialsWrong):
            await bench.accounts.sign_in("Ada Lovelace", "a wrong guess", f"203.0.113.{number}")
    assert bench.paused == []
    assert (await bench.accounts.sign_in("Ada Lovelace", PASSWORD, HOME)).learner == ada.learner
    assert bench.paused == [SLOWED]
    await bench.accounts.sign_up("Bob", PASSWORD, HOME)
    await bench.accounts.sign_in("Bob", PASSWORD, HOME)
    assert bench.paused == [SLOWED], "another account is not slowed"


async def test_sign_ups_from_one_address_are_counted(bench: Bench) -> None:
    """A script could fill the database with accounts; slips of the finger must not count."""
    for _ in range(100):
        with pytest.raises(InvalidInput):
            await bench.accounts.sign_up("x", PASSWORD, HOME)
    for _ in range(60):
        await bench.throttle.hit(SIGN_UPS, HOME)
    with pytest.raises(TooManyTries):
        await bench.accounts.sign_up("Bob", PASSWORD, HOME)
    await bench.accounts.sign_up("Bob", PASSWORD, CAFE)


async def test_guests_from_one_address_are_counted(bench: Bench) -> None:
    """A script could fill the database with guests."""
    for _ in range(120):
        await bench.throttle.hit(GUESTS, HOME)
    with pytest.raises(TooManyTries):
        await bench.accounts.guest(HOME)
    await bench.accounts.guest(CAFE)

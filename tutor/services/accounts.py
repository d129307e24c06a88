"""Who somebody is: sign up, sign in, and the session that says so from then on."""

import asyncio
import secrets
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from pydantic import Field

from tutor.domain.learner import Learner, Role, name_key, site_key
from tutor.domain.value import Value
from tutor.errors import (
    CredentialsWrong,
    InvalidInput,
    NameTaken,
    NotFound,
    SessionExpired,
    SignInRequired,
    TooManyTries,
)
from tutor.services.ports import AccountStore, PasswordHasher
from tutor.services.throttle import Rule, Throttle, network
from tutor.services.tokens import Claims, Tokens
from tutor.settings import Settings

NAME_CHARS: Final = (2, 40)
PASSWORD_CHARS: Final = (8, 200)
LOCAL: Final = ">"
GUEST_LIFE: Final = timedelta(days=1)

# Each counter stands against another attacker.
GUESSES: Final = Rule("sign-in-guesses", "5/minute;30/hour")
"""One account, one address: somebody who guesses. As strangers elsewhere count apart, they cannot lock the
learner out. Forgotten at a right password."""
FAILURES: Final = Rule("sign-in-failures", "60/5minutes")
"""One address, any account: somebody who tries a list of names. Only failures count, because a whole
classroom may sign in from one address."""
ATTACKED: Final = Rule("sign-in-attacked", "50/hour")
"""Failures of one account from anywhere: guessing from many addresses. It never refuses, or any stranger
could keep the learner out; it makes each try wait for SLOWED seconds."""
SLOWED: Final = 2.0
OLD_PASSWORDS: Final = Rule("old-password", "5/minute;30/hour")
"""One learner, in change_password: somebody at an unlocked screen."""
SIGN_UPS: Final = Rule("sign-up", "60/hour")
"""One address."""
GUESTS: Final = Rule("guest", "120/hour")
"""One address."""


class Session(Value):
    """A session that was just opened."""

    learner: Learner
    token: str = Field(repr=False)
    expires_at: datetime


class Accounts:
    """Accounts and sessions. Every method may raise StoreUnavailable, and Busy where it hashes or counts.

    An `address` is the client's IP address, as far as the front can know it.

    Args:
        store: Where accounts are kept.
        passwords: Hashes them.
        tokens: Signs sessions.
        throttle: Counts tries.
        settings: `sign_up`, `guests` and `session_hours` are used.
        now: The clock.
        pause: Waits this many seconds.
    """

    def __init__(
        self,
        *,
        store: AccountStore,
        passwords: PasswordHasher,
        tokens: Tokens,
        throttle: Throttle,
        settings: Settings,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._tokens = tokens
        self._throttle = throttle
        self._settings = settings
        self._now = now
        self._pause = pause

    async def sign_up(self, name: str, password: str, address: str) -> Session:
        """Make an account and open its first session.

        Raises:
            InvalidInput: Name or password cannot be used; the text says why.
            NameTaken: Somebody has it.
            SignInRequired: The owner closed sign-up.
            TooManyTries: Too many accounts from this address.
        """
        if not self._settings.sign_up:
            text = "New accounts are closed here. Sign in, or ask the owner of this site for an account."
            raise SignInRequired("sign-up is closed", text=text)
        checked_name(name), checked_password(password)  # a slip of the finger is no try
        await self._throttle.hit(SIGN_UPS, network(address))
        return await self._open(await self.add(name, password))

    async def add(self, name: str, password: str, role: Role = Role.LEARNER) -> Learner:
        """Make an account without a session, as the command line does. Raises InvalidInput or NameTaken."""
        name, password = checked_name(name), checked_password(password)
        if await self._store.account(name) is not None:
            raise NameTaken  # before the hash, which costs more
        return await self._store.add_learner(
            name=name, password_hash=await self._passwords.hash(password), role=role
        )

    async def sign_in(self, name: str, password: str, address: str) -> Session:
        """Open a session.

        Raises:
            CredentialsWrong: Name or password; not even the time it took tells which.
            TooManyTries: See the rules above.
        """
        # Over-long ones are nobody's. Cut, they cost no more than others and stay wrong.
        name, password = _on_one_line(name[:1000])[: NAME_CHARS[1] + 1], password[: PASSWORD_CHARS[1] + 1]
        key, client = name_key(name), network(address)
        await self._throttle.check(FAILURES, client)
        await self._throttle.hit(GUESSES, key, client)
        await self._slow_down(key)
        account = await self._store.account(name)
        fits = await self._passwords.verify(password, account.password_hash if account else None)
        if account is None or not fits:
            await self._throttle.note(FAILURES, client)
            await self._throttle.note(ATTACKED, key)
            raise CredentialsWrong
        await self._throttle.clear(GUESSES, key, client)
        return await self._open(account.learner)

    async def guest(self, address: str) -> Session:
        """Let somebody try without an account, for a day at most.

        Raises:
            SignInRequired: The owner wants accounts.
            TooManyTries: Too many guests from this address.
        """
        if not self._settings.guests:
            text = "This site is for people with an account. Please sign in."
            raise SignInRequired("guests are off", text=text)
        await self._throttle.hit(GUESTS, network(address))
        name = f"Guest {secrets.token_hex(6)}"  # names are unique; a page shows `Guest` alone
        return await self._open(await self._store.add_learner(name=name, password_hash=None, role=Role.GUEST))

    async def from_site(self, site: str, subject: str, name: str) -> Session:
        """Let somebody in whom a course site vouches for; at the first time they get an account."""
        key = site_key(site, subject)
        account = await self._store.account_by_key(key)
        if account is not None:
            return await self._open(account.learner)
        shown = "".join(sign for sign in _on_one_line(name) if not unicodedata.category(sign).startswith("C"))
        shown = shown[: NAME_CHARS[1]].strip() or "Learner"
        try:
            learner = await self._store.add_learner(name=shown, key=key, password_hash=None, role=Role.SITE)
        except NameTaken:  # by another tab of theirs, just now
            return await self.from_site(site, subject, name)
        return await self._open(learner)

    async def local(self) -> Learner:
        """Who asks at the command line of this machine. The name is too short for anybody to sign up with."""
        account = await self._store.account(LOCAL)
        if account is not None:
            return account.learner
        return await self._store.add_learner(name=LOCAL, password_hash=None, role=Role.LEARNER)

    async def sign_out(self, token: str) -> None:
        """Revoke the session of a token. A token that is no good has nothing to revoke."""
        try:
            claims = self._tokens.read(token)
        except SignInRequired:
            return
        await self._store.close_session(claims.session_id)

    async def learner(self, token: str) -> Learner:
        """Who holds this token.

        Raises:
            SignInRequired: The token is not one of ours.
            SessionExpired: Its session is over or was revoked, or the learner is gone.
        """
        claims = self._tokens.read(token)
        learner = await self._store.session_learner(claims.session_id, now=self._now())
        if learner is None or learner.id != claims.learner_id:
            raise SessionExpired("the session is not open")
        return learner

    async def change_password(self, learner: Learner, old: str, new: str) -> Session:
        """Change the password and revoke every session; the one returned takes the place of the caller's.

        Raises:
            CredentialsWrong: The old password is not right.
            InvalidInput: The new one cannot be used; the text says why.
            TooManyTries: Too many wrong old ones.
        """
        new = checked_password(new)
        await self._throttle.hit(OLD_PASSWORDS, learner.id)
        if not await self._fits(learner, old):
            raise CredentialsWrong("the old password is wrong", text="Your old password is not right.")
        await self._store.set_password(learner.id, await self._passwords.hash(new))
        await self._throttle.clear(OLD_PASSWORDS, learner.id)
        return await self._open(learner)

    async def delete(self, learner: Learner, password: str) -> None:
        """Remove a learner with all that is theirs. Guests and learners of a course site have no password.

        Raises:
            CredentialsWrong: The password is not right.
            TooManyTries: Too many wrong ones.
        """
        if learner.role not in (Role.GUEST, Role.SITE):
            await self._throttle.hit(OLD_PASSWORDS, learner.id)
            if not await self._fits(learner, password):
                raise CredentialsWrong("wrong password", text="Your password is not right.")
        await self._store.delete_learner(learner.id)

    async def set_password(self, name: str, password: str) -> None:
        """Give an account a new password and revoke its sessions, as the command line does.

        Raises:
            NotFound: There is no such account.
            InvalidInput: The password cannot be used; the text says why.
        """
        password = checked_password(password)
        account = await self._store.account(_on_one_line(name))
        if account is None or account.learner.role is Role.GUEST:
            raise NotFound("no such account", text=f"There is no account named {name}.")
        await self._store.set_password(account.learner.id, await self._passwords.hash(password))

    async def remove_old_guests(self) -> int:
        """Delete the guests whose day is over, with all that is theirs; how many there were."""
        return await self._store.delete_guests(self._now() - GUEST_LIFE)

    async def _open(self, learner: Learner) -> Session:
        life = timedelta(hours=self._settings.session_hours)
        if learner.role is Role.GUEST:
            life = min(life, GUEST_LIFE)
        # Whole seconds, as the token has them
        expires_at = self._now().replace(microsecond=0) + life
        session_id = secrets.token_urlsafe(24)
        await self._store.open_session(learner_id=learner.id, session_id=session_id, expires_at=expires_at)
        token = self._tokens.sign(Claims(learner.id, session_id, expires_at))
        return Session(learner=learner, token=token, expires_at=expires_at)

    async def _fits(self, learner: Learner, password: str) -> bool:
        account = await self._store.account(learner.name)
        hashed = account.password_hash if account and account.learner.id == learner.id else None
        return await self._passwords.verify(password[: PASSWORD_CHARS[1] + 1], hashed)

    async def _slow_down(self, key: str) -> None:
        try:
            await self._throttle.check(ATTACKED, key)
        except TooManyTries:
            await self._pause(SLOWED)


def checked_name(name: str) -> str:
    """The name as it is stored. Raises InvalidInput with a text for the learner."""
    name = _on_one_line(name)
    low, high = NAME_CHARS
    if not low <= len(name) <= high:
        raise InvalidInput("length of the name", text=f"Choose a name of {low} to {high} characters.")
    # C: controls, formats (which can hide or turn letters), surrogates, private and unassigned ones
    if any(unicodedata.category(sign).startswith("C") for sign in name):
        text = "That name has characters in it that cannot be seen. Type it with letters, digits and signs."
        raise InvalidInput("character of the name", text=text)
    return name


def checked_password(password: str) -> str:
    """The password as it is. Raises InvalidInput with a text for the learner."""
    low, high = PASSWORD_CHARS
    if len(password) < low:
        text = (
            f"Choose a password of at least {low} characters. A few words in a row are easy to keep in mind."
        )
        raise InvalidInput("short password", text=text)
    if len(password) > high:
        raise InvalidInput("long password", text=f"Choose a password of at most {high} characters.")
    return password


def _on_one_line(name: str) -> str:
    return " ".join(name.split())

"""What is kept of learners as persons: accounts, passwords, sessions."""

from datetime import datetime
from typing import Protocol

from tutor.domain.learner import Learner, Role


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

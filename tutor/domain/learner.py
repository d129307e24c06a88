"""Who is learning."""

from enum import StrEnum

from tutor.domain.value import Value


class Role(StrEnum):
    """What somebody may do."""

    GUEST = "guest"
    """Tries the site without an account; vanishes after a day."""
    LEARNER = "learner"
    OWNER = "owner"
    """Runs the site."""


class Learner(Value):
    """Somebody who is signed in. Made by the server from the session cookie, never by a client."""

    id: str
    name: str
    role: Role = Role.LEARNER

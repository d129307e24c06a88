"""Who is learning."""

import unicodedata
from enum import StrEnum

from tutor.domain.value import Value


class Role(StrEnum):
    """What somebody may do."""

    GUEST = "guest"
    """Tries the site without an account; vanishes after a day."""
    LEARNER = "learner"
    SITE = "site"
    """Came through a course site that vouches for them; has no password here."""
    OWNER = "owner"
    """Runs the site."""


class Learner(Value):
    """Somebody who is signed in. Made by the server from the session cookie, never by a client."""

    id: str
    name: str
    role: Role = Role.LEARNER


def site_key(site: str, subject: str) -> str:
    """What stands in place of a name's key for a learner of a course site.

    It has a control character in it, which no name can have: nobody can sign up for it.
    """
    return f"{site}\x1f{subject}"


def name_key(name: str) -> str:
    """The form in which names are compared: case and width make no difference.

    Unicode's compatibility caseless matching (The Unicode Standard, section 3.13, D146).
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", name).casefold()).casefold()
    return unicodedata.normalize("NFKC", folded)

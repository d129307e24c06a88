"""Free words of a course site for the teacher: signed data, audited under the site's name."""

from typing import Literal

from tutor.domain.value import Value

MOST_CHARS = 2000
"""Of one note."""


class SiteNote(Value):
    """Like an instruction, but with words that are not ours. Only a signed token becomes one.

    It is no member of the catalogue: no client can name it.
    """

    name: Literal["site_note"] = "site_note"
    site: str
    """Whose key signed it."""
    text: str
    """For the teacher's model, as fenced data. Never shown to the learner."""

"""Course sites that the owner trusts: each has a key, and signs with it what it says to the teacher."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from pydantic import ConfigDict, Field, ValidationError

from tutor.domain.learner import Learner
from tutor.domain.message import readable
from tutor.domain.place import Place
from tutor.domain.site_note import MOST_CHARS, SiteNote
from tutor.domain.value import Value
from tutor.errors import InstructionRefused, InvalidInput, TicketRefused
from tutor.services.ports import SpentTokens
from tutor.services.signed import LEEWAY, NotGenuineError, UnknownKeyError, moment, verified
from tutor.services.throttle import Rule, Throttle, network

NOTE: Final = "tutor-note"
"""The kind (header `typ`) of a token that carries a note for the teacher."""
LONGEST: Final = timedelta(minutes=5)
"""For which a token may be good: it belongs to what the learner does now."""
TICKET: Final = "tutor-ticket"
"""The kind of a token that signs a learner of the site in."""

_REQUIRED: Final = ("iss", "aud", "jti", "iat", "exp")
_MOST_CHARS: Final = 16_000
_TRIES: Final = Rule("site_tokens", "30/minute")
"""For one learner: each costs a few signatures, whether it is genuine or not."""
_ENTRIES: Final = Rule("site_tickets", "600/minute")
"""For one address, behind which a whole school may stand."""


class _Claims(Value):
    """What every token says; nothing else is taken."""

    model_config = ConfigDict(strict=True)

    iss: str
    aud: str
    jti: str = Field(min_length=8, max_length=100)
    iat: int
    nbf: int | None = None
    exp: int


class _NoteClaims(_Claims):
    """What a note says."""

    text: str
    sub: str | None = None
    """The learner's id, as `GET /api/v1/auth/me` tells it."""
    conversation: str | None = None
    course: str | None = None
    chapter: str | None = None


class _TicketClaims(_Claims):
    """What a ticket says."""

    sub: str = Field(min_length=1, max_length=200)
    """Who this is at the course site: an id that stays, and says nothing to others."""
    name: str = Field(default="", max_length=200)
    """What to call the learner."""


class Ticket(Value):
    """A learner that a course site vouches for."""

    site: str
    subject: str
    name: str


_AnyClaims = TypeVar("_AnyClaims", bound=_Claims)


class CourseSites:
    """Reads what course sites sign.

    Args:
        keys: By the site's name. Any key of a site checks, so that one can be replaced without a gap.
        spent: Remembers which tokens were used.
        throttle: Against floods of forged tokens.
        now: The clock.
    """

    def __init__(
        self,
        keys: Mapping[str, Sequence[bytes]],
        *,
        spent: SpentTokens,
        throttle: Throttle,
        now: Callable[[], datetime],
    ) -> None:
        self._keys = {site: tuple(own) for site, own in keys.items()}
        self._spent = spent
        self._throttle = throttle
        self._now = now

    async def note(self, token: str, learner: Learner, place: Place) -> SiteNote:
        """The note in a token, used up by this.

        Args:
            token: From the learner's browser, or from the site's server.
            learner: Who brings it.
            place: Where it is brought to; what the token says of learner and place must agree with it.

        Raises:
            InstructionRefused: Not signed by a site, not for here, not for now, or used before.
            TooManyTries: The learner brought too many.
            StoreUnavailable: It cannot be told whether it was used before.
        """
        await self._throttle.hit(_TRIES, learner.id)
        try:
            claims = self._read(token, NOTE, _NoteClaims)
            expires_at = self._on_time(claims)
            text = readable(claims.text, limit=MOST_CHARS)
        except NotGenuineError as error:
            raise InstructionRefused(str(error)) from None
        except InvalidInput as error:
            raise InstructionRefused(f"the note: {error.code}") from None
        here = (learner.id, place.conversation_id, place.course, place.chapter)
        bound = (claims.sub, claims.conversation, claims.course, claims.chapter)
        if any(named not in (None, real) for named, real in zip(bound, here, strict=True)):
            raise InstructionRefused("a token for somebody or somewhere else")
        if not await self._spent.spend(
            claims.iss, claims.jti, expires_at=expires_at + LEEWAY, now=self._now()
        ):
            raise InstructionRefused("a token that was used before")
        return SiteNote(site=claims.iss, text=text)

    async def ticket(self, token: str, address: str) -> Ticket:
        """Whom a token signs in, used up by this.

        Args:
            token: From the learner's browser, in the address of the frame.
            address: Where it comes from.

        Raises:
            TicketRefused: Not signed by a site, not for now, or used before.
            TooManyTries: Too many from this address.
            StoreUnavailable: It cannot be told whether it was used before.
        """
        await self._throttle.hit(_ENTRIES, network(address))
        try:
            claims = self._read(token, TICKET, _TicketClaims)
            expires_at = self._on_time(claims)
        except NotGenuineError as error:
            raise TicketRefused(str(error)) from None
        if not await self._spent.spend(
            claims.iss, claims.jti, expires_at=expires_at + LEEWAY, now=self._now()
        ):
            raise TicketRefused("a ticket that was used before")
        return Ticket(site=claims.iss, subject=claims.sub, name=claims.name)

    def _read(self, token: str, kind: str, claims: type[_AnyClaims]) -> _AnyClaims:
        for site, keys in self._keys.items():
            try:
                payload = verified(
                    token, keys, kind=kind, issuer=site, required=_REQUIRED, most_chars=_MOST_CHARS
                )
                return claims.model_validate(payload)
            except UnknownKeyError:
                continue  # perhaps of another site
            except ValidationError as error:
                names = sorted({str(fault["loc"][0]) for fault in error.errors() if fault["loc"]})
                faults = [name for name in names if name in claims.model_fields]
                raise NotGenuineError(f"claims do not fit: {', '.join(faults) or 'unknown ones'}") from None
        raise UnknownKeyError("no course site signed this token")

    def _on_time(self, claims: _Claims) -> datetime:
        begins_at, expires_at, now = moment(claims.iat), moment(claims.exp), self._now()
        if max(begins_at, moment(claims.nbf or claims.iat)) - LEEWAY > now:
            raise NotGenuineError("the token is of the future")
        if expires_at + LEEWAY <= now:
            raise NotGenuineError("the token is over")
        if expires_at - begins_at > LONGEST:
            raise NotGenuineError("the token is good for too long")
        return expires_at

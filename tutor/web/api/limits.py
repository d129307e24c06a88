"""What the learner may still use, for pages that say so before it bites."""

from datetime import UTC, datetime

from fastapi import APIRouter, Response

from tutor.domain.allowance import Allowance, notice
from tutor.domain.value import Value
from tutor.services.services import Services
from tutor.web.api.signed import Signed


class LimitsView(Value):
    """Where a learner stands."""

    allowances: tuple[Allowance, ...]
    """Those that this site has."""
    message_chars: int
    """Of one message, at most."""
    recording_seconds: int
    """Of one recording, at most."""
    notice: str
    """For the learner; empty while nothing is near its end."""


def router(services: Services) -> APIRouter:
    """The route /limits."""
    api = APIRouter(tags=["turns"])

    @api.get("/limits")
    async def limits(learner: Signed, response: Response) -> LimitsView:
        """What may still be used this minute and today, and how large a question may be."""
        allowances = await services.limits.of(learner)
        response.headers["cache-control"] = "no-store"
        return LimitsView(
            allowances=allowances,
            message_chars=services.settings.max_message_chars,
            recording_seconds=services.settings.max_audio_seconds,
            notice=notice(allowances, datetime.now(UTC)),
        )

    return api

"""What the site can do now: who answers, who hears, who speaks."""

from fastapi import APIRouter

from tutor.domain.value import Value
from tutor.services.services import Services
from tutor.web.api.signed import Signed


class ModeView(Value):
    """Who answers, and whether voice works."""

    models: tuple[str, ...]
    hears: str
    speaks: str
    banner: str


class VoiceView(Value):
    """Whether a learner can talk now."""

    hears: str
    speaks: str
    voices: tuple[str, ...]
    places: int
    """How many learners can have a live connection at once."""
    free: int
    """How many of these are left for this learner; without one, recordings can still be sent."""


def router(services: Services) -> APIRouter:
    """The routes /mode and /voice."""
    api = APIRouter()

    @api.get("/mode", tags=["courses"])
    async def mode() -> ModeView:
        now = services.mode
        return ModeView(models=now.models, hears=now.hears, speaks=now.speaks, banner=now.banner)

    @api.get("/voice", tags=["turns"])
    async def talking(learner: Signed) -> VoiceView:
        """Whether there is a place for a live connection, and in which voices the teacher can answer."""
        now = services.mode
        return VoiceView(
            hears=now.hears,
            speaks=now.speaks,
            voices=services.voices,
            places=services.voice_seats.limit,
            free=services.voice_seats.free_for(learner.id),
        )

    return api

"""What a monitoring system reads."""

import httpx
import pytest
from fastapi import FastAPI

from tutor.services.counters import Counters
from tutor.settings import Settings
from tutor.web import metrics
from tutor.web.server import create_app
from tutor.wiring import build


async def page(counters: Counters) -> list[str]:
    """The lines of the page."""
    app = FastAPI()
    app.include_router(metrics.router(counters))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        return (await client.get("/metrics")).text.splitlines()


async def test_what_was_counted_is_told() -> None:
    """An owner could not see which rung fails, or what the answers cost."""
    counters = Counters()
    counters.attempt("big", "answered")
    counters.attempt("big", "answered")
    counters.attempt('a "rung"', "rate_limited")
    counters.event("hedge")
    counters.paid(0.25)
    lines = await page(counters)
    assert 'tutor_attempts_total{rung="big",outcome="answered"} 2' in lines
    assert 'tutor_attempts_total{rung="a \\"rung\\"",outcome="rate_limited"} 1' in lines
    assert 'tutor_ladder_events_total{event="hedge"} 1' in lines
    assert "tutor_cost_dollars_total 0.250000" in lines


@pytest.mark.parametrize(("wanted", "status"), [(True, 200), (False, 404)])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
async def test_strangers_see_it_only_where_the_owner_wants(
    settings: Settings, wanted: bool, status: int
) -> None:
    """How a site is doing would be everybody's to read."""
    services = build(settings.model_copy(update={"metrics": wanted}))
    transport = httpx.ASGITransport(create_app(services))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            assert (await client.get("/metrics")).status_code == status
    finally:
        await services.close()

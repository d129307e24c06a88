"""/metrics: what the ladders counted, in Prometheus' text format. Served where the owner asked for it."""

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from tutor.services.counters import Counters

_KIND = "text/plain; version=0.0.4; charset=utf-8"


def router(counters: Counters) -> APIRouter:
    """One route. It holds no learner's data, but it tells strangers how the site is doing."""
    metrics = APIRouter(include_in_schema=False)

    @metrics.get("/metrics")
    async def page() -> PlainTextResponse:
        return PlainTextResponse("\n".join((*_lines(counters), "")), media_type=_KIND)

    return metrics


def _lines(counters: Counters) -> Iterator[str]:
    yield "# HELP tutor_attempts_total Attempts on a rung of a ladder, by outcome."
    yield "# TYPE tutor_attempts_total counter"
    for (rung, outcome), count in sorted(counters.attempts.items()):
        yield f'tutor_attempts_total{{rung="{_value(rung)}",outcome="{_value(outcome)}"}} {count}'
    yield "# HELP tutor_ladder_events_total Restarts, retries, falls to the floor, leaks, verdicts and more."
    yield "# TYPE tutor_ladder_events_total counter"
    for name, count in sorted(counters.events.items()):
        yield f'tutor_ladder_events_total{{event="{_value(name)}"}} {count}'
    yield "# HELP tutor_cost_dollars_total What answers have cost since the start, in US dollars."
    yield "# TYPE tutor_cost_dollars_total counter"
    yield f"tutor_cost_dollars_total {counters.cost:.6f}"


def _value(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

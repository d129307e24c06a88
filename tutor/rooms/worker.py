"""The worker: one process that takes rooms from a LiveKit server, and one process more for each room."""

import asyncio
import logging
import sys
from functools import partial
from typing import Any, Final

import structlog
from livekit import agents, api
from livekit.agents import cli
from livekit.protocol.models import DataPacket

from tutor import log as logs
from tutor.errors import RoomsOff
from tutor.rooms.console import Console, check_console
from tutor.rooms.counts import Counts
from tutor.rooms.job import Job
from tutor.rooms.messages import WORKER_TOPIC
from tutor.rooms.tally import Tally
from tutor.rooms.watch import Watch
from tutor.services.services import Services
from tutor.settings import Settings
from tutor.wiring import build

log = structlog.get_logger()

_LOADING: Final = 60.0
"""Seconds that a process may take to load its models, on a machine that is busy."""


class Worker(agents.AgentServer):
    """LiveKit's worker, which tells its teachers when it is going to end, and watches over all rooms."""

    def __init__(self, settings: Settings) -> None:
        secret, self._tally = settings.livekit_api_secret, Tally()
        super().__init__(
            ws_url=settings.livekit_url,
            api_key=settings.livekit_api_key,
            api_secret=secret.get_secret_value() if secret else None,
            load_threshold=settings.rooms_load,
            num_idle_processes=settings.rooms_idle,
            drain_timeout=settings.rooms_drain_seconds,
            initialize_process_timeout=_LOADING,
            port=settings.rooms_health_port,
            prometheus_port=settings.rooms_metrics_port or None,
            setup_fnc=partial(prewarm, settings, self._tally.address),
            preload_modules=["tutor.rooms.job", "tutor.wiring"],
        )
        self.settings = settings
        self._watching: asyncio.Task[None] | None = None
        self.rtc_session(teach, agent_name=settings.rooms_name, on_request=accept)
        self.on("worker_registered", self._watch)
        # LiveKit's commands set up logs of their own: once they have, ours take over.
        self.on("worker_started", self._started)

    def _started(self) -> None:
        logs.configure(self.settings.log_level, self.settings.log_format)
        self._tally.listen()

    async def drain(self, timeout: Any = agents.NOT_GIVEN) -> None:  # noqa: ANN401, ASYNC109 - LiveKit's signature
        """Take no new room, and let every teacher finish its answer and hand its room over."""
        told = asyncio.create_task(self._tell_teachers())
        await super().drain(timeout)
        await told

    async def aclose(self) -> None:
        """End, and count no more."""
        await super().aclose()
        self._tally.close()

    async def _tell_teachers(self) -> None:
        async with self._server_api() as server:
            for job in self.active_jobs:
                packet = api.SendDataRequest(
                    room=job.job.room.name,
                    data=b"drain",
                    kind=DataPacket.RELIABLE,
                    destination_identities=[job.accept_arguments.identity],
                    topic=WORKER_TOPIC,
                )
                try:
                    await server.room.send_data(packet)
                except (api.TwirpError, OSError, TimeoutError) as error:
                    log.warning("teacher_not_told", room=job.job.room.name, detail=str(error)[:200])

    def _watch(self, worker: str, *_: object) -> None:
        if self._watching is None:
            self._watching = asyncio.create_task(self._keep_watch(worker))

    async def _keep_watch(self, worker: str) -> None:
        async with self._server_api() as server:
            await Watch(server, self.settings.rooms_name, worker).run()

    def _server_api(self) -> api.LiveKitAPI:
        secret = self.settings.livekit_api_secret
        return api.LiveKitAPI(
            self.settings.livekit_url,
            self.settings.livekit_api_key,
            secret.get_secret_value() if secret else None,
        )


def _worth_a_line(record: logging.LogRecord) -> bool:
    """False for what LiveKit's library says at the end of each room: it closes a track's handle twice."""
    return "Attempted to drop unknown FFI handle" not in record.getMessage()


def prewarm(settings: Settings, counts: str, process: agents.JobProcess) -> None:
    """Load everything that a room needs, once for the process that will teach in it.

    Args:
        settings: Of the worker.
        counts: Where its tally listens.
        process: The new one.
    """
    logs.configure(settings.log_level, settings.log_format)
    logging.getLogger("livekit").addFilter(_worth_a_line)
    services = build(settings)
    process.userdata["services"], process.userdata["counts"] = services, Counts(counts)
    asyncio.run(_warm(services))


async def _warm(services: Services) -> None:
    await services.prepare()
    await services.warm_search()
    await services.warm_voice()


async def accept(request: agents.JobRequest) -> None:
    """Come to a room, under an identity of its own.

    Two jobs with one identity would be one to the server: it ends the new one when the old one is gone.
    """
    await request.accept(name="Teacher", identity=f"teacher-{request.id}")


async def teach(ctx: agents.JobContext) -> None:
    """Teach in the room of a job; or in the terminal, where the worker runs as `console`."""
    structlog.contextvars.bind_contextvars(room=ctx.room.name, job=ctx.job.id)
    services: Services = ctx.proc.userdata["services"]
    counts: Counts = ctx.proc.userdata["counts"]

    work = (Console if ctx.is_fake_job() else Job)(ctx, services, counts)

    async def close(reason: str) -> None:
        await work.end(reason)
        await services.close()
        counts.close()

    ctx.add_shutdown_callback(close)  # one for all: LiveKit runs several at the same time
    await work.run()


def run(settings: Settings, arguments: list[str]) -> None:
    """Run a worker with the commands of LiveKit's own: `dev`, `start`, `console`.

    Raises:
        RoomsOff: No LiveKit server is set, and the command needs one.
        NoSoundCard: `console` without `--text`, on a machine that has nothing to hear and speak with.
    """
    command = next((word for word in arguments if not word.startswith("-")), "")
    if command == "console":
        check_console(arguments)
        # One room, in the terminal that the log would fill.
        alone = {"log_level": "warning", "rooms_idle": 0, "rooms_health_port": 0}
        settings = settings.model_copy(update=alone)
        arguments = [*arguments, *(() if "--log-level" in arguments else ("--log-level", "WARN"))]
    elif command and not settings.has_rooms:
        raise RoomsOff("LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET are needed")
    worker = Worker(settings)
    services = build(settings)

    async def migrate() -> None:
        await services.start()
        await services.close()

    asyncio.run(migrate())  # once, before any process of this worker opens the database
    sys.argv = ["python -m tutor worker", *arguments]
    cli.run_app(worker)

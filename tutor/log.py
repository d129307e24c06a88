"""Structured logs: one record a line, on standard error, without secrets and without learners' words."""

import hashlib
import logging
import sys
from typing import Literal

import structlog


def configure(level: str, style: Literal["text", "json"]) -> None:
    """Send our records, and those of the libraries we use, to standard error in one form."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=28)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in (
        "httpx",
        "httpcore",
        "openai",
        "groq",
        "aioice",
        "aiortc",
        "faster_whisper",
        "alembic",
        "markdown_it",
    ):
        # httpx logs full addresses, the SDKs log request bodies at debug: neither belongs in a log.
        logging.getLogger(noisy).setLevel(logging.WARNING)


def pseudonym(learner_id: str) -> str:
    """A learner's name for the log: stable, and of no use outside it."""
    return hashlib.blake2b(learner_id.encode(), digest_size=4, person=b"tutor-log").hexdigest()

"""One record a line, without secrets."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from tutor import log


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in ("httpx", "openai", "groq")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def test_records_are_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A collector could not read the log, or an error's traceback would be torn into many records."""
    log.configure("info", "json")
    structlog.get_logger().info("turn", rung="guide", total_ms=12)
    try:
        int("two\nlines")
    except ValueError:
        structlog.get_logger().exception("broken")
    logging.getLogger("some.library").warning("hello %s", "there")
    lines = capsys.readouterr().err.splitlines()
    turn, broken, library = map(json.loads, lines)
    assert (turn["event"], turn["rung"], turn["total_ms"], turn["level"]) == ("turn", "guide", 12, "info")
    assert turn["timestamp"].endswith("Z")
    assert "Traceback" in broken["exception"]
    assert "ValueError: invalid literal" in broken["exception"]
    assert library["event"] == "hello there"


def test_records_go_to_standard_error_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m tutor ask --json | jq` would read log lines among the events."""
    log.configure("debug", "text")
    structlog.get_logger().info("something")
    captured = capsys.readouterr()
    assert not captured.out
    assert "something" in captured.err


def test_the_level_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """TUTOR_LOG_LEVEL would do nothing."""
    log.configure("error", "text")
    structlog.get_logger().warning("quiet")
    logging.getLogger("some.library").warning("quiet too")
    structlog.get_logger().error("loud")
    assert "quiet" not in (shown := capsys.readouterr().err)
    assert "loud" in shown


@pytest.mark.parametrize("name", ["httpx", "httpcore", "openai", "groq"])
def test_libraries_that_log_requests_are_silenced(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """At debug the SDKs log whole requests: a learner's words and the lesson, on the owner's screen."""
    log.configure("debug", "text")
    logging.getLogger(name).debug("Request options: the learner said ...")
    logging.getLogger(name).info("HTTP Request: POST ...")
    assert not capsys.readouterr().err


def test_pseudonyms_are_stable_and_tell_nothing() -> None:
    """Two turns of one learner could not be matched in the log, or the log would name the learner."""
    assert log.pseudonym("learner-1") == log.pseudonym("learner-1")
    assert log.pseudonym("learner-1") != log.pseudonym("learner-2")
    assert "learner" not in log.pseudonym("learner-1")
    assert len(log.pseudonym("x")) == 8

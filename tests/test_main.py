"""The command line, as somebody uses it."""

import json
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from tutor.__main__ import app

ROOT = Path(__file__).resolve().parent.parent
TINY = ROOT / "tests" / "data" / "courses"
QUESTION = "Why does my while loop never end?"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of its own; the log as it was, afterwards."""
    monkeypatch.setenv("TUTOR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TUTOR_STT", "off")
    monkeypatch.setenv("TUTOR_TTS", "off")
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield tmp_path / "data"
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def run(*arguments: str, status: int = 0, typed: str | None = None) -> tuple[str, str]:
    """Standard output and standard error of a command."""
    result = CliRunner().invoke(app, list(arguments), input=typed)
    assert result.exit_code == status, f"{result.stdout}\n{result.stderr}"
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.stdout, result.stderr


def started(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tutor", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_question_in_a_process_of_its_own() -> None:
    """The main job at the command line: right, with its sources, quick, and nothing but events on stdout."""
    done = started("ask", "--course", "python-basics", "--chapter", "loops", "--json", QUESTION)
    assert done.returncode == 0, done.stderr
    heard, *deltas, said = map(json.loads, done.stdout.splitlines())
    assert (heard["event"], heard["text"]) == ("heard", QUESTION)
    assert {event["event"] for event in deltas} == {"delta"}
    assert said["event"] == "said"
    assert said["rung"] == "guide"
    assert {source["chapter"] for source in said["sources"]} == {"loops"}
    assert "condition" in said["text"] or "never becomes" in said["text"]
    assert said["total_ms"] < 300
    assert "Traceback" not in done.stderr


def test_a_question_for_people() -> None:
    """Somebody at a terminal would read JSON."""
    out, _ = run("ask", "--chapter", "lists", "What is a list?")
    assert out.startswith("You: What is a list?\n\n")
    assert "[guide, " in out.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--chapter", "no-such", "Why?"], "chapter_unknown"),
        (["--course", "no-such", "Why?"], "chapter_unknown"),
    ],
)
def test_an_unknown_chapter(arguments: list[str], code: str) -> None:
    """A mistyped chapter would end in a stack trace."""
    out, err = run("ask", *arguments, status=1)
    assert f"({code})" in err
    assert not out
    assert "Traceback" not in err


@pytest.mark.parametrize(("question", "code"), [("", "message_empty"), ("x" * 100_000, "message_too_long")])
def test_a_bad_question(question: str, code: str) -> None:
    """A script could not tell an answer from a refusal."""
    out, _ = run("ask", "--json", question, status=1)
    (event,) = map(json.loads, out.splitlines())
    assert (event["event"], event["code"]) == ("failed", code)


@pytest.mark.parametrize("content", [None, b"", b"this is no sound"])
def test_a_bad_recording(tmp_path: Path, content: bytes | None) -> None:
    """A missing or broken file would end in a stack trace."""
    file = tmp_path / "in.wav"
    if content is not None:
        file.write_bytes(content)
    out, err = run("hear", str(file), status=1)
    assert "cannot be read" in err or "could not be read" in err
    assert not out


@pytest.mark.models
def test_a_recording_is_heard_and_answered_aloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The main job by voice at the command line."""
    monkeypatch.setenv("TUTOR_STT", "local")
    monkeypatch.setenv("TUTOR_TTS", "local")
    reply = tmp_path / "reply.wav"
    recording = ROOT / "tests" / "data" / "speech" / "list.wav"
    out, _ = run("hear", str(recording), "--chapter", "lists", "--out", str(reply), "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert "list" in events[0]["text"].lower()
    assert {"heard", "delta", "said", "spoken"} == {event["event"] for event in events}
    seconds = sum(event["seconds"] for event in events if event["event"] == "spoken")
    assert reply.read_bytes()[:4] == b"RIFF"
    assert reply.stat().st_size > seconds * 16_000


def test_users_are_added(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner who closed sign-up could not let anybody in; a password would be stored as it is."""
    monkeypatch.setenv("TUTOR_NEW_PASSWORD", "correct horse battery")
    assert run("users", "add", "Ada")[0] == "Added Ada.\n"
    assert run("users", "add", "Boss", "--owner")[0] == "Added Boss.\n"
    assert "(name_taken)" in run("users", "add", "ADA", status=1)[1]
    with closing(sqlite3.connect(data / "tutor.db")) as database:
        rows = dict(
            database.execute("SELECT name, role FROM learners WHERE name IN ('Ada', 'Boss')").fetchall()
        )
    assert rows == {"Ada": "learner", "Boss": "owner"}
    assert b"correct horse" not in b"".join(file.read_bytes() for file in data.iterdir() if file.is_file())


def test_a_weak_password_is_refused() -> None:
    """An account could be made that anybody guesses; the password would be shown while it is typed."""
    out, err = run("users", "add", "Ada", status=1, typed="short\nshort\n")
    assert "(invalid_input)" in err
    assert "short" not in out


def test_the_database_is_made_and_kept(data: Path) -> None:
    """An upgrade would lose the data, or refuse to start twice."""
    run("migrate")
    with closing(sqlite3.connect(data / "tutor.db")) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    assert {"learners", "conversations", "messages", "turns", "progress", "alembic_version"} <= tables
    run("ask", "--chapter", "loops", "What is a loop?")
    run("migrate")
    with closing(sqlite3.connect(data / "tutor.db")) as database:
        assert database.execute("SELECT count(*) FROM messages").fetchone() == (2,)
    assert (data / "tutor.db").stat().st_mode & 0o077 == 0
    assert (data / "secret.key").stat().st_mode & 0o777 == 0o600


def test_courses_are_checked(tmp_path: Path) -> None:
    """An author would learn from learners what is broken."""
    out, _ = run("courses", "check", str(TINY))
    pace, total = out.splitlines()
    assert total == "1 courses, 1 chapters, 0 problems."
    assert pace.startswith("tiny/first: about ")
    assert pace.endswith("; short for a chapter")
    shutil.copytree(TINY, tmp_path / "courses")
    chapter = tmp_path / "courses" / "tiny" / "first.md"
    chapter.write_text(chapter.read_text().replace("answer = 2 + 2", "answer = 5"))
    out, err = run("courses", "check", str(tmp_path / "courses"), status=1)
    assert "2 and 2 make 4, not 5" in err
    assert "first" in err
    assert "1 problem" in out or "2 problems" in out


def test_the_doctor_looks_at_everything() -> None:
    """An owner could not find out what is missing."""
    out, _ = run("doctor")
    for words in ("2 with", "database", "data folder", "No language model is connected"):
        assert words in out
    assert "BROKEN" not in out


@pytest.mark.parametrize("command", [["ask", "Hi"], ["doctor"], ["migrate"], ["courses", "check"]])
def test_a_bad_setting_is_said(monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    """A mistyped setting would end in a stack trace that shows the environment."""
    monkeypatch.setenv("TUTOR_PORT", "eighty")
    _, err = run(*command, status=2)
    assert err.startswith("These settings cannot be used:\n  TUTOR_PORT: ")


def test_a_data_folder_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full or foreign disk would end in a stack trace."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TUTOR_DATA_DIR", str(tmp_path / "file" / "data"))
    _, err = run("ask", "Hi", status=1)
    assert "TUTOR_DATA_DIR" in err
    assert "(settings)" in err


def test_everything_is_explained() -> None:
    """Nobody could find out which commands there are."""
    out, _ = run("--help")
    for command in ("ask", "hear", "users", "migrate", "courses", "doctor"):
        assert command in out


def test_backup_and_restore(data: Path, tmp_path: Path) -> None:
    """An owner could not save what learners did, or would lose it by a slip of the hand."""
    run("migrate")
    copy = tmp_path / "copy"
    assert str(copy) in run("backup", str(copy))[0]
    run("users", "add", "Grace", "--password", "correct horse battery")
    run("restore", str(copy), typed="n\n", status=1)
    assert _learners(data) == 1, "who says no must lose nothing"
    run("restore", str(copy), "--yes")
    assert _learners(data) == 0
    saved = next((data / "backups").glob("before-restore-*"))
    run("restore", str(saved), "--yes")
    assert _learners(data) == 1, "what a restore replaced must be there still"
    assert "backup_unusable" in run("restore", str(tmp_path / "missing"), "--yes", status=1)[1]


def _learners(data: Path) -> int:
    with closing(sqlite3.connect(data / "tutor.db")) as database:
        return int(
            database.execute("SELECT count(*) FROM learners WHERE password_hash IS NOT NULL").fetchone()[0]
        )

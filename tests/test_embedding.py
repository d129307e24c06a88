"""The examples in docs/embedding.md are what the app takes."""

import json
import re
import secrets
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.services.test_course_sites import ADA, PLACE, Spent
from tutor.services.course_sites import CourseSites
from tutor.services.throttle import Throttle

PAGE = Path(__file__).resolve().parent.parent / "docs" / "embedding.md"
KEY = secrets.token_urlsafe(48)


def example(language: str, name: str) -> str:
    """The one block of the page that defines this function."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (found,) = [block for block in blocks if f" {name}(" in block]
    return str(found)


def by_python(name: str, *arguments: str) -> str:
    names: dict[str, Any] = {}
    exec(example("python", name), names)
    return str(names[name](*arguments))


def by_node(name: str, *arguments: str) -> str:
    node = shutil.which("node")
    assert node, "the browser tests need Node.js, too"
    program = f"{example('javascript', name)}\nconsole.log({name}(...{json.dumps(arguments)}))"
    run = subprocess.run([node, "--input-type=module", "-e", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def sites() -> CourseSites:
    keys = {"my-course": [KEY.encode()]}
    return CourseSites(keys, spent=Spent(), throttle=Throttle(), now=lambda: datetime.now(UTC))


@pytest.mark.parametrize("sign", [by_python, by_node])
async def test_an_example_signs_a_note_that_is_taken(sign: Callable[..., str]) -> None:
    """Whoever follows the page would be refused, and would not be told why."""
    token = sign("note", "Hello", KEY, ADA.id, PLACE.conversation_id)
    assert (await sites().note(token, ADA, PLACE)).text == "Hello"


@pytest.mark.parametrize("sign", [by_python, by_node])
async def test_an_example_signs_a_ticket_that_is_taken(sign: Callable[..., str]) -> None:
    """As above, for signing in."""
    known = await sites().ticket(sign("ticket", KEY, "student-7", "Amina"), "192.0.2.1")
    assert (known.site, known.subject, known.name) == ("my-course", "student-7", "Amina")

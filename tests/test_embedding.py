"""The examples in docs/embedding.md are what the app takes."""

import json
import re
import secrets
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.services.test_course_sites import ADA, PLACE, Spent
from tutor.services.course_sites import CourseSites
from tutor.services.throttle import Throttle

PAGE = Path(__file__).resolve().parent.parent / "docs" / "embedding.md"
KEY = secrets.token_urlsafe(48)


def example(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def by_python() -> str:
    names: dict[str, Any] = {}
    exec(example("python"), names)
    return str(names["note"]("Hello", KEY, ADA.id, PLACE.conversation_id))


def by_node() -> str:
    node = shutil.which("node")
    assert node, "the browser tests need Node.js, too"
    call = f"console.log(note(...{json.dumps(['Hello', KEY, ADA.id, PLACE.conversation_id])}))"
    program = f"{example('javascript')}\n{call}"
    run = subprocess.run([node, "--input-type=module", "-e", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


@pytest.mark.parametrize("sign", [by_python, by_node])
async def test_an_example_signs_a_note_that_is_taken(sign: Any) -> None:
    """Whoever follows the page would be refused, and would not be told why."""
    here = CourseSites(
        {"my-course": [KEY.encode()]}, spent=Spent(), throttle=Throttle(), now=lambda: datetime.now(UTC)
    )
    assert (await here.note(sign(), ADA, PLACE)).text == "Hello"

"""A learner's own copy of a chapter, over the API: code, hints in order, quizzes judged on the server."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.web.conftest import Site, serve
from tutor.settings import Settings

CHAPTER = """---
tutor:
  summary: S.
  minutes: 5
---

# One

```{code-cell} python
:name: code

x = 1
```

+++ {"tags": ["exercise"], "name": "task"}

### Task

Do it.

```{code-cell} python
:tags: [starter]

y = 0
```

```{code-cell} python
:tags: [check]

assert y
```

+++ {"tags": ["hint"]}

FIRST-HINT ![A row of boxes.](figures/boxes.svg)

+++ {"tags": ["hint"]}

SECOND-HINT

```{code-cell} python
:tags: [solution]

y = "SOLUTION"
```

+++ {"tags": ["quiz"], "name": "quiz", "quiz": "choice"}

### Which?

- [ ] one -- REMARK
- [x] two
- [ ] three

**Why:** EXPLAINED. ![A row of boxes.](figures/boxes.svg)
"""
WORK = "/api/v1/courses/own/chapters/one/work"
CELLS = "/api/v1/courses/own/chapters/one/cells"
SECRETS = ("FIRST-HINT", "SECOND-HINT", "SOLUTION", "REMARK", "EXPLAINED")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An app with one small course."""
    folder: Path = tmp_path_factory.mktemp("site")
    course = folder / "courses" / "own"
    course.mkdir(parents=True)
    (course / "course.toml").write_text('title = "T"\nsummary = "S"\nchapters = ["one"]\n')
    (course / "figures").mkdir()
    (course / "figures" / "boxes.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    (course / "one.md").write_text(CHAPTER)
    yield from serve(
        Settings(
            _env_file=None,
            data_dir=folder,
            courses_dir=folder / "courses",
            stt="off",
            tts="off",
            log_level="warning",
        )
    )


def done(answer: httpx.Response, status: int = 200) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    return dict(answer.json()) if answer.content else {}


def test_code_comes_back_on_every_device_and_can_be_reset(site: Site) -> None:
    """A learner's work would be gone after a reload, or a reset one would come back."""
    client = site.learner("Resetting")
    done(client.put(f"{CELLS}/code/code", json={"code": "x = 2"}), 204)
    done(client.put(f"{CELLS}/task/code", json={"code": "y = 3"}), 204)
    other = site.visitor()
    other.post("/api/v1/auth/sign-in", json={"name": "Resetting", "password": "correct horse battery"})
    assert done(other.get(WORK))["drafts"] == {"code": "x = 2", "task": "y = 3"}
    done(other.delete(f"{CELLS}/code/code"), 204)
    done(other.put(f"{CELLS}/task/code", json={"code": "y = 0"}), 204)  # as the chapter has it
    assert done(client.get(WORK))["drafts"] == {}


def test_learners_have_work_of_their_own(site: Site) -> None:
    """One learner would see another's code and hints."""
    client = site.learner()
    done(client.put(f"{CELLS}/code/code", json={"code": "x = 2"}), 204)
    client.post(f"{CELLS}/task/hints", json={"number": 1})
    assert done(site.learner().get(WORK)) == {"drafts": {}, "cells": {}}
    assert site.visitor().get(WORK).status_code == 401
    assert site.visitor().put(f"{CELLS}/code/code", json={"code": "x"}).status_code == 401


@pytest.mark.parametrize(
    ("cell", "code", "status"),
    [("code", "x" * 20_001, 422), ("none", "x", 404), ("quiz", "x", 404), ("code", "x" * 20_000, 204)],
)
def test_what_is_kept_has_limits(site: Site, cell: str, code: str, status: int) -> None:
    """The store would take books, or code of cells that do not exist."""
    assert site.learner().put(f"{CELLS}/{cell}/code", json={"code": code}).status_code == status


def test_hints_are_opened_in_their_order(site: Site) -> None:
    """A learner, or a script on the page, would go straight to the solution."""
    client = site.learner()
    assert client.post(f"{CELLS}/task/hints", json={"number": 2}).json()["code"] == "hint_locked"
    for number, secret in enumerate(SECRETS[:3], 1):
        hints = client.post(f"{CELLS}/task/hints", json={"number": number}).json()
        assert secret in hints[-1]["html"]
        assert len(hints) == number
    assert client.post(f"{CELLS}/task/hints", json={"number": 4}).status_code == 404
    assert len(client.post(f"{CELLS}/task/hints", json={"number": 1}).json()) == 3
    cell = done(client.get(WORK))["cells"]["task"]  # type: ignore[index]  # JSON
    assert [hint["name"] for hint in cell["hints"]] == ["A nudge", "Where to look", "The solution"]


def test_pictures_in_hints_and_explanations_have_their_address(site: Site) -> None:
    """A learner who asks for a hint would see a broken picture in it."""
    client, address = site.learner(), 'src="/files/own/figures/boxes.svg"'
    assert address in client.post(f"{CELLS}/task/hints", json={"number": 1}).json()[0]["html"]
    assert address in client.post(f"{CELLS}/quiz/answers/shown").json()["answer"]["why"]


def test_nothing_tells_hints_or_answers_before_their_time(site: Site) -> None:
    """Page or API would hold what the learner is to find."""
    client = site.learner()
    told = [client.get(WORK).text, client.get("/api/v1/courses/own/chapters/one").text, client.get("/").text]
    told.append(client.post(f"{CELLS}/task/checks", json={"passed": False}).text)
    told.append(client.post(f"{CELLS}/quiz/answers", json={"answer": ["2"]}).text)
    assert not [secret for secret in SECRETS for text in told if secret in text]


def test_a_quiz_is_judged_on_the_server(site: Site) -> None:
    """The right answer would not be explained, or a wrong one would count."""
    client = site.learner()
    wrong = done(client.post(f"{CELLS}/quiz/answers", json={"answer": ["0"]}))
    assert wrong["right"] is False
    assert "REMARK" in str(wrong["remark"])
    assert wrong["cell"]["answer"] is None  # type: ignore[index]  # JSON
    right = done(client.post(f"{CELLS}/quiz/answers", json={"answer": ["1"]}))
    assert right["right"] is True
    cell = done(client.get(WORK))["cells"]["quiz"]  # type: ignore[index]  # JSON
    assert (cell["answer"]["found"], cell["answer"]["answer"], cell["tries"]) == (True, ["1"], 2)
    assert "EXPLAINED" in cell["answer"]["why"]


def test_a_shown_answer_does_not_count_as_found(site: Site) -> None:
    """Giving up would look like knowing."""
    client = site.learner()
    cell = done(client.post(f"{CELLS}/quiz/answers/shown"))
    assert cell["answer"]["found"] is False  # type: ignore[index]  # JSON
    done(client.post(f"{CELLS}/quiz/answers", json={"answer": ["1"]}))
    assert done(client.get(WORK))["cells"]["quiz"]["solved"] is False  # type: ignore[index]  # JSON


def test_an_exercise_can_be_done_again(site: Site) -> None:
    """A review would show the old solution and its hints."""
    client = site.learner()
    client.put(f"{CELLS}/task/code", json={"code": "y = 1"})
    client.post(f"{CELLS}/task/hints", json={"number": 1})
    assert done(client.post(f"{CELLS}/task/checks", json={"passed": True}))["solved"] is True
    again = done(client.post(f"{CELLS}/task/again"))
    assert (again["solved"], again["done"], again["hints"]) == (False, True, [])
    assert done(client.get(WORK))["drafts"] == {}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("quiz/answers", {"answer": ["x" * 4001]}),
        ("quiz/answers", {"answer": ["1"] * 41}),
        ("quiz/answers", {"answer": [1]}),
        ("task/checks", {}),
        ("task/hints", {"number": "all"}),
    ],
)
def test_what_does_not_fit_is_refused(site: Site, path: str, body: dict[str, object]) -> None:
    """A client could send anything."""
    assert site.learner().post(f"{CELLS}/{path}", json=body).status_code == 422


def test_running_is_noted_for_cells_that_run(site: Site) -> None:
    """Progress would stay empty, or count text as run."""
    client = site.learner()
    assert done(client.post(f"{CELLS}/code/runs"))["done"] is True
    assert client.post(f"{CELLS}/task/runs").status_code == 404


def test_a_chapter_is_taken_away_with_its_code(site: Site) -> None:
    """A learner could not go on elsewhere with what they wrote."""
    client = site.learner()
    client.put(f"{CELLS}/task/code", json={"code": "y = 'mine'"})
    answer = client.get(WORK.replace("/work", "/notebook"))
    assert answer.headers["content-disposition"] == 'attachment; filename="one.ipynb"'
    assert "y = 'mine'" in [cell["source"] for cell in answer.json()["cells"]]
    assert not [secret for secret in SECRETS if secret in answer.text]
    assert site.visitor().get(WORK.replace("/work", "/notebook")).status_code == 401

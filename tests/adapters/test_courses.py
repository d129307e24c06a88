"""The reader of course folders: its format, its messages, and what it refuses to serve."""

import os
import re
import shutil
from pathlib import Path

import jupytext
import pytest
from structlog.testing import capture_logs

from tutor.adapters.courses import FolderCourses
from tutor.domain.course import Chapter, Code, Exercise, Prose
from tutor.domain.quiz import Quiz
from tutor.errors import ChapterUnknown, CourseBroken, NotFound

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "data" / "courses"
FIRST = "tiny/first.md"
CHAPTERS = [
    "first-steps", "variables", "input-output", "conditions", "loops", "strings",
    "lists", "dictionaries", "functions", "files", "modules", "classes",
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of courses that a test may spoil."""
    shutil.copytree(TINY, tmp_path / "courses")
    return tmp_path / "courses"


def rewrite(path: Path, old: str, new: str) -> int:
    """Replace `old` once, and give the line on which it began. The stamp of the file always changes."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    before = path.stat().st_mtime_ns
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))
    return text[: text.index(old)].count("\n") + 1


def reasons(root: Path) -> list[tuple[int, str]]:
    return [(problem.line, problem.reason) for problem in FolderCourses(root).problems()]


def test_every_kind_of_cell_is_read() -> None:
    """A kind of cell would be lost, or would get a wrong number, id or title."""
    chapter = FolderCourses(TINY).chapter("tiny", "first")
    assert (chapter.title, chapter.summary, chapter.minutes) == ("Adding", "Add two numbers.", 30)
    prose, image, code, failing, exercise = chapter.cells
    assert prose == Prose(id="cell-1", number=1, markdown="Numbers can be added.")
    assert isinstance(image, Prose)
    assert image.id == "cell-2"
    assert code == Code(id="one-and-one", number=3, source="total = 1 + 1\nprint(total)")
    assert failing == Code(id="cell-4", number=4, source='1 + "1"', raises=True)
    assert isinstance(exercise, Exercise)
    assert (exercise.id, exercise.number, exercise.title) == ("add-two", 5, "Add 2")
    assert exercise.task.startswith("Give `answer`")
    assert "# This heading" in exercise.task
    assert [check.hidden for check in exercise.checks] == [False, True]
    assert exercise.hints == ("Think of your fingers.", "Use `+`.")
    assert exercise.solution.startswith("answer = 2 + 2")


def test_what_the_teacher_knows_is_read() -> None:
    """The teacher would not see misconceptions and questions, or the page would show them as cells."""
    chapter = FolderCourses(TINY).chapter("tiny", "first")
    (misconception,) = chapter.misconceptions
    assert misconception.belief == "`+` always adds."
    assert misconception.probe == 'Ask for `"1" + "1"`.'
    assert misconception.help == "It joins texts."
    assert misconception.signals == ("TypeError",)
    plus, always = chapter.questions
    assert (plus.id, plus.question, plus.signals) == ("what-is-plus", "What is +?", ("+", "plus"))
    assert (always.id, always.answer) == ("is-1-1-always-2", "For numbers, yes.")


@pytest.mark.parametrize(
    ("name", "source"),
    [("first", TINY / FIRST), ("loops", ROOT / "courses" / "python-basics" / "loops.md")],
)
def test_an_ipynb_is_the_same_chapter(tmp_path: Path, name: str, source: Path) -> None:
    """A teacher who works in .ipynb would get another chapter than one who works in Markdown."""
    both = tmp_path / "both"
    shutil.copytree(source.parent / "figures", both / "figures")
    (both / "course.toml").write_text(f'title = "T"\nsummary = "S"\nchapters = ["{name}"]\n')
    written = both / f"{name}.md"
    shutil.copy(source, written)
    markdown = FolderCourses(tmp_path).chapter("both", name)
    jupytext.write(jupytext.read(written), written.with_suffix(".ipynb"))
    written.unlink()
    courses = FolderCourses(tmp_path)
    assert courses.chapter("both", name) == markdown
    path, line = courses.where("both", name, markdown.cells[-1].id)
    assert path.suffix == ".ipynb"
    assert '"cell_type"' in path.read_text(encoding="utf-8").splitlines()[line - 1]


def test_a_save_by_jupyterlab_keeps_everything(root: Path) -> None:
    """Opening a chapter in JupyterLab and saving it would lose our metadata."""
    before = FolderCourses(root).chapter("tiny", "first")
    notebook = jupytext.read(root / FIRST)
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    jupytext.write(notebook, root / FIRST)
    assert FolderCourses(root).chapter("tiny", "first") == before


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("# Adding\n", "Adding\n", "no title"),
        ("  minutes: 30\n", "", "minutes"),
        ("  summary: Add two numbers.\n", "  summary: 3\n", "summary"),
        (":tags: [raises-exception]", ":tags: [raises]", "unknown tag `raises` on a code cell"),
        (":tags: [solution]", ":tags: [starter]", "needs one `solution` cell; this one has 0"),
        (":tags: [starter]", ":tags: [check]", "needs one `starter` cell; this one has 0"),
        ('"exercise"], "name": "add-two"', '"exercise"]', "needs a `name`"),
        ("## Add 2\n", "", "heading as its title"),
        ("**Find out:**", "**Find:**", "needs the part **Find out:**"),
        ("### What is +?\n", "", "heading that asks it"),
        ("![A blue dot.]", "![ ]", "no text in its [ ]"),
        ("figures/dot.svg", "figures/none.svg", "does not exist"),
        ("figures/dot.svg", "../../secret.svg", "does not exist"),
        ("figures/dot.svg", "https://example.org/dot.svg", "must be a file of the course"),
        ('"what-is-plus"', '"add-two"', "already used on line"),
        ('"what-is-plus"', '"What is"', "may hold only a-z"),
        ('"signals": ["TypeError"]', '"signals": "TypeError"', "`signals` must be a list"),
        ('+++ {"tags": ["exercise"], "name": "add-two"}\n', "+++\n", "belongs to no exercise"),
        ('["misconception"], "signals": [', '["misconception"], "signals": [[', "not readable"),
        (":tags: [solution]", ":tags: [solution", "not readable"),
    ],
)
def test_a_mistake_is_told(root: Path, old: str, new: str, reason: str) -> None:
    """An author would search for a mistake without being told what it is."""
    rewrite(root / FIRST, old, new)
    assert any(reason in told for _, told in reasons(root)), reasons(root)
    with pytest.raises(CourseBroken, match=r"first\.md:\d+: "):
        FolderCourses(root).chapter("tiny", "first")


@pytest.mark.parametrize(
    ("old", "new", "above"),
    [
        ("![A blue dot.]", "![ ]", 0),
        (":tags: [raises-exception]", ":tags: [raises]", 1),
        (":tags: [solution]", ":tags: [solution", 1),
        ('+++ {"tags": ["question"], "name"', '+++ {tags: ["question"], "name"', 0),
        ("  minutes: 30", "  minutes: 30: 40", 0),
        ("Numbers can", "Numbers \x00can", None),
    ],
)
def test_a_mistake_is_told_with_its_line(root: Path, old: str, new: str, above: int | None) -> None:
    """An author would be sent to the wrong place in the file."""
    line = rewrite(root / FIRST, old, new)
    if above is None:  # an odd sign in a text is no mistake
        assert reasons(root) == []
    else:
        assert reasons(root)[0][0] == line - above


def test_missing_hints_and_checks_are_told(root: Path) -> None:
    """An exercise could not be solved or helped with, and nobody would notice."""
    path = root / FIRST
    text = path.read_text(encoding="utf-8")
    text = re.sub(r'\+\+\+ \{"tags": \["hint"\]\}\n\n.+\n\n', "", text)
    text = re.sub(r"```\{code-cell\} python\n:tags: \[(hidden-)?check\]\n\n.+\n```\n\n", "", text)
    path.write_text(text, encoding="utf-8")
    told = [reason for _, reason in reasons(root)]
    assert any("`hint` cells" in reason for reason in told)
    assert any("`check` or `hidden-check`" in reason for reason in told)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"# T\n\xff\n", "UTF-8"),
        (b"---\ntutor: !!python/object/apply:os.mkdir [executed]\n---\n# T\n", "not readable"),
        (b"---\n- a list\n---\n# T\n", "not a notebook"),
        (b"---\ntutor: *nobody\n---\n# T\n", "not readable"),
    ],
)
def test_a_file_that_is_no_chapter(root: Path, content: bytes, reason: str) -> None:
    """A damaged or malicious file would stop the app, or run something."""
    (root / FIRST).write_bytes(content)
    assert any(reason in told for _, told in reasons(root)), reasons(root)
    assert not Path("executed").exists()


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"nbformat": 4, "cells": 3}'])
def test_an_ipynb_that_is_no_notebook(root: Path, content: str) -> None:
    """A damaged .ipynb would stop the app."""
    (root / FIRST).unlink()
    (root / "tiny" / "first.ipynb").write_text(content)
    assert reasons(root)


def test_a_broken_chapter_does_not_break_the_others(root: Path) -> None:
    """One typing mistake would take the whole course off the page."""
    shutil.copy(root / FIRST, root / "tiny" / "second.md")
    rewrite(root / "tiny" / "course.toml", '["first"]', '["first", "gone", "second"]')
    rewrite(root / FIRST, "# Adding\n", "Adding\n")
    courses = FolderCourses(root)
    with capture_logs() as logs:
        (course,) = courses.courses()
    assert [(chapter.slug, chapter.number) for chapter in course.chapters] == [("second", 3)]
    assert course.size == 3, "the page would say: chapter 3 of 1"
    assert {entry["event"] for entry in logs} == {"course_broken"}
    assert [problem.path.name for problem in courses.problems()] == ["first.md", "gone.md"]
    with capture_logs() as logs:
        courses.courses()
    assert logs == []


@pytest.mark.parametrize(
    ("old", "new", "reason", "line"),
    [
        ('title = "A tiny course"', "title = ", "not valid TOML", 1),
        ('title = "A tiny course"\n', "", "`title` must be a text", 1),
        ('chapters = ["first"]', "chapters = []", "list of chapter slugs", 3),
        ('chapters = ["first"]', 'chapters = ["../first"]', "may hold only", 3),
        ('chapters = ["first"]', 'chapters = ["first", "first"]', "twice", 3),
        ('chapters = ["first"]', 'chapter = ["first"]', "unknown key `chapter`", 3),
        ('chapters = ["first"]', 'chapters = ["first"]\nplace = 0', "`place` must be", 4),
    ],
)
def test_a_mistake_in_course_toml(root: Path, old: str, new: str, reason: str, line: int) -> None:
    """A wrong course.toml would make the course disappear without a word."""
    rewrite(root / "tiny" / "course.toml", old, new)
    ((told_line, told),) = reasons(root)
    assert reason in told
    assert told_line == line
    assert FolderCourses(root).courses() == ()
    with pytest.raises(CourseBroken, match=re.escape("course.toml")):
        FolderCourses(root).course("tiny")


def test_courses_stand_in_their_places(root: Path) -> None:
    """A beginner would get the course first whose folder comes first in the alphabet."""
    for slug, place in (("b-second", "place = 2"), ("c-first", "place = 1"), ("a-last", "")):
        shutil.copytree(root / "tiny", root / slug)
        toml = root / slug / "course.toml"
        toml.write_text(f"{toml.read_text()}\n{place}\n")
    slugs = [course.slug for course in FolderCourses(root).courses()]
    assert slugs == ["c-first", "b-second", "a-last", "tiny"]


def test_unknown_slugs() -> None:
    """A wrong address would end in an internal error, or reach outside the folder."""
    courses = FolderCourses(TINY)
    for course, chapter in (("tiny", "none"), ("none", "first"), ("../courses/tiny", "first"), ("", "")):
        with pytest.raises(ChapterUnknown):
            courses.chapter(course, chapter)
    with pytest.raises(ChapterUnknown):
        courses.course("none")
    assert FolderCourses(TINY / "nowhere").courses() == ()


def test_an_edit_shows_on_reload_and_nothing_else_is_read_again(root: Path) -> None:
    """An author would have to restart the app, or every request would parse every chapter."""
    courses = FolderCourses(root)
    before = courses.chapter("tiny", "first")
    assert courses.chapter("tiny", "first") is before
    rewrite(root / FIRST, "Numbers can be added.", "Numbers can grow.")
    after = courses.chapter("tiny", "first")
    assert isinstance(after.cells[0], Prose)
    assert after.cells[0].markdown == "Numbers can grow."


def test_a_figure_that_was_missing_mends_the_chapter(root: Path) -> None:
    """A chapter would stay broken after its author added the missing figure."""
    figure = root / "tiny" / "figures" / "dot.svg"
    content = figure.read_bytes()
    figure.unlink()
    courses = FolderCourses(root)
    assert courses.problems()
    os.utime(figure.parent, ns=(1, 1))
    figure.write_bytes(content)
    assert courses.problems() == ()


def test_figures_are_served() -> None:
    """The page would show a chapter without its pictures."""
    path = FolderCourses(TINY).file("tiny", "figures/dot.svg")
    assert path == (TINY / "tiny" / "figures" / "dot.svg").resolve()


@pytest.mark.parametrize(
    "path",
    [
        "course.toml",
        "first.md",
        "figures",
        "figures/none.svg",
        "figures/../figures/dot.svg",
        "../tiny/figures/dot.svg",
        "/etc/hostname.txt",
        "figures//dot.svg",
        "figures\\dot.svg",
        "figures/dot.svg\0.md",
        ".hidden.txt",
        "figures/.hidden.svg",
        "figures/link.txt",
        "loop/x.svg",
        "linked/secret.txt",
        "x" * 5000 + ".svg",
        "",
    ],
)
def test_nothing_else_is_served(root: Path, path: str) -> None:
    """A visitor could read files that are not figures or data of a course."""
    tiny = root / "tiny"
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (tiny / ".hidden.txt").write_text("secret")
    (tiny / "figures" / ".hidden.svg").write_text("secret")
    (tiny / "figures" / "link.txt").symlink_to(outside / "secret.txt")
    (tiny / "linked").symlink_to(outside)
    (tiny / "loop").symlink_to(tiny / "loop")
    with pytest.raises(NotFound):
        FolderCourses(root).file("tiny", path)


def test_files_of_an_unknown_course_are_not_served(root: Path) -> None:
    """A visitor could read any folder beside the courses."""
    (root / "plain").mkdir()
    (root / "plain" / "note.txt").write_text("secret")
    for course in ("plain", "..", ".", "", "tiny/figures"):
        with pytest.raises(NotFound):
            FolderCourses(root).file(course, "note.txt")


def test_a_chapter_outside_of_its_folder_is_not_read(root: Path) -> None:
    """A link in a course could show a file of the machine as a chapter."""
    (root / FIRST).rename(root.parent / "first.md")
    (root / FIRST).symlink_to(root.parent / "first.md")
    assert "outside" in reasons(root)[0][1]


def chapters(course: str = "python-basics") -> tuple[Chapter, ...]:
    return FolderCourses(ROOT / "courses").course(course).chapters


def test_the_courses_of_this_project_stand_as_they_are_planned() -> None:
    """A chapter would be missing, or the most asked question of all."""
    courses = FolderCourses(ROOT / "courses")
    assert courses.problems() == ()
    assert [course.slug for course in courses.courses()] == ["python-basics", "algorithms"]
    assert [chapter.slug for chapter in chapters()] == CHAPTERS
    asked = {question.question for chapter in chapters() for question in chapter.questions}
    assert "Why does my while loop never end?" in asked


@pytest.mark.parametrize("course", ["python-basics", "algorithms"])
def test_a_course_of_this_project_is_complete(course: str) -> None:
    """A learner would meet a chapter without exercises, help or answers."""
    quizzes = [cell for chapter in chapters(course) for cell in chapter.cells if isinstance(cell, Quiz)]
    assert {cell.puzzle.type for cell in quizzes} == {"choice", "output", "order", "gap"}
    for chapter in chapters(course):
        exercises = [cell for cell in chapter.cells if isinstance(cell, Exercise)]
        assert sum(isinstance(cell, Quiz) for cell in chapter.cells) >= 3
        assert "](figures/" in "".join(cell.markdown for cell in chapter.cells if isinstance(cell, Prose))
        assert 30 <= chapter.minutes <= 60
        assert len(exercises) >= 4
        assert all(len(exercise.hints) == 3 for exercise in exercises)
        assert all({check.hidden for check in exercise.checks} == {True, False} for exercise in exercises)
        assert 6 <= sum(isinstance(cell, Code) for cell in chapter.cells) <= 12
        assert len(chapter.misconceptions) >= 5
        assert len(chapter.questions) >= 5
        assert all(one.signals for one in (*chapter.misconceptions, *chapter.questions))


def test_what_comes_later_is_not_used_before() -> None:
    """A beginner would have to write `def` or `input` in an exercise before any chapter explains it."""
    taught = [chapter.slug for chapter in chapters()]
    firsts = {
        "input(": "input-output",
        "if ": "conditions",
        "for ": "loops",
        "def ": "functions",
        "open(": "files",
        "import ": "modules",
        "class ": "classes",
    }
    for word, slug in firsts.items():
        for chapter in chapters()[: taught.index(slug)]:
            for cell in chapter.cells:
                sources = [cell.source] if isinstance(cell, Code) else []
                sources += [cell.starter, cell.solution] if isinstance(cell, Exercise) else []
                assert not any(word in source for source in sources), (word, chapter.slug, cell.id)


def test_figures_are_safe_and_fit_a_phone() -> None:
    """A figure would run a script, fetch from another host, or be too wide to read."""
    figures = sorted((ROOT / "courses").glob("*/figures/*.svg"))
    assert len(figures) >= 6
    for figure in figures:
        text = figure.read_text(encoding="utf-8")
        assert "<script" not in text
        assert not re.search(r"(href|url\(|@import|on\w+=)", text)
        width = re.search(r'viewBox="0 0 (\d+) \d+"', text)
        assert width
        assert int(width.group(1)) <= 390
        assert min(map(float, re.findall(r'font-size="([\d.]+)"', text))) >= 14

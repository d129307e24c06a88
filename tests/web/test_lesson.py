"""The chapter as the page shows it."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.services.classroom import COURSES
from tutor.adapters.courses import FolderCourses
from tutor.domain.conversation import Conversation
from tutor.domain.course import Chapter, Check, Code, Course, Exercise, Prose, Question
from tutor.domain.problem import Problem
from tutor.domain.visit import FIRST_VISIT
from tutor.services.lessons import Lesson
from tutor.web.pages.lesson import chapter_link, chapters_html, lesson_html

TINY = FolderCourses(Path(__file__).resolve().parents[1] / "data" / "courses")
NOW = datetime(2026, 11, 2, tzinfo=UTC)
_VOID = {"img", "br", "hr", "input"}


class Tree(HTMLParser):
    """Checks that every element is closed, and collects what can be asked for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return "".join(self.words)


def lesson(course: Course, chapter: Chapter | None = None, *visited: str) -> Lesson:
    chapter = chapter or course.chapters[0]
    conversation = Conversation(
        id="c", title="T", course=course.slug, chapter=chapter.slug, created_at=NOW, updated_at=NOW
    )
    return Lesson(
        course=course,
        chapter=chapter,
        conversation=conversation,
        visit=FIRST_VISIT,
        greet=False,
        visited=frozenset(visited),
    )


def test_every_kind_of_cell_is_shown() -> None:
    """A lesson would have gaps, or show a task without its code."""
    tree = Tree(lesson_html(lesson(TINY.course("tiny"))))
    cells = [one for one in tree.all("section") if "cell" in (one["class"] or "").split()]
    kinds = [(one["class"] or "").removeprefix("cell ") for one in cells]
    assert kinds == ["prose", "prose", "code-cell", "code-cell", "exercise"]
    assert [one["data-number"] for one in cells] == ["1", "2", "3", "4", "5"]
    asked = {one["data-ask"] for one in tree.all("button") if "data-ask" in one}
    assert asked == {one["id"] for one in cells}
    for words in ("Adding", "about 30 minutes", "total", "Add 2", "answer = 0", "What is +?"):
        assert words in tree.text
    assert tree.all("img")[0]["src"] == "/files/tiny/figures/dot.svg"
    assert tree.all("img")[0]["alt"] == "A blue dot."


def test_secrets_are_not_in_the_page() -> None:
    """A learner could read the solution in the page's source."""
    html = lesson_html(lesson(TINY.course("tiny")))
    for secret in ("2 + 2", "Keep the greeting", "It joins texts", "always adds"):
        assert secret not in html


@pytest.mark.parametrize(
    ("of", "slug"),
    [(course.slug, chapter.slug) for course in COURSES.courses() for chapter in course.chapters],
)
def test_every_real_chapter_is_a_whole_page(of: str, slug: str) -> None:
    """One chapter's text would break the page around it, or two cells would share an anchor."""
    course = COURSES.course(of)
    chapter = COURSES.chapter(of, slug)
    html = lesson_html(lesson(course, chapter))
    tree = Tree(html)
    ids = [attributes["id"] for _, attributes in tree.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert {cell.id for cell in chapter.cells} <= set(ids)
    for cell in chapter.cells:
        if isinstance(cell, Exercise):
            assert cell.solution.strip() not in tree.text
            assert not [c for c in cell.checks if c.hidden and c.source.strip() in tree.text]
    for picture in tree.all("img"):
        path = (picture["src"] or "").removeprefix(f"/files/{of}/")
        assert COURSES.file(of, path).is_file(), "a picture is missing"
        assert picture["alt"], "a picture says nothing to who cannot see it"
    for link in tree.all("a"):
        assert (link["href"] or "")[0] in "#?h" or "download" in link, link


def test_what_a_course_says_is_escaped() -> None:
    """A course that somebody else wrote could run scripts in a learner's session."""
    evil = '"><script>alert(1)</script>'
    chapter = Chapter(
        slug="one",
        number=1,
        title=evil,
        summary=evil,
        minutes=30,
        cells=(
            Prose(id=evil, number=1, markdown=evil),
            Code(id="b" + evil, number=2, source=evil),
            Exercise(
                id="c" + evil,
                number=3,
                title=evil,
                task=evil,
                starter=evil,
                checks=(Check(source=evil),),
                hints=(evil,),
                solution="",
            ),
        ),
        questions=(Question(id=evil, question=evil, answer=evil),),
    )
    course = Course(slug="c", title=evil, summary=evil, language=evil, chapters=(chapter,))
    for html in (lesson_html(lesson(course)), chapters_html([course], lesson(course))):
        assert "<script" not in html
        tree = Tree(html)
        assert not [name for _, found in tree.tags for name in found if name.startswith("on")]


def test_the_list_marks_where_the_learner_is() -> None:
    """A learner could not see which chapter is open, or which ones they know, with eyes or without."""
    course = COURSES.course("python-basics")
    opened = lesson(course, course.chapters[1], course.chapters[0].slug, course.chapters[1].slug)
    tree = Tree(chapters_html([course, TINY.course("tiny")], opened))
    links = tree.all("a")
    assert len(links) == len(course.chapters) + 1
    assert [one["href"] for one in links if "aria-current" in one] == [
        chapter_link("python-basics", course.chapters[1].slug)
    ]
    assert [one.get("class") for one in links].count("seen") == 1
    assert tree.text.count("(opened before)") == 1


def test_the_way_leads_on_to_the_end() -> None:
    """After a chapter there would be no next step."""
    course = COURSES.course("python-basics")
    first, second, *_, last = course.chapters
    assert chapter_link(course.slug, second.slug).replace("&", "&amp;") in lesson_html(lesson(course, first))
    assert "That was the last chapter" in lesson_html(lesson(course, last))


def test_a_chapter_is_counted_among_all_of_its_course() -> None:
    """While others cannot be read, a learner would read "Chapter 12 of 2"."""
    course = COURSES.course("python-basics")
    last = course.chapters[-1]
    left = course.model_copy(update={"chapters": (course.chapters[0], last)})
    assert "Chapter 12 of 12" in lesson_html(lesson(left, last))
    assert "Chapter 12 of 12" in lesson_html(lesson(left.model_copy(update={"planned": 0}), last))


def test_links_are_addresses() -> None:
    """A slug with an odd sign would lead elsewhere."""
    assert chapter_link("a b", "c&d=e") == "?course=a+b&chapter=c%26d%3De"


def test_mistakes_in_course_files_are_listed_for_the_author() -> None:
    """An author would search in the log of the server, or the list would obey what stands in a file."""
    course = TINY.course("tiny")
    problem = Problem(path=Path("/srv/courses/tiny/bad.md"), line=7, reason="no <b>title</b>")
    shown = chapters_html([course], lesson(course), [problem])
    assert "tiny/bad.md, line 7: no &lt;b&gt;title&lt;/b&gt;" in shown
    assert "/srv/" not in shown
    assert "Mistakes" not in chapters_html([course], lesson(course))

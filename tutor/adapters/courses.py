"""Courses as folders: `<root>/<course>/course.toml` with one notebook for each chapter beside it."""

import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

import structlog

from tutor.adapters.course_notebook import SLUG, ReadChapter, read_chapter
from tutor.domain.course import Chapter, Course
from tutor.domain.problem import Problem
from tutor.errors import ChapterUnknown, CourseBroken, NotFound

log = structlog.get_logger()

_Found = TypeVar("_Found", Course, Chapter)

SERVED = frozenset({".svg", ".png", ".jpg", ".webp", ".gif", ".csv", ".txt", ".json"})
SUFFIXES = (".md", ".ipynb")
"""When both exist (a paired notebook), the Markdown file is the one that is read."""


class _Outline(NamedTuple):
    """What course.toml says."""

    title: str
    summary: str
    language: str
    chapters: tuple[str, ...]
    place: int
    """Where the course stands in the list; a course without a place stands behind those that have one."""


_LAST = 1_000
"""The place of a course that names none."""


_LONGEST_NAME = 80


class FolderCourses:
    """Reads every course below `root`. A file is read again when it changed, so edits show on reload.

    Args:
        root: The folder of all courses.
        settled: Seconds for which a course that was found whole is not looked at again. A turn asks for its
            chapter several times, and to look at all files of a course takes longer than to store the turn.
    """

    def __init__(self, root: Path, *, settled: float = 0.0) -> None:
        self.root = root
        self._settled = settled
        self._lately: dict[tuple[str, ...], tuple[float, Course | Chapter]] = {}
        self._outlines: dict[Path, tuple[object, _Outline | Problem]] = {}
        self._chapters: dict[Path, tuple[object, ReadChapter]] = {}

    def courses(self) -> tuple[Course, ...]:
        """All courses that can be read, by place, then by slug; without the chapters that cannot."""
        outlines = [(slug, self._outline(slug)) for slug in self._slugs()]
        readable = [(slug, outline) for slug, outline in outlines if isinstance(outline, _Outline)]
        readable.sort(key=lambda one: one[1].place)
        return tuple(self._course(slug, outline) for slug, outline in readable)

    def course(self, slug: str) -> Course:
        """One course. Raises ChapterUnknown, or CourseBroken when its course.toml cannot be used."""
        return self._found(Course, (slug,), lambda: self._course(slug, self._known_outline(slug)))

    def chapter(self, course_slug: str, chapter_slug: str) -> Chapter:
        """One chapter. Raises ChapterUnknown, or CourseBroken with file, line and reason in the detail."""
        slugs = (course_slug, chapter_slug)
        return self._found(Chapter, slugs, lambda: self._readable_chapter(course_slug, chapter_slug))

    def _readable_chapter(self, course_slug: str, chapter_slug: str) -> Chapter:
        outline = self._known_outline(course_slug)
        if chapter_slug not in outline.chapters:
            raise ChapterUnknown(f"no chapter {_named(chapter_slug)} in {course_slug}")
        read = self._chapter(course_slug, chapter_slug, outline)
        if read.chapter is None:
            raise CourseBroken("; ".join(map(str, read.problems)))
        return read.chapter

    def _found(self, kind: type[_Found], slugs: tuple[str, ...], find: Callable[[], _Found]) -> _Found:
        """What was found lately, or is found now. What cannot be found is looked for every time."""
        now = time.monotonic()
        until, known = self._lately.get(slugs, (0.0, None))
        if now < until and isinstance(known, kind):
            return known
        found = find()
        self._lately[slugs] = now + self._settled, found
        return found

    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong in any course, for its author."""
        found: list[Problem] = []
        for slug in self._slugs():
            outline = self._outline(slug)
            if isinstance(outline, Problem):
                found.append(outline)
            else:
                for chapter in outline.chapters:
                    found.extend(self._chapter(slug, chapter, outline).problems)
        return tuple(found)

    def file(self, course_slug: str, relative_path: str) -> Path:
        """A figure or data file of a course. Raises NotFound for anything else, whatever the reason."""
        if course_slug not in self._slugs():
            raise NotFound(f"no course {_named(course_slug)}")
        folder = (self.root / course_slug).resolve()
        parts = relative_path.split("/")
        if set("\\\0") & set(relative_path) or any(not part or part[0] == "." for part in parts):
            raise NotFound("not a path inside a course")
        try:
            path = folder.joinpath(*parts).resolve()
            fits = path.is_relative_to(folder) and path.suffix.lower() in SERVED and path.is_file()
        except (OSError, ValueError, RuntimeError):  # a name that is too long, a loop of links
            fits = False
        if not fits:
            raise NotFound(f"no such file in {course_slug}")
        return path

    def where(self, course_slug: str, chapter_slug: str, cell_id: str) -> tuple[Path, int]:
        """The file and line in which a cell begins; line 1 when the cell is not known."""
        read = self._chapter(course_slug, chapter_slug, self._known_outline(course_slug))
        return self._path(course_slug, chapter_slug), read.lines.get(cell_id, 1)

    def _slugs(self) -> tuple[str, ...]:
        if not self.root.is_dir():
            return ()
        folders = sorted(self.root.iterdir())
        return tuple(f.name for f in folders if SLUG.fullmatch(f.name) and (f / "course.toml").is_file())

    def _known_outline(self, slug: str) -> _Outline:
        if slug not in self._slugs():
            raise ChapterUnknown(f"no course {_named(slug)}")
        outline = self._outline(slug)
        if isinstance(outline, Problem):
            raise CourseBroken(str(outline))
        return outline

    def _course(self, slug: str, outline: _Outline) -> Course:
        read = (self._chapter(slug, chapter, outline).chapter for chapter in outline.chapters)
        return Course(
            slug=slug,
            title=outline.title,
            summary=outline.summary,
            language=outline.language,
            chapters=tuple(chapter for chapter in read if chapter),
            planned=len(outline.chapters),
        )

    def _outline(self, slug: str) -> _Outline | Problem:
        path = self.root / slug / "course.toml"
        stamp = _stamp(path)
        if (kept := self._outlines.get(path)) and kept[0] == stamp:
            return kept[1]
        outline = _read_outline(path)
        if isinstance(outline, Problem):
            _warn(outline)
        self._outlines[path] = stamp, outline
        return outline

    def _chapter(self, course: str, slug: str, outline: _Outline) -> ReadChapter:
        path = self._path(course, slug)
        number = outline.chapters.index(slug) + 1 if slug in outline.chapters else 0
        # The figures folder counts too: a missing figure that was added mends the chapter.
        stamp = (number, _stamp(path), _stamp(path.parent / "figures"))
        if (kept := self._chapters.get(path)) and kept[0] == stamp:
            return kept[1]
        read = self._read(path, slug, number)
        for problem in read.problems:
            _warn(problem)
        self._chapters[path] = stamp, read
        return read

    def _read(self, path: Path, slug: str, number: int) -> ReadChapter:
        if not path.is_file():
            reason = f"course.toml names the chapter `{slug}`, but there is no {slug}.md or {slug}.ipynb"
        elif not path.resolve().is_relative_to(path.parent.resolve()):
            reason = "the file lies outside of the course's folder"
        else:
            return read_chapter(path, slug=slug, number=number)
        return ReadChapter(None, (Problem(path=path, line=1, reason=reason),), {})

    def _path(self, course: str, slug: str) -> Path:
        paths = [self.root / course / (slug + suffix) for suffix in SUFFIXES]
        return next((path for path in paths if path.is_file()), paths[0])


def _stamp(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _warn(problem: Problem) -> None:
    log.warning("course_broken", path=str(problem.path), line=problem.line, reason=problem.reason)


def _read_outline(path: Path) -> _Outline | Problem:
    line, reason = 1, ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        told = tomllib.loads(text)
        for wrong_key, why in _wrong(told):
            line = next((n for n, one in enumerate(text.splitlines(), 1) if one.startswith(wrong_key)), 1)
            reason = why
            break
    except tomllib.TOMLDecodeError as error:
        reason = f"not valid TOML: {error}"
        line = int(str(error).partition("line ")[2].partition(",")[0] or text.count("\n") + 1)
    except UnicodeDecodeError:
        reason = "not UTF-8 text: save the file with the encoding UTF-8"
    except OSError as error:
        reason = f"cannot be opened: {error.strerror}"
    if reason:
        return Problem(path=path, line=line, reason=reason)
    return _Outline(
        told["title"],
        told["summary"],
        told.get("language", "en"),
        tuple(told["chapters"]),
        told.get("place", _LAST),
    )


def _wrong(told: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Pairs of key and reason for everything that does not fit in course.toml."""
    for key in told.keys() - {"title", "summary", "language", "chapters", "place"}:
        yield key, f"unknown key `{key}`"
    for key in ("title", "summary", "language"):
        value = told.get(key, "en" if key == "language" else None)
        if not isinstance(value, str) or not value.strip():
            yield key, f"`{key}` must be a text"
    if type(place := told.get("place", 1)) is not int or not 1 <= place < _LAST:
        yield "place", f"`place` must be a whole number from 1 to {_LAST - 1}"
    chapters = told.get("chapters")
    if not isinstance(chapters, list) or not chapters or not all(isinstance(one, str) for one in chapters):
        yield "chapters", "`chapters` must be a list of chapter slugs"
        return
    for slug in chapters:
        if not SLUG.fullmatch(slug):
            yield "chapters", f"the chapter `{slug}` may hold only a-z, 0-9 and -"
    if len(set(chapters)) != len(chapters):
        yield "chapters", "a chapter is listed twice"


def _named(slug: str) -> str:
    """For the log. What is no slug may be anything that a learner wrote."""
    return repr(slug) if SLUG.fullmatch(slug) and len(slug) <= _LONGEST_NAME else "with such a name"

"""A new course to begin from: a folder with one chapter that has every kind of cell."""

from pathlib import Path

from tutor.adapters.course_notebook import SLUG
from tutor.errors import InvalidInput

_CHAPTER = Path(__file__).with_suffix(".md")


def new_course(root: Path, slug: str) -> Path:
    """Make the folder of a course below `root`; gives its first chapter.

    Raises:
        InvalidInput: The name has other signs than a-z, 0-9 and -, or the folder cannot be made.
    """
    if not SLUG.fullmatch(slug):
        text = f"The name {slug!r} may hold only a-z, 0-9 and -, such as my-course."
        raise InvalidInput("slug", text=text)
    folder, title = root / slug, slug.replace("-", " ").capitalize()
    try:
        folder.mkdir(parents=True)
        (folder / "figures").mkdir()
        (folder / "course.toml").write_text(
            f'title = "{title}"\n'
            'summary = "One sentence that makes a learner want to begin."\n'
            'language = "en"\n'
            'chapters = ["first-steps"]\n',
            encoding="utf-8",
        )
        chapter = folder / "first-steps.md"
        chapter.write_text(_CHAPTER.read_text(encoding="utf-8"), encoding="utf-8")
    except FileExistsError:
        raise InvalidInput("exists", text=f"There is a course {slug} already: {folder}.") from None
    except OSError as error:
        raise InvalidInput("cannot write", text=f"{folder} cannot be made: {error.strerror}.") from error
    return chapter

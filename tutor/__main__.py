"""The command line: python -m tutor."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any

import typer

from tutor import doctor as examination
from tutor import log, upkeep
from tutor.adapters.assets import fetch, fetch_pyodide, livekit_client
from tutor.adapters.course_check import TIMEOUT, check_courses
from tutor.adapters.course_template import new_course
from tutor.adapters.courses import FolderCourses
from tutor.domain.course import Chapter
from tutor.domain.learner import Learner, Role
from tutor.domain.pace import LEAST, MOST, minutes
from tutor.domain.place import Place
from tutor.domain.turn import (
    Commanded,
    Declined,
    Delta,
    Failed,
    Heard,
    Restarted,
    Said,
    Spoken,
    TurnEvent,
    Waiting,
)
from tutor.errors import TutorError
from tutor.services.guard_file import judge_lines
from tutor.services.services import Services
from tutor.settings import Settings, load_settings
from tutor.wiring import build

app = typer.Typer(help="AI Programming Teacher.", no_args_is_help=True, add_completion=False)
users = typer.Typer(help="Accounts.", no_args_is_help=True)
courses = typer.Typer(help="Courses.", no_args_is_help=True)
app.add_typer(users, name="users")
app.add_typer(courses, name="courses")
app.command()(upkeep.migrate)
app.command()(upkeep.backup)
app.command()(upkeep.restore)

CourseOption = Annotated[str, typer.Option("--course", help="Slug of the course.")]
ChapterOption = Annotated[str, typer.Option("--chapter", help="Slug of the chapter.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@app.command()
def ask(
    question: str,
    course: CourseOption = "python-basics",
    chapter: ChapterOption = "",
    json: JsonOption = False,
) -> None:
    """Ask the teacher one question."""

    async def turn(services: Services, learner: Learner) -> bool:
        await services.warm_search()
        place = await _place(services, learner, course, chapter)
        return await _show(services.teacher.answer(learner, place, question), json=json)

    _run(turn)


@app.command()
def hear(
    recording: Path,
    course: CourseOption = "python-basics",
    chapter: ChapterOption = "",
    out: Annotated[Path | None, typer.Option(help="Write the spoken answer to this WAV file.")] = None,
    json: JsonOption = False,
) -> None:
    """Ask the teacher with a recording."""
    try:
        data = recording.read_bytes()
    except OSError as error:
        typer.echo(f"{recording} cannot be read: {error.strerror}.", err=True)
        raise typer.Exit(1) from None

    async def turn(services: Services, learner: Learner) -> bool:
        place = await _place(services, learner, course, chapter)
        audio = await services.read_audio(data)
        spoken = place.model_copy(update={"spoken": True})
        sentences: list[Spoken] = []
        done = await _show(services.teacher.hear(learner, spoken, audio), json=json, sentences=sentences)
        if out is not None and sentences:
            out.write_bytes(services.write_audio([s.audio for s in sentences if s.audio is not None]))
        return done

    _run(turn)


@app.command()
def guard(
    file: Path,
    local: Annotated[bool, typer.Option("--local", help="Ask no model, not even where unsure.")] = False,
) -> None:
    """Judge your own examples: a JSON object a line with id, message, history and chapter."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        typer.echo(f"{file} cannot be read: {error}.", err=True)
        raise typer.Exit(1) from None

    async def judge(services: Services, _: Learner) -> bool:
        await services.warm_search()
        chapters = {
            chapter.slug: chapter for course in services.courses.courses() for chapter in course.chapters
        }
        async for judged in judge_lines(lines, services.guard, chapters=chapters, ai=not local):
            print(judged.model_dump_json(), flush=True)
        return True

    _run(judge)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def worker(context: typer.Context) -> None:
    """Teach in the rooms of a LiveKit server: dev, start or console, as LiveKit's agents have them."""
    from tutor.rooms.worker import run

    try:
        run(_settings(), context.args)
    except TutorError as error:
        typer.echo(f"{error.text} ({error.code}: {error})", err=True)
        raise typer.Exit(1) from None


@app.command()
def assets() -> None:
    """Fetch what the browsers run (12 MB, with npm): Python, and for rooms the LiveKit client."""
    settings = _settings()
    folder = settings.data_dir / "pyodide"
    try:
        fetched = fetch_pyodide(folder)
        if settings.has_rooms:
            fetch(settings.data_dir / "livekit", livekit_client)
    except TutorError as error:
        typer.echo(f"{error.text} ({error.code}: {error})", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Python for the browser {'is now' if fetched else 'was already'} in {folder}.")


@app.command()
def doctor() -> None:
    """Tell what is configured, what works, and what is missing."""
    settings = _settings()
    findings = asyncio.run(examination.examine(settings))
    for finding in findings:
        typer.echo(str(finding))
    raise typer.Exit(0 if all(finding.works or finding.optional for finding in findings) else 1)


@users.command("add")
def users_add(
    name: str,
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="TUTOR_NEW_PASSWORD")
    ],
    owner: Annotated[bool, typer.Option(help="Somebody who runs this site.")] = False,
) -> None:
    """Add an account."""

    async def add(services: Services, _: Learner) -> bool:
        learner = await services.accounts.add(name, password, Role.OWNER if owner else Role.LEARNER)
        typer.echo(f"Added {learner.name}.")
        return True

    _run(add)


@courses.command("check")
def courses_check(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of courses; the configured one if left out.")
    ] = None,
    pyodide: Annotated[
        bool,
        typer.Option("--pyodide", help="Run them in the learners' own Python, by Node."),
    ] = False,
) -> None:
    """Run every cell and every solution of every course, and tell what is wrong."""
    source = FolderCourses(folder or _settings().courses_dir)
    browser = _settings().data_dir / "pyodide" if pyodide else None
    if browser is not None and not (browser / "pyodide.js").is_file():
        typer.echo("There is no Pyodide yet: run python -m tutor assets first.", err=True)
        raise typer.Exit(2)
    problems = check_courses(source, timeout=60 if pyodide else TIMEOUT, pyodide=browser)
    for problem in problems:
        typer.echo(str(problem), err=True)
    for course in source.courses():
        for chapter in course.chapters:
            typer.echo(f"{course.slug}/{chapter.slug}: {_pace(chapter)}")
    chapters = sum(len(course.chapters) for course in source.courses())
    typer.echo(f"{len(source.courses())} courses, {chapters} chapters, {len(problems)} problems.")
    raise typer.Exit(1 if problems else 0)


def _pace(chapter: Chapter) -> str:
    """How long a chapter takes by the rule, beside what its author says."""
    told = f"about {(rule := minutes(chapter))} minutes by the rule, {chapter.minutes} by its author"
    if rule < LEAST:
        return f"{told}; short for a chapter"
    return f"{told}; long for a chapter" if rule > MOST else told


@courses.command("new")
def courses_new(name: str) -> None:
    """Make the folder of a new course, with a chapter that has every kind of cell."""
    try:
        chapter = new_course(_settings().courses_dir, name)
    except TutorError as error:
        typer.echo(error.text, err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Your first chapter: {chapter}")


def _settings() -> Settings:
    try:
        settings = load_settings()
    except TutorError as error:
        typer.echo(error.text, err=True)
        raise typer.Exit(2) from None
    log.configure(settings.log_level if settings.log_level != "info" else "warning", settings.log_format)
    return settings


def _run(work: Callable[[Services, Learner], Coroutine[Any, Any, bool]]) -> None:
    """Run a command's work with services that are started and closed, as the learner of this machine."""

    async def whole() -> bool:
        services = build(_settings())
        try:
            await services.start()
            return await work(services, await services.accounts.local())
        finally:
            await services.close()

    try:
        done = asyncio.run(whole())
    except TutorError as error:
        typer.echo(f"{error.text} ({error.code})", err=True)
        done = False
    except KeyboardInterrupt:
        done = False
    raise typer.Exit(0 if done else 1)


async def _place(services: Services, learner: Learner, course: str, chapter: str) -> Place:
    known = services.courses.course(course)
    slug = chapter or known.chapters[0].slug
    title = services.courses.chapter(course, slug).title
    conversation = await services.turns.add_conversation(learner.id, course=course, chapter=slug, title=title)
    return Place(conversation_id=conversation.id, course=course, chapter=slug)


async def _show(
    events: AsyncGenerator[TurnEvent], *, json: bool, sentences: list[Spoken] | None = None
) -> bool:
    """Print the events of a turn as they come; whether it was answered."""
    answered = False
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Spoken) and sentences is not None:
                sentences.append(event)
            if json:
                print(event.model_dump_json(), flush=True)
            else:
                _print(event)
            answered = answered or isinstance(event, Said | Declined | Commanded)
    return answered


def _print(event: TurnEvent) -> None:
    match event:
        case Heard(text=text):
            print(f"You: {text}\n")
        case Delta(text=text):
            sys.stdout.write(text)
            sys.stdout.flush()
        case Restarted(rung=rung):
            print(f"\n[another model begins again: {rung}]\n")
        case Said(rung=rung, total_ms=ms):
            print(f"\n\n[{rung}, {ms} ms]")
        case Declined(text=text) | Failed(text=text) | Commanded(text=text) | Waiting(text=text):
            print(text)


if __name__ == "__main__":
    app()

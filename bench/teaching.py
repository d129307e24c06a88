"""How well the teacher teaches: situations with points that a good answer makes, and some it must not make.

python -m bench.teaching                    the guide, by words; writes the section in docs/benchmarks.md
python -m bench.teaching --read             also prints every answer with what it missed
python -m bench.teaching --models --judge NAME    also every rung of the ladder file, judged by the rung NAME:
    TUTOR_LOCAL_BASE_URL=http://127.0.0.1:11434/v1 TUTOR_LADDER_FILE=two.toml python -m bench.teaching ...
python -m bench.teaching --folder DIR       situations of your own
python -m bench.teaching --quick            every fifth situation; writes nothing
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from bench.report import write_section
from bench.situations import FOLDER, Score, Situation, by_words, situations
from tutor.adapters import llm
from tutor.adapters.courses import FolderCourses
from tutor.adapters.encoder import StaticEncoder
from tutor.adapters.lesson_index import LessonIndex
from tutor.adapters.llm.guide import GuideModel
from tutor.domain.chat import Author, ChatMessage, ChatRequest, Token
from tutor.domain.course import Chapter
from tutor.domain.prompt import messages
from tutor.errors import TutorError
from tutor.services.counters import Counters
from tutor.services.discretion import Discretion
from tutor.services.ports import ChatModel
from tutor.settings import Settings

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "docs" / "benchmarks.md"
COURSES = FolderCourses(ROOT / "courses")
_JUDGE = """You judge an answer of a programming teacher. Reply with JSON only:
{"made": [numbers of the points that the answer makes], "broken": [numbers of the things it must not say and \
says], "false": [each statement of the answer that is false, in its words]}"""

Judged = tuple[Situation, str, Score]


def guide_model() -> tuple[GuideModel, float]:
    """The guide with all courses indexed, and how many seconds that took."""
    guide, began = GuideModel(COURSES, StaticEncoder()), perf_counter()
    guide.warm()
    return guide, perf_counter() - began


def with_guide(guide: GuideModel, asked: Sequence[Situation]) -> tuple[list[Judged], list[float]]:
    """The guide's answers, judged by their words, and the milliseconds of each; each is asked three times."""
    found, times = [], []
    for one in asked:
        brief = one.brief(COURSES.course(one.course))
        for _ in range(3):
            began = perf_counter()
            answer = guide.answer(brief).markdown
            times.append((perf_counter() - began) * 1000)
        found.append((one, answer, by_words(one, answer)))
    return found, times


def index_seconds(chapters: int = 50) -> float:
    """How long a course of so many chapters takes to index, made of copies of the real ones."""
    real = COURSES.course("python-basics").chapters
    copies: list[Chapter] = []
    for number in range(chapters):
        one = real[number % len(real)]
        copies.append(one.model_copy(update={"slug": f"{one.slug}-{number}", "number": number + 1}))
    encoder = StaticEncoder()
    encoder.encode(["loaded"])
    began = perf_counter()
    LessonIndex(copies, encoder)
    return perf_counter() - began


async def with_model(model: ChatModel, judge: ChatModel | None, asked: Sequence[Situation]) -> list[Judged]:
    """A model's answers, judged by another model, or by their words where there is none."""
    found = []
    for one in asked:
        brief = one.brief(COURSES.course(one.course))
        try:
            answer = await _text(model, ChatRequest(turn_id="bench", messages=messages(brief), brief=brief))
        except TutorError as error:
            print(f"{model.name}: {error.code}", file=sys.stderr)
            answer = ""
        found.append((one, answer, await by_model(judge, one, answer) if judge else by_words(one, answer)))
    return found


async def by_model(judge: ChatModel, situation: Situation, answer: str) -> Score:
    """What a judge model finds in an answer; by its words where the judge gives no verdict."""
    points, never = situation.points, situation.never
    task = {
        "question": situation.question,
        "code": situation.code,
        "points": {number: words for number, (words, _) in enumerate(points, 1)},
        "must not say": {number: words for number, (words, _) in enumerate(never, 1)},
        "answer": answer,
    }
    asked = (
        ChatMessage(author=Author.SYSTEM, content=_JUDGE),
        ChatMessage(author=Author.LEARNER, content=json.dumps(task)),
    )
    try:
        reply = await _text(judge, ChatRequest(turn_id="judge", messages=asked, json_reply=True))
        told = json.loads(reply[reply.index("{") : reply.rindex("}") + 1])
        made, broken, false = (list(told[key]) for key in ("made", "broken", "false"))
    except (TutorError, ValueError, KeyError, TypeError) as error:
        print(f"{judge.name}: no verdict ({type(error).__name__}), judged by words", file=sys.stderr)
        return by_words(situation, answer)
    return Score(
        made=tuple(words for number, (words, _) in enumerate(points, 1) if number in made),
        missed=tuple(words for number, (words, _) in enumerate(points, 1) if number not in made),
        broken=(
            *(words for number, (words, _) in enumerate(never, 1) if number in broken),
            *(f"false: {one}" for one in false),
        ),
    )


async def _text(model: ChatModel, request: ChatRequest) -> str:
    return "".join([chunk.text async for chunk in model.stream(request) if isinstance(chunk, Token)])


def share(judged: Sequence[Judged]) -> float:
    """Points made, of all points."""
    made = sum(len(score.made) for _, _, score in judged)
    return made / max(made + sum(len(score.missed) for _, _, score in judged), 1)


def row(name: str, judge: str, judged: Sequence[Judged]) -> str:
    """One line of the table."""
    broken = sum(bool(score.broken) for _, _, score in judged)
    whole = sum(not score.missed for _, _, score in judged)
    return f"| {name} | {judge} | {share(judged):.0%} | {whole} of {len(judged)} | {broken} |"


def transcripts(name: str, judged: Sequence[Judged]) -> str:
    """Every answer, to be read by a person."""
    parts = []
    for number, (one, answer, score) in enumerate(judged, 1):
        work = "\n".join(filter(None, (one.code, one.error, one.check)))
        missed = "".join(f"\n  MISSED {words}" for words in score.missed)
        broken = "".join(f"\n  BROKEN {words}" for words in score.broken)
        parts.append(
            f"=== {number} [{name}] {one.chapter} {one.cell}\n{work}\n> {one.question}\n"
            f"---\n{answer}{missed}{broken}\n"
        )
    return "\n".join(parts)


def write(lines: Sequence[str], path: Path = BENCHMARKS) -> None:
    """Put the section into the page, in place of the last one."""
    write_section(path, "## Teaching", lines)


async def main() -> None:
    """Measure, print, and write the section."""
    options = _options()
    asked = situations(options.folder)[:: 5 if options.quick else 1]
    guide, warm = guide_model()
    judged, times = with_guide(guide, asked)
    rows = [row("lesson guide", "by words", judged)]
    if options.read:
        print(transcripts("guide", judged))
    if options.models:
        rows += await of_models(Settings(), options.judge, asked, read=options.read)
    times.sort()
    p50, p99 = times[len(times) // 2], times[min(int(len(times) * 0.99), len(times) - 1)]
    count = sum(len(course.chapters) for course in COURSES.courses())
    lines = [
        f"{len(asked)} situations of our own (`tests/data/teaching`): code, error, question, the points that",
        "a good answer makes, and what it must not say. By words: a point counts where one of its wordings",
        "is found. That does not see a false statement, which takes a reader (`--read`) or a judge model",
        "(`--models --judge NAME`).",
        "",
        f"Measured {datetime.now(UTC):%Y-%m-%d} by `python -m bench.teaching`.",
        "",
        "| teacher | judge | points made | all points | answers with something they must not say |",
        "| --- | --- | --- | --- | --- |",
        *rows,
        "",
        f"The guide takes {p50:.1f} ms in the middle and {p99:.1f} ms at p99 ({len(times)} answers,",
        f"{count} chapters loaded). Indexing all courses at start takes {warm:.1f} s with the encoder, and a",
        f"course of 50 chapters {index_seconds():.1f} s, once. Wanted: 50 ms, 5 s.",
    ]
    print("\n".join(lines))
    if not options.quick and options.folder == FOLDER:
        write(lines)


async def of_models(settings: Settings, judge: str, asked: Sequence[Situation], *, read: bool) -> list[str]:
    """A row for each rung, as learners get its answers: behind the check that holds a solution back.

    Args:
        settings: With the keys or the server, and the ladder file, as for the app.
        judge: The rung that judges; it is not measured itself. '' to judge by words.
        asked: The situations.
        read: Whether to print every answer.
    """
    connected = llm.connect(settings)
    models = {rung.name: model for rung, model in connected.rungs}
    if judge and judge not in models:
        sys.exit(f"No rung is named {judge}. There are: {', '.join(models) or 'none'}.")
    judging = models.pop(judge, None)
    rows = []
    for name, model in models.items():
        judged = await with_model(Discretion(model, COURSES, counters=Counters()), judging, asked)
        rows.append(row(name, judge or "by words", judged))
        if read:
            print(transcripts(name, judged))
    await connected.aclose()
    return rows


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--read", action="store_true")
    parser.add_argument("--models", action="store_true")
    parser.add_argument("--judge", default="")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--quick", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())

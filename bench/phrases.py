"""Write `tutor/adapters/stt/phrases.txt`: what is usually said, for the quick ear.

    python -m bench.phrases

From the guard's messages that belong to lessons, the questions of our situations, and the courses as they are
read aloud. Phrases of `tests/data/speech/sentences.txt` are left out: the bench measures with them.
"""

import json
import re
import tomllib
from collections.abc import Iterator

from bench.spoken import ROOT, normalised, sentences
from tutor.adapters.courses import FolderCourses
from tutor.domain.course import Cell, Exercise, Prose
from tutor.domain.speech import speakable

FILE = ROOT / "tutor/adapters/stt/phrases.txt"
_KINDS = ("on_", "social", "off_sense", "off_voices")
_WRITTEN = ("lang_", "typo", "on_speech", "on_code")
"""Nobody says these, or not in English, or not rightly."""
_LONGEST = 200
_SENTENCE = re.compile(r"(?<=[.?!:])\s+")


def messages() -> Iterator[str]:
    """What learners say."""
    for file in sorted((ROOT / "tests/data/guard").glob("*.jsonl")):
        if file.stem.startswith(_KINDS) and not any(kind in file.stem for kind in _WRITTEN):
            lines = file.read_text(encoding="utf-8").splitlines()
            yield from (json.loads(line)["message"] for line in lines)
    for file in sorted((ROOT / "tests/data/teaching").glob("*.toml")):
        situations = tomllib.loads(file.read_text(encoding="utf-8"))
        yield from (one["question"] for one in situations["situation"] if "question" in one)


def prose() -> Iterator[str]:
    """What lessons say."""
    for course in FolderCourses(ROOT / "courses").courses():
        for chapter in course.chapters:
            texts = [part for cell in chapter.cells for part in _texts(cell)]
            texts += [part for one in chapter.questions for part in (one.question, one.answer)]
            for paragraph in "\n\n".join(texts).split("\n\n"):
                yield from _SENTENCE.split(speakable(paragraph))


def _texts(cell: Cell) -> tuple[str, ...]:
    match cell:
        case Prose():
            return (cell.markdown,)
        case Exercise():
            return (cell.task, *cell.hints)
        case _:
            return ()


def main() -> None:
    """Write it."""
    spoken = [text for text in messages() if len(text) <= _LONGEST and "\n" not in text]
    measured = {" ".join(normalised(sentence.text)) for sentence in sentences()}
    phrases = [" ".join(normalised(text)) for text in (*spoken, *prose())]
    kept = [phrase for phrase in phrases if " " in phrase and phrase not in measured]
    FILE.write_text("".join(f"{phrase}\n" for phrase in kept), encoding="utf-8")
    print(f"{len(kept)} phrases, {sum(map(len, kept)) // 1000} KB, in {FILE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

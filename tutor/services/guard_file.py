"""An owner's own examples, judged line by line: what `python -m tutor guard FILE.jsonl` prints."""

from collections.abc import AsyncIterator, Iterable, Mapping
from time import perf_counter

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tutor.domain.chat import Author, ChatMessage
from tutor.domain.course import Chapter
from tutor.domain.topic import Label
from tutor.domain.value import Value
from tutor.errors import InvalidInput
from tutor.services.ports import Guard


class _Turn(BaseModel):
    role: Author
    content: str


class _Line(BaseModel):
    """Other fields, such as a label to compare with, may stand beside these."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: str
    message: str
    history: list[_Turn] = Field(default_factory=list)
    chapter: str | None = None


class JudgedLine(Value):
    """The verdict on one line."""

    id: str
    label: Label
    tier: str
    confidence: float
    ms: float
    """What the judgement took, in milliseconds."""


async def judge_lines(
    lines: Iterable[str], guard: Guard, *, chapters: Mapping[str, Chapter], ai: bool = True
) -> AsyncIterator[JudgedLine]:
    """Judge each line as the pipeline would.

    Args:
        lines: One JSON object a line: id, message, history (`role` and `content`), chapter (a slug or null).
            Empty lines are passed over.
        guard: Local tier first, AI tier where that is unsure.
        chapters: Known chapters by slug; of an unknown one nothing but its absence is known.
        ai: False keeps to the local tier.

    Raises:
        InvalidInput: A line that cannot be read; its number is in the detail and in the text.
    """
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            line = _Line.model_validate_json(raw)
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(map(str, fault["loc"])) or "line"
            detail = f"line {number}: {where}: {fault['type']}"
            raise InvalidInput(detail, text=f"That file cannot be read. {detail}.") from None
        yield await _judge(line, guard, chapters, ai=ai)


async def _judge(line: _Line, guard: Guard, chapters: Mapping[str, Chapter], *, ai: bool) -> JudgedLine:
    history = [ChatMessage(author=turn.role, content=turn.content) for turn in line.history]
    chapter = chapters.get(line.chapter or "")
    began = perf_counter()
    verdict = guard.judge(line.message, history, chapter)
    if ai and verdict.label is Label.UNSURE:
        verdict = await guard.ask(line.message, history, chapter) or verdict
    return JudgedLine(
        id=line.id,
        label=verdict.label,
        tier=verdict.tier,
        confidence=round(verdict.confidence, 4),
        ms=round((perf_counter() - began) * 1000, 3),
    )

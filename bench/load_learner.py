"""What learners do in the load bench, and what they saw."""

import asyncio
import json
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from time import monotonic
from typing import Any

from bench.load_client import Line, Refused, event_of
from bench.load_tab import Tab
from tutor.domain.chat import Author

ROOT = Path(__file__).resolve().parent.parent
WHERE = {"course": "python-basics", "chapter": "loops"}
_CHAPTER = "/api/v1/courses/{course}/chapters/{chapter}".format(**WHERE)
_KINDS = ("on_concept", "on_error", "on_exercise", "on_everyday", "on_tech")
WORDS = ("A loop ", "repeats ", "its block ", "of code.")
"""The whole answer of a model that answers at once, and that of the handler behind Gradio's queue."""
_BROKEN = (OSError, EOFError, Refused, RuntimeError, ValueError)


def questions(most: int = 300) -> Iterator[str]:
    """Short questions of the guard's training data, all different, again and again."""
    found: list[str] = []
    for kind in _KINDS:
        lines = (ROOT / "tests" / "data" / "guard" / f"{kind}.jsonl").read_text("utf-8").splitlines()
        found += [row["message"] for row in map(json.loads, lines) if len(row["message"]) < 100]
    return cycle(dict.fromkeys(found[:most]))


@dataclass
class Seen:
    """What all learners saw of a scene."""

    turns: int = 0
    """Answered to the end."""
    events: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    questions: dict[str, str] = field(default_factory=dict)
    """Text by turn: acknowledged as heard."""
    answers: dict[str, str] = field(default_factory=dict)
    """Text by message: acknowledged as said."""
    lags: list[float] = field(default_factory=list)
    """Seconds from the moment at which the model sent its first word to that at which a learner had it."""
    took: list[float] = field(default_factory=list)
    """Seconds of whole turns."""
    highest: int = 0
    """Number in the line."""
    on_page: dict[str, str] = field(default_factory=dict)
    """Questions that the page showed as answered, each asked once, with the conversation."""
    stood_in: int = 0
    """Answers that the lesson guide gave because the model was late."""
    reloads: int = 0
    left: int = 0
    """Answers that somebody did not wait for."""

    def compared(self, database: Path) -> tuple[int, int]:
        """How many acknowledged messages are not in the store as they were, and how many are there twice."""
        with closing(sqlite3.connect(database)) as store:
            rows = store.execute("SELECT turn_id, id, author, text FROM messages").fetchall()
            shown = set(store.execute("SELECT conversation_id, text FROM messages"))
            doubled = store.execute(
                "SELECT count(*) FROM (SELECT 1 FROM messages GROUP BY turn_id, author HAVING count(*) > 1)"
            ).fetchone()[0]
        asked = {turn: text for turn, _, author, text in rows if author == Author.LEARNER}
        answered = {name: text for _, name, author, text in rows if author == Author.TEACHER}
        lost = sum(asked.get(turn) != text for turn, text in self.questions.items())
        lost += sum((talk, text) not in shown for text, talk in self.on_page.items())
        return lost + sum(answered.get(name) != text for name, text in self.answers.items()), doubled


class Learner:
    """One of them, with a connection of their own."""

    def __init__(self, port: int, number: int, seen: Seen) -> None:
        self.line = Line(port, f"10.1.{number // 250}.{number % 250 + 1}")
        self.seen = seen
        self.conversation = ""
        self._cell = ""
        self._tab: Tab | None = None

    async def arrive(self, *, page: bool = False) -> None:
        """Come as a guest, and begin a conversation. `page`: ask through the page's own queue."""
        await self.line.json("POST", "/api/v1/auth/guest")
        begun = await self.line.json("POST", "/api/v1/conversations", WHERE)
        self.conversation = begun["id"]
        chapter = await self.line.json("GET", _CHAPTER)
        self._tab = await Tab.open(self.line, box="question") if page else None
        self._cell = next(cell["id"] for cell in chapter["cells"] if cell["kind"] == "code")

    async def ask(self, question: str, *, leave_after: int = 0) -> None:
        """A whole turn; or hang up after so many events."""
        began, told, first = monotonic(), 0, True
        path = f"/api/v1/conversations/{self.conversation}/turns"
        async for frame in self.line.stream("POST", path, {"text": question}):
            now = monotonic()
            kind, data = event_of(frame)
            self.seen.events[kind] += 1
            told += 1
            if kind == "delta" and first:
                first = False
                self._time(json.loads(data)["text"], now)
            elif kind != "delta":
                self._note(kind, json.loads(data))
            if leave_after and told >= leave_after:
                self.seen.left += 1
                await self.line.hang_up()
                return
        self.seen.turns += 1
        self.seen.took.append(monotonic() - began)

    async def _ask_on_page(self, tab: Tab, question: str) -> None:
        question = f"{question} ({len(self.seen.on_page)})"
        place = json.dumps({"conversation_id": self.conversation, **WHERE})
        async for message in tab.ask(question, place, ""):
            self.seen.events[message["msg"]] += 1
        self.seen.turns += 1
        self.seen.on_page[question] = self.conversation

    def _time(self, word: str, now: float) -> None:
        try:
            self.seen.lags.append(now - float(word))
        except ValueError:
            self.seen.stood_in += word != WORDS[0]

    def _note(self, kind: str, event: dict[str, Any]) -> None:
        match kind:
            case "heard":
                self.seen.questions[event["turn_id"]] = event["text"]
            case "said":
                self.seen.answers[event["message_id"]] = event["text"]
            case "waiting":
                self.seen.highest = max(self.seen.highest, event["number"])
            case "failed":
                self.seen.errors[event["code"]] += 1

    async def hurry(self, asked: Iterator[str], until: float) -> None:
        """One question after the other, without a pause."""
        while monotonic() < until:
            try:
                await self.ask(next(asked))
            except _BROKEN as error:
                self.seen.errors[f"{type(error).__name__} {error}"[:80]] += 1
                await self.line.hang_up()

    async def study(self, asked: Iterator[str], until: float) -> None:
        """As learners are: type code, ask, read the answer, reload the page, and sometimes do not wait."""
        await asyncio.sleep(random.uniform(0, 0.2))
        while monotonic() < until:
            try:
                await self._one_round(next(asked))
            except _BROKEN as error:
                self.seen.errors[f"{type(error).__name__} {error}"[:80]] += 1
                await self.line.hang_up()

    async def _one_round(self, question: str) -> None:
        if self._tab is not None:
            await self._ask_on_page(self._tab, question)
        else:
            await self.ask(question, leave_after=6 if random.random() < 0.1 else 0)
        for number in range(random.randint(1, 3)):
            await asyncio.sleep(random.uniform(0.5, 2.5))
            code = f"n = {number}\nwhile n < 10:\n    n += 1\n"
            await self.line.json("PUT", f"{_CHAPTER}/cells/{self._cell}/code", {"code": code})
        if random.random() < 0.3:
            self.seen.reloads += 1
            await self.line.hang_up()
            await self.line.json("GET", _CHAPTER)
            await self.line.json("GET", "/api/v1/conversations")
            await self.line.json("GET", f"/api/v1/conversations/{self.conversation}/messages")
        await asyncio.sleep(random.uniform(1, 4))

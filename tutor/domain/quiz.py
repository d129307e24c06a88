"""Small questions whose answers a computer can judge, and how it judges them."""

import contextlib
import hashlib
import io
import tokenize
from typing import Annotated, Literal

from pydantic import Field

from tutor.domain.value import Value

Answer = tuple[str, ...]
"""What a learner answered; each kind of puzzle says what its texts are."""

GAP = "____"
"""How a gap looks where nothing can be typed into it."""


class Option(Value):
    """One of the answers to choose from."""

    text: str
    """Markdown, one line."""
    right: bool = False
    why: str = ""
    """Why it is wrong, for who chose it. Markdown; '' where the author says nothing."""


class Choice(Value):
    """Choose the one right option. An answer is its position, counted from 0."""

    type: Literal["choice"] = "choice"
    options: tuple[Option, ...]

    @property
    def answer(self) -> Answer:
        """The right one."""
        return tuple(str(place) for place, option in enumerate(self.options) if option.right)

    def accepts(self, answer: Answer) -> bool:
        """Whether it is right."""
        return answer == self.answer

    def remark(self, answer: Answer) -> str:
        """What the author says to who chose this option."""
        chosen = [option for place, option in enumerate(self.options) if answer == (str(place),)]
        return chosen[0].why if chosen else ""


class Output(Value):
    """Say what code prints. An answer is one text, all lines of it."""

    type: Literal["output"] = "output"
    source: str
    printed: str

    @property
    def answer(self) -> Answer:
        """The right one."""
        return (self.printed,)

    def accepts(self, answer: Answer) -> bool:
        """Whether it is right; blanks at the ends of lines do not count."""
        return len(answer) == 1 and _lines(answer[0]) == _lines(self.printed)


class Order(Value):
    """Put lines of code in order. An answer is the lines that are used, in their order."""

    type: Literal["order"] = "order"
    lines: tuple[str, ...]
    extras: tuple[str, ...] = ()
    """Lines that belong nowhere."""

    @property
    def answer(self) -> Answer:
        """The right one."""
        return self.lines

    def accepts(self, answer: Answer) -> bool:
        """Whether it is right. Two equal lines may change places."""
        return tuple(line.rstrip() for line in answer) == self.lines

    def shuffled(self, seed: str) -> tuple[str, ...]:
        """All lines in an order that is not the right one, and the same for the same seed."""
        every = [*self.lines, *self.extras]
        dealt = [hashlib.sha256(f"{seed}{place}".encode()).digest() for place in range(len(every))]
        mixed = tuple(line for _, line in sorted(zip(dealt, every, strict=True)))
        return mixed if mixed[: len(self.lines)] != self.lines else (*mixed[1:], mixed[0])


class Gaps(Value):
    """Fill the gaps in code. An answer is one text a gap."""

    type: Literal["gap"] = "gap"
    pieces: tuple[str, ...]
    """The code around the gaps; always one more than there are gaps."""
    gaps: tuple[tuple[str, ...], ...]
    """What is right in each gap; the first is the one to show."""

    @property
    def answer(self) -> Answer:
        """The right one."""
        return tuple(right[0] for right in self.gaps)

    def accepts(self, answer: Answer) -> bool:
        """Whether it is right; blanks and the kind of quotation marks do not count."""
        return len(answer) == len(self.gaps) and all(
            any(_tokens(told) == _tokens(one) for one in right)
            for told, right in zip(answer, self.gaps, strict=True)
        )

    def filled(self, answer: Answer) -> str:
        """The code with an answer in its gaps."""
        return "".join(a + b for a, b in zip(self.pieces, (*answer, ""), strict=True))

    @property
    def open(self) -> str:
        """The code with a line in place of every gap."""
        return self.filled((GAP,) * len(self.gaps))


Puzzle = Annotated[Choice | Output | Order | Gaps, Field(discriminator="type")]


class Quiz(Value):
    """A question on the page that is answered there."""

    kind: Literal["quiz"] = "quiz"
    id: str
    number: int
    title: str
    text: str
    """What is asked, in Markdown, without title and puzzle. May be ''."""
    puzzle: Puzzle
    why: str
    """Explains the right answer, once it was given. Markdown."""


def remark(puzzle: Puzzle, answer: Answer) -> str:
    """What the author says to this answer, or ''."""
    return puzzle.remark(answer) if isinstance(puzzle, Choice) else ""


def shown(puzzle: Puzzle) -> tuple[str, ...]:
    """The right answer as lines for people."""
    match puzzle:
        case Choice(options=options):
            return tuple(option.text for option in options if option.right)
        case Output(printed=printed):
            return tuple(printed.splitlines())
        case Order(lines=lines):
            return lines
        case Gaps() as gaps:
            return tuple(gaps.filled(gaps.answer).splitlines())


def asked(quiz: Quiz) -> str:
    """The quiz as Markdown, as a learner sees it before answering: nothing in it tells the answer."""
    match quiz.puzzle:
        case Choice(options=options):
            body = "\n".join(f"- {option.text}" for option in options)
        case Output(source=source):
            body = f"```python\n{source}\n```"
        case Order() as order:
            body = "```python\n" + "\n".join(order.shuffled(quiz.id)) + "\n```"
        case Gaps() as gaps:
            body = f"```python\n{gaps.open}\n```"
    return "\n\n".join(part for part in (f"### {quiz.title}", quiz.text, body) if part)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\r\n").rstrip().splitlines()]


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    reading = tokenize.generate_tokens(io.StringIO(text.strip()).readline)
    # A piece of code need not be whole; what was read until there is compared.
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        found.extend(token.string.replace("'", '"') for token in reading)
    return [token for token in found if token.strip()]

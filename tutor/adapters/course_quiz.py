"""A quiz cell of a notebook, made into a Quiz or into the reason why it is none."""

import re
from typing import NamedTuple

from tutor.adapters.notebook import outside_fences, split_heading
from tutor.domain.quiz import Choice, Gaps, Option, Order, Output, Puzzle, Quiz

KINDS = ("choice", "output", "order", "gap")

_WHY = re.compile(r"^\*\*Why:\*\*", re.MULTILINE)
_TASK = re.compile(r"[-*+] \[([ xX])\] +(.+)")
_BLOCK = re.compile(r"^```(\w+)[ \t]*\n(.*?)^```[ \t]*$\n?", re.MULTILINE | re.DOTALL)
_GAP = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_EXTRA = re.compile(r"\s*#\s*extra\s*$")
_LINES = range(3, 9)
_OPTIONS = range(2, 6)


class Unfit(Exception):
    """The cell is no quiz; the text says why, to its author."""


class _Rest(NamedTuple):
    """What is left of the cell's text once the puzzle is taken out."""

    puzzle: Puzzle
    text: str


def read_quiz(source: str, kind: object, *, cell_id: str, number: int) -> Quiz:
    """The quiz that the Markdown `source` holds. Raises Unfit."""
    if kind not in KINDS:
        raise Unfit(f'a quiz says its kind in its metadata: "quiz": one of {", ".join(KINDS)}')
    title, body = split_heading(source)
    if not title:
        raise Unfit("a quiz needs a heading that asks its question")
    parts = _WHY.split(body)
    if len(parts) != 2 or not parts[1].strip():
        raise Unfit("a quiz ends with one paragraph that begins with **Why:** and explains the answer")
    readers = {"choice": _choice, "output": _output, "order": _order, "gap": _gaps}
    puzzle, text = readers[str(kind)](parts[0])
    return Quiz(id=cell_id, number=number, title=title, text=text, puzzle=puzzle, why=parts[1].strip())


def _choice(body: str) -> _Rest:
    options, used = [], set[int]()
    lines = body.splitlines()
    for index, line in outside_fences(body):
        if found := _TASK.fullmatch(line.strip()):
            text, _, why = found[2].partition(" -- ")
            options.append(Option(text=text.strip(), right=found[1] != " ", why=why.strip()))
            used.add(index)
        elif options and line.strip() and line[:2] == "  " and index - 1 in used:
            raise Unfit("an option stands on one line")
    if len(options) not in _OPTIONS:
        raise Unfit(f"a choice has two to five options, `- [ ] wrong` or `- [x] right`, not {len(options)}")
    if (right := sum(option.right for option in options)) != 1:
        raise Unfit(f"a choice has one right option, `- [x]`; this one has {right}")
    if len({option.text for option in options}) < len(options):
        raise Unfit("two options are the same")
    text = "\n".join(line for index, line in enumerate(lines) if index not in used)
    return _Rest(Choice(options=tuple(options)), text.strip())


def _output(body: str) -> _Rest:
    source, rest = _take(body, "python")
    printed, rest = _take(rest, "text")
    return _Rest(Output(source=source, printed=printed), rest.strip())


def _order(body: str) -> _Rest:
    source, rest = _take(body, "python")
    every = [line.rstrip() for line in source.splitlines() if line.strip()]
    lines = tuple(line for line in every if not _EXTRA.search(line))
    extras = tuple(_EXTRA.sub("", line) for line in every if _EXTRA.search(line))
    if len(lines) not in _LINES:
        raise Unfit(f"an order has three to eight lines that belong, not {len(lines)}")
    if set(lines) & set(extras):
        raise Unfit("an extra line is the same as one that belongs")
    return _Rest(Order(lines=lines, extras=extras), rest.strip())


def _gaps(body: str) -> _Rest:
    source, rest = _take(body, "python")
    pieces = _GAP.split(source)
    gaps = tuple(tuple(one.strip() for one in told.split("||")) for told in pieces[1::2])
    if not gaps:
        raise Unfit("a gap is written {{answer}} or {{answer||other right answer}}; there is none")
    if any(not one or "\n" in one for gap in gaps for one in gap):
        raise Unfit("a gap needs its answer, on one line: {{answer}}")
    return _Rest(Gaps(pieces=tuple(pieces[::2]), gaps=gaps), rest.strip())


def _take(body: str, language: str) -> tuple[str, str]:
    """The only block of this language, and the text without it."""
    found = [block for block in _BLOCK.finditer(body) if block[1] == language]
    if len(found) != 1:
        raise Unfit(f"this kind of quiz needs one ```{language} block; it has {len(found)}")
    block = found[0]
    return block[2].rstrip("\n"), body[: block.start()] + body[block.end() :]

"""Runs the code of a chapter, in a Python of its own: by CPython as a script, or inside Pyodide.

It keeps to the standard library and imports nothing of the project. It reads steps as JSON, and answers each
with one line of JSON, so that a step that never ends can be told from those before it.
"""

import builtins
import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

MAX_PRINTED = 20_000
"""Characters of output that are told of a run."""

Space = dict[str, Any]
Run = dict[str, str | None]
"""`error`: name and text, or None; `printed`: what went to standard output."""


class Given(Space):
    """As in the learners' browser: the first assignment to some names gives them a check's value."""

    def __init__(self, before: Space, given: Space) -> None:
        super().__init__(before)
        self.given = given

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, self.given.pop(name, value))


class Left(Space):
    """What code leaves, for a check."""

    def __missing__(self, name: str) -> object:
        raise AssertionError(
            f"With other values, {name} gets no value. Which way through your code leaves it out?"
        )


def answers(steps: list[dict[str, Any]]) -> Iterator[list[Run]]:
    """The runs of each step, in order.

    A step is `{"kind": "cell" | "exercise" | "alone", "parts": [{"source": ..., "input": [...]}, ...]}`.
    Cells share their variables. An exercise, whose first part is the learner's code and whose others are
    checks, runs twice: alone, and on a copy of what the cells before it left.
    """
    chapter: Space = {"__name__": "__main__"}
    for step in steps:
        first = step["parts"][0]
        if step["kind"] == "cell":
            yield [_run(first, chapter)[0]]
        elif step["kind"] == "alone":
            yield [_run(first, {"__name__": "__main__"})[0]]
        else:
            yield [_exercise(step["parts"], {"__name__": "__main__"}), _exercise(step["parts"], chapter)]


def _exercise(parts: list[dict[str, Any]], before: Space) -> Run:
    """A check with lines of input of its own has the learner's code run again, with these lines typed."""
    code, *checks = parts
    space = dict(before)
    told, _ = _run(code, space)
    space["_output"] = told["printed"]
    again_with = space["_again"] = _again(code, before)
    for check in checks:
        if told["error"] is not None:
            return told
        if check["input"]:
            again = dict(before)
            ran, left = _run({"source": code["source"], "input": check["input"]}, again)
            again["_output"], again["_again"] = ran["printed"], again_with
            told = _run({"source": check["source"], "input": left}, again)[0] if not ran["error"] else ran
        else:
            told, _ = _run(check, space)
    return told


def _again(code: dict[str, Any], before: Space) -> Callable[..., Space]:
    """For a check: a call that runs the learner's code with other values, and gives what it leaves."""

    def run(**given: object) -> Space:
        space = Given(before, given)
        told, _ = _run(code, space)
        if told["error"] is not None:
            raise AssertionError(f"With {given}, it stops: {told['error']}")
        if space.given:
            raise AssertionError(f"Keep the line that gives {' and '.join(space.given)} a value, and use it.")
        return Left(space, _output=told["printed"])

    return run


def _run(part: dict[str, Any], space: Space) -> tuple[Run, list[str]]:
    """Run one piece of code; gives what it did, and the lines that it did not read."""
    lines: list[str] = list(part["input"])

    def typed(prompt: object = "", /) -> str:
        print(prompt)  # as a screen shows it, without what is typed
        if not lines:
            raise EOFError("it asks for more lines than its `input` gives")
        return lines.pop(0)

    builtins.input = typed
    error = None
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            exec(compile(part["source"], "<cell>", "exec"), space)  # noqa: S102 - that is what it is for
        except BaseException as raised:  # noqa: BLE001 - a cell may raise anything
            error = f"{type(raised).__name__}: {raised}"
    return {"error": error, "printed": out.getvalue()[:MAX_PRINTED]}, lines


def main() -> None:
    """Steps from standard input, answers to standard output."""
    for answer in answers(json.load(sys.stdin)):
        print(json.dumps(answer), file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    main()

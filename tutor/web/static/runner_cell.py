"""Runs a learner's cells inside Pyodide.

The browser gets this file as text, and no code of the server imports it. It keeps to the standard library,
so that CPython can test it.
"""

import ast
import builtins
import json
import linecache
import sys
import traceback
import types
from collections.abc import Callable
from functools import partial
from typing import Any

from tutor.web.static.runner_screen import Screen, Stream, Tell, figures, rich

Ask = Callable[[str], str]
"""Takes a prompt, waits, and gives what the learner typed."""

_NO_INPUT = (
    "This browser cannot wait for typed input. Use a current Chrome or Edge, "
    "or write the answer into the code instead of input()."
)


class Given(dict[str, object]):
    """A namespace in which the first assignment to some names gives them a check's value."""

    def __init__(self, before: dict[str, object], given: dict[str, object]) -> None:
        super().__init__(before)
        self.given = given

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, self.given.pop(name, value))


class Left(dict[str, object]):
    """What code leaves, for a check."""

    def __missing__(self, name: str) -> object:
        raise AssertionError(
            f"With other values, {name} gets no value. Which way through your code leaves it out?"
        )


class Notebook:
    """The cells of one chapter, which share their variables. Every answer is one JSON object."""

    def __init__(self, tell: Tell, ask: Ask | None = None) -> None:
        self._screen = Screen(tell)
        self._ask = ask
        self._lines: list[str] | None = None
        self._names: set[str] = set()
        self._main = types.ModuleType("__main__")
        self._streams = Stream(self._screen, "out"), Stream(self._screen, "err")

    def open(self) -> None:
        """Take over this interpreter: `__main__`, the standard streams and `input`."""
        sys.modules["__main__"] = self._main
        sys.stdout, sys.stderr = self._streams
        builtins.input = self._input

    def run(self, name: str, source: str) -> str:
        """Run a cell among the variables of the chapter.

        Args:
            name: Stands for the file in a traceback, as `Cell 4`.
            source: Python.
        """
        self._screen.clear()
        return json.dumps(self._run(name, source, self._main.__dict__))

    def check(self, name: str, source: str, checks: str, typed: str = "[]") -> str:
        """Run an exercise and its checks on a copy of the chapter's variables.

        Args:
            name: As for `run`.
            source: The learner's code.
            checks: A JSON list of `{"source": ..., "input": [...]}`. A check with lines of input has the code
                run once more, with these lines typed.
            typed: A JSON list of the lines that are typed while the code runs.
        """
        self._screen.clear()
        before = dict(self._main.__dict__)
        space = dict(before)
        try:
            self._lines = json.loads(typed)
            answer = self._run(name, source, space)
            if not answer["ok"]:
                return json.dumps(answer)
            space["_output"] = self._screen.printed
            self._screen.quiet = True
            for number, check in enumerate(json.loads(checks), start=1):
                if (told := self._checked(name, source, number, check, space, before)) is not None:
                    return json.dumps(told)
        finally:
            self._lines = None
        return json.dumps({"ok": True, "passed": True})

    def _checked(
        self,
        name: str,
        source: str,
        number: int,
        check: dict[str, Any],
        space: dict[str, object],
        before: dict[str, object],
    ) -> dict[str, object] | None:
        """Why a check does not pass, or None where it does."""
        self._lines = list(check["input"])
        if self._lines:
            typed = ", ".join(map(repr, self._lines))
            self._screen.clear()
            self._screen.quiet = True
            space = dict(before)
            answer = self._run(name, source, space)
            if not answer["ok"]:
                reason = str(answer["error"]).splitlines()[-1]
                return {"ok": True, "passed": False, "message": f"With {typed} typed in, it stops: {reason}"}
            space["_output"] = self._screen.printed
        space["_again"] = partial(self._again, name, source, before)
        try:
            exec(self._compiled(f"Check {number}", check["source"], "exec"), space)  # noqa: S102 - in the browser
        except BaseException as error:  # noqa: BLE001 - learner's code may raise anything
            return {"ok": True, "passed": False, **self._failed(error)}
        return None

    def _again(self, name: str, source: str, before: dict[str, object], /, **given: object) -> Left:
        """For a check: what the learner's code leaves when it begins with other values, `_output` too.

        Raises:
            AssertionError: The code stops, or gives one of the names no value; in words for the learner.
        """
        told = ", ".join(f"{one} = {value!r}" for one, value in given.items())
        self._screen.clear()
        self._screen.quiet = True
        space = Given(before, given)
        answer = self._run(name, source, space)
        if not answer["ok"]:
            raise AssertionError(f"With {told}, it stops: {str(answer['error']).splitlines()[-1]}")
        if space.given:
            raise AssertionError(f"Keep the line that gives {' and '.join(space.given)} a value, and use it.")
        return Left(space, _output=self._screen.printed)

    def _run(self, name: str, source: str, space: dict[str, object]) -> dict[str, object]:
        self._names.add(name)
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        try:
            value = self._evaluated(name, source, space)
            self._screen.flush()
            for kind, data in rich(value):
                self._screen.picture(kind, data)
                break
            else:
                if value is not None:
                    self._screen.show("value", repr(value))
            for figure in figures():
                self._screen.picture("png", figure)
        except SystemExit:
            self._screen.show("err", "The program ended itself here.\n")
        except BaseException as error:  # noqa: BLE001 - learner's code may raise anything
            return {"ok": False, **self._told(error)}
        finally:
            self._screen.flush()
        return {"ok": True}

    def _evaluated(self, name: str, source: str, space: dict[str, object]) -> object:
        """The value of the last line, where that is an expression; None otherwise."""
        tree = ast.parse(source, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(self._compiled(name, tree, "exec"), space)  # noqa: S102 - in the browser
        if not isinstance(last, ast.Expr):
            return None
        return eval(self._compiled(name, ast.Expression(last.value), "eval"), space)  # noqa: S307

    @staticmethod
    def _compiled(name: str, source: str | ast.Module | ast.Expression, mode: str) -> types.CodeType:
        # Without dont_inherit, this file's own __future__ imports would reach the learner's code.
        code: types.CodeType = compile(source, name, mode, dont_inherit=True)
        return code

    def _told(self, error: BaseException) -> dict[str, object]:
        """An error as Python tells it, with none but the learner's own lines."""
        report = traceback.TracebackException.from_exception(error)
        self._trim(report)
        told = "".join(report.format()).rstrip()
        if isinstance(error, ModuleNotFoundError):
            # Pyodide adds how to install packages, which cannot be done here.
            told = told.split("\nThe module ")[0].split("\nSee http")[0]
        kind = type(error).__name__
        line = report.lineno if isinstance(error, SyntaxError) else _line(report)
        return {"error": told, "name": kind, "line": None if line is None else int(line)}

    def _trim(self, report: traceback.TracebackException) -> None:
        frames = [frame for frame in report.stack if frame.filename in self._names]
        report.stack = traceback.StackSummary.from_list(frames)
        for other in (report.__cause__, report.__context__):
            if other is not None:
                self._trim(other)

    def _failed(self, error: BaseException) -> dict[str, object]:
        """Why a check did not pass, in words for the learner."""
        told = self._told(error)
        if isinstance(error, AssertionError):
            return {"message": str(error) or "One of the checks does not pass yet."}
        short = traceback.format_exception_only(error)[-1].strip()
        where = f" (line {told['line']} of your code)" if told["line"] else ""
        return {"message": f"The check stopped with {short}{where}"}

    def _input(self, prompt: object = "", /) -> str:
        self._screen.show("out", str(prompt))
        self._screen.flush()
        if self._lines is not None:
            if not self._lines:
                raise EOFError("the check has typed all its lines, and the code asks for one more")
            line = self._lines.pop(0)
            self._screen.echo(line)
            return line
        if self._ask is None:
            raise RuntimeError(_NO_INPUT)
        answer = self._ask(str(prompt))
        self._screen.echo(answer)
        return answer


def _line(report: traceback.TracebackException) -> int | None:
    return report.stack[-1].lineno if report.stack else None

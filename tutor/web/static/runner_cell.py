"""Runs a learner's cells inside Pyodide.

The browser gets this file as text, and no code of the server imports it. It keeps to the standard library,
so that CPython can test it.
"""

import ast
import builtins
import io
import json
import linecache
import sys
import time
import traceback
import types
from collections.abc import Callable, Sequence

MAX_CHARS = 100_000
MAX_LINES = 2_000
_AT_ONCE = 2_000
"""So many pieces of output leave at once; later ones together, every 50 ms."""

Tell = Callable[[str, str], object]
"""Takes the kind (`out`, `err`, `in`, `value`, `cut`) and the text of a piece of output."""
Ask = Callable[[str], str]
"""Takes a prompt, waits, and gives what the learner typed."""

_NO_INPUT = (
    "This browser cannot wait for typed input. Use a current Chrome or Edge, "
    "or write the answer into the code instead of input()."
)


class Screen:
    """What one run shows, up to a limit."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.clear()

    def clear(self) -> None:
        """A new run begins."""
        self._chars = self._lines = self._sent = 0
        self._waiting: list[str] = []
        self._kind = "out"
        self._last = 0.0
        self._printed: list[str] = []
        self.full = self.muted = False

    @property
    def printed(self) -> str:
        """What went to standard output, as far as it was shown."""
        return "".join(self._printed)

    def show(self, kind: str, text: str) -> None:
        """Add a piece of output. It stays in the order of the calls, whatever the kinds are."""
        if self.full or self.muted or not text:
            return
        kept = text[: MAX_CHARS - self._chars]
        kept = "".join(kept.splitlines(keepends=True)[: MAX_LINES - self._lines])
        self._chars += len(kept)
        self._lines += kept.count("\n")
        if kind != self._kind:
            self.flush()
            self._kind = kind
        self._waiting.append(kept)
        if kind == "out":
            self._printed.append(kept)
        self.full = len(kept) < len(text) or self._lines >= MAX_LINES
        if self.full or self._sent < _AT_ONCE or time.monotonic() - self._last > 0.05:
            self.flush()
        if self.full:
            self._tell("cut", "")

    def flush(self) -> None:
        """Let go of what waits."""
        if self._waiting:
            self._tell(self._kind, "".join(self._waiting))
            self._waiting.clear()
            self._sent += 1
            self._last = time.monotonic()


class Stream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of a cell."""

    encoding = "utf-8"

    def __init__(self, screen: Screen, kind: str) -> None:
        self._screen = screen
        self._kind = kind

    def writable(self) -> bool:
        """As a text stream says it."""
        return True

    def write(self, text: str) -> int:
        """Show a text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._screen.show(self._kind, text)
        return len(text)

    def flush(self) -> None:
        """Show what waits."""
        self._screen.flush()


class Notebook:
    """The cells of one chapter, which share their variables. Every answer is one JSON object."""

    def __init__(self, tell: Tell, ask: Ask | None = None) -> None:
        self._screen = Screen(tell)
        self._ask = ask
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

    def check(self, name: str, source: str, checks: Sequence[str]) -> str:
        """Run an exercise and its checks on a copy of the chapter's variables."""
        self._screen.clear()
        space = dict(self._main.__dict__)
        answer = self._run(name, source, space)
        if not answer["ok"]:
            return json.dumps(answer)
        space["_output"] = self._screen.printed
        self._screen.muted = True
        for number, check in enumerate(checks, start=1):
            try:
                exec(self._compiled(f"Check {number}", check, "exec"), space)  # noqa: S102 - in the browser
            except BaseException as error:  # noqa: BLE001 - learner's code may raise anything
                return json.dumps({"ok": True, "passed": False, **self._failed(error)})
        return json.dumps({"ok": True, "passed": True})

    def _run(self, name: str, source: str, space: dict[str, object]) -> dict[str, object]:
        self._names.add(name)
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        try:
            value = self._evaluated(name, source, space)
            if value is not None:
                self._screen.flush()
                self._screen.show("value", repr(value))
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
        if self._ask is None:
            raise RuntimeError(_NO_INPUT)
        answer = self._ask(str(prompt))
        self._screen.show("in", f"{answer}\n")
        return answer


def _line(report: traceback.TracebackException) -> int | None:
    return report.stack[-1].lineno if report.stack else None

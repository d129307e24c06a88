"""The Python side of the runner, in CPython: what a cell shows, tells and leaves behind."""

import builtins
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tutor.web.static.runner_cell import Notebook
from tutor.web.static.runner_screen import MAX_CHARS, MAX_LINES


class Desk:
    """A notebook with everything that it shows."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []
        self.book = Notebook(lambda kind, text: self.shown.append((kind, text)), lambda _: "Ada")

    def _answer(self, method: Callable[..., str], *args: object) -> dict[str, Any]:
        self.shown.clear()
        before = sys.stdout, sys.stderr, builtins.input
        self.book.open()
        try:
            answer: dict[str, Any] = json.loads(method(*args))
        finally:
            sys.stdout, sys.stderr, builtins.input = before
        return answer

    def run(self, source: str, name: str = "Cell 1") -> dict[str, Any]:
        """The answer of a cell."""
        return self._answer(self.book.run, name, source)

    def check(self, source: str, *checks: str) -> dict[str, Any]:
        """The answer of an exercise."""
        told = [{"source": check, "input": []} for check in checks]
        return self._answer(self.book.check, "Cell 1", source, json.dumps(told))

    def typed(self, source: str, lines: list[str], *checks: tuple[str, list[str]]) -> dict[str, Any]:
        """The answer of an exercise into which lines are typed; each check has lines of its own."""
        told = [{"source": check, "input": own} for check, own in checks]
        return self._answer(self.book.check, "Cell 1", source, json.dumps(told), json.dumps(lines))

    def text(self, kind: str = "out") -> str:
        """All that was shown of a kind."""
        return "".join(text for one, text in self.shown if one == kind)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A notebook; afterwards this interpreter is as it was."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    return Desk()


def test_kinds_stay_in_order_and_the_last_value_is_shown(desk: Desk) -> None:
    """Errors and output would be shuffled, or a notebook's value missing."""
    source = "import sys\nprint('a', end='')\nprint('b', file=sys.stderr)\nprint('c')\n[1, 'x']"
    assert desk.run(source) == {"ok": True}
    assert desk.text("value") == "[1, 'x']"
    assert [kind for kind, text in desk.shown if text.strip()] == ["out", "err", "out", "value"]


def test_cells_share_their_variables(desk: Desk) -> None:
    """The second cell of a lesson would not know the first."""
    desk.run("def double(x):\n    return 2 * x\nn = 4")
    desk.run("print(double(n))", "Cell 2")
    assert desk.text() == "8\n"


def test_a_traceback_holds_only_the_learners_lines(desk: Desk) -> None:
    """A beginner would read the inside of the runner and of the library."""
    desk.run("import json\ndef read(text):\n    return json.loads(text)")
    answer = desk.run("read('{')", "Cell 2")
    files = [line.split('"')[1] for line in answer["error"].splitlines() if line.startswith("  File")]
    assert files == ["Cell 2", "Cell 1"]
    assert answer["name"] == "JSONDecodeError"
    assert "    return json.loads(text)" in answer["error"]


@pytest.mark.parametrize(
    ("source", "name", "line"),
    [
        ("x = 1\nprint(y)", "NameError", 2),
        ("print('a'\n", "SyntaxError", 1),
        ("if 1:\nprint()", "IndentationError", 2),
        ("def f(n): return f(n + 1)\nf(0)", "RecursionError", 1),
        ("raise ValueError", "ValueError", 1),
        ("class Odd:\n    def __repr__(self): return 1 / 0\nOdd()", "ZeroDivisionError", 2),
    ],
)
def test_an_error_names_its_line(desk: Desk, source: str, name: str, line: int) -> None:
    """The page could not mark the line in the editor."""
    answer = desk.run(source)
    assert (answer["ok"], answer["name"], answer["line"]) == (False, name, line)


@pytest.mark.parametrize(
    "source",
    [
        "print('x' * 10_000_000)",
        "for n in range(200_000): print(n)",
        "for _ in range(300_000): print(end='x')",
    ],
)
def test_endless_output_is_cut_with_a_notice(desk: Desk, source: str) -> None:
    """A million prints would freeze the page."""
    assert desk.run(source) == {"ok": True}
    assert len(desk.text()) <= MAX_CHARS
    assert desk.text().count("\n") <= MAX_LINES
    assert len(desk.shown) < 5_000
    assert desk.shown[-1] == ("cut", "")


def test_output_is_not_held_back(desk: Desk) -> None:
    """What was printed before an endless loop would never be seen."""
    seen = []
    desk.book._main.__dict__["look"] = lambda: seen.append(desk.text())
    desk.run("print('before')\nlook()")
    assert seen == ["before\n"]


def test_exit_ends_the_cell_and_not_python(desk: Desk) -> None:
    """`exit()` would take the variables of the chapter with it."""
    assert desk.run("n = 1\nimport sys\nsys.exit()") == {"ok": True}
    assert desk.run("n") == {"ok": True}
    assert desk.text("value") == "1"


def test_input_shows_prompt_and_answer(desk: Desk) -> None:
    """A transcript without the answer cannot be read afterwards."""
    desk.run("name = input('Who? ')\nprint('Hi', name)")
    assert "".join(text for _, text in desk.shown) == "Who? Ada\nHi Ada\n"
    assert desk.text("in") == "Ada\n"


def test_input_without_a_way_to_wait_says_so(desk: Desk) -> None:
    """A browser that cannot wait would hang at `input()`."""
    desk.book = Notebook(lambda *_: None)
    assert "cannot wait for typed input" in desk.run("input()")["error"]


def test_a_check_sees_variables_and_output(desk: Desk) -> None:
    """Checks would pass or fail whatever the learner wrote."""
    checks = ("assert total == 9, f'total is {total}'", "assert _output == '9\\n', 'Now print it.'")
    assert desk.check("total = 9\nprint(total)", *checks) == {"ok": True, "passed": True}
    assert desk.check("total = 9", *checks)["message"] == "Now print it."
    assert desk.check("total = 8", *checks)["message"] == "total is 8"


def test_a_check_leaves_no_trace(desk: Desk) -> None:
    """Names of a check would turn up in the learner's cells, and its prints in the output."""
    desk.run("n = 1")
    desk.check("n = 2\nprint(n)", "_secret = 1\nprint('inside')")
    assert desk.text() == "2\n"
    assert desk.run("_secret")["name"] == "NameError"
    desk.run("n")
    assert desk.text("value") == "1"


def test_a_check_that_cannot_end_tells_why(desk: Desk) -> None:
    """A function that fails inside a check would leave the learner without a word."""
    answer = desk.check("def half(n):\n    return n / 0", "assert half(2) == 1")
    assert (
        answer["message"]
        == "The check stopped with ZeroDivisionError: division by zero (line 2 of your code)"
    )
    assert "NameError: name 'half'" in desk.check("", "assert half(2) == 1")["message"]


def test_code_that_fails_is_not_checked(desk: Desk) -> None:
    """The learner would be told of a check instead of their own error."""
    answer = desk.check("1 / 0", "assert False, 'checked'")
    assert (answer["ok"], answer["name"]) == (False, "ZeroDivisionError")
    assert "passed" not in answer


GREET = "name = input('Who? ')\nprint('Hello', name)"


def test_lines_are_typed_while_an_exercise_is_checked(desk: Desk) -> None:
    """A check would wait for a keyboard that nobody uses, or see other output than `courses check`."""
    same = "assert _output == 'Who? \\nHello Ada\\n', repr(_output)"
    other = "assert _output == 'Who? \\nHello Bob\\n', repr(_output)\nassert input() == 'Eve'"
    assert desk.typed(GREET, ["Ada"], (same, []), (other, ["Bob", "Eve"])) == {"ok": True, "passed": True}
    assert desk.text() == "Who? Hello Ada\n"
    assert desk.text("in") == "Ada\n"
    assert "asks for one more" in desk.typed(GREET, [], (same, []))["error"]
    only_ada = GREET + "\nassert name == 'Ada'"
    told = desk.typed(only_ada, ["Ada"], (same, []), (other, ["Bob"]))
    assert (told["passed"], told["message"]) == (False, "With 'Bob' typed in, it stops: AssertionError")


SUM = "a = 1\nb = 2\ntotal = a + b\nprint(total)"


def test_a_check_tries_other_values(desk: Desk) -> None:
    """An answer that is right by chance, such as `total = 3`, would pass."""
    tries = (
        "assert _again(a=5)['total'] == 7\nassert _again(a=5, b=6)['_output'] == '11\\n'\nassert total == 3"
    )
    assert desk.check(SUM, tries) == {"ok": True, "passed": True}
    assert desk.text() == "3\n", "what is tried is not the learner's output"
    assert desk.check(SUM.replace("a + b", "3"), "assert _again(a=5)['total'] == 7, 'five and two'") == {
        "ok": True,
        "passed": False,
        "message": "five and two",
    }
    grown = "a = 1\na += 1\ntotal = a"
    assert desk.check(grown, "assert _again(a=5)['total'] == 6") == {"ok": True, "passed": True}
    assert desk.check("total = 1", "_again(a=5)")["message"].startswith("Keep the line that gives a a value")
    told = desk.check("a = 1\nif a < 3:\n    b = 2", "assert _again(a=5)['b'] == 2")["message"]
    assert told.startswith("With other values, b gets no value")
    told = desk.check("a = 1\nb = 6 / a", "_again(a=0)")["message"]
    assert told == "With a = 0, it stops: ZeroDivisionError: division by zero"


def test_rich_values_are_drawn(desk: Desk) -> None:
    """A table or a picture would show as `<object at 0x7f...>`."""
    desk.run("class Table:\n    def _repr_html_(self): return '<b>1</b>'\nTable()")
    assert desk.shown == [("html", "<b>1</b>")]
    desk.run("class Dot:\n    def _repr_png_(self): return b'png'\nDot()")
    assert desk.shown == [("png", "cG5n")]
    desk.run("class Big:\n    def _repr_html_(self): return 'x' * 3_000_001\nBig()")
    assert desk.shown == [("err", "This result is too large to be shown.\n")]
    desk.run("Table")
    assert desk.text("value") == "<class '__main__.Table'>"

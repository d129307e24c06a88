"""Reading Python's error messages."""

import pytest

from tutor.domain.traceback import error_names, read_error, same_kind

CODE = "items = [1]\nfor i in range(3):\n    print(items[i])"
TRACE = """Traceback (most recent call last):
  File "/lib/python312.zip/_pyodide/_base.py", line 597, in eval_code_async
    await CodeRunner(
  File "<exec>", line 3, in <module>
IndexError: list index out of range
"""


@pytest.mark.parametrize(
    ("text", "code", "name", "line", "source"),
    [
        (TRACE, CODE, "IndexError", 3, "print(items[i])"),
        ("IndexError: list index out of range", CODE, "IndexError", None, ""),
        ("NameError: name 'totl' is not defined", "total = 1\nprint(totl)", "NameError", 2, "print(totl)"),
        ("NameError: name 'x' is not defined", "x + x\nx", "NameError", None, ""),
        (
            "  File \"<exec>\", line 1\n    for i in 3\nSyntaxError: expected ':'",
            "for i in 3",
            "SyntaxError",
            1,
            "for i in 3",
        ),
        ("KeyboardInterrupt", "", "KeyboardInterrupt", None, ""),
        ('  File "<exec>", line 99, in <module>\nValueError: no', "a = 1", "ValueError", None, ""),
        ("io.UnsupportedOperation: not writable", "", "UnsupportedOperation", None, ""),
        ("json.decoder.JSONDecodeError: Expecting value", "", "JSONDecodeError", None, ""),
    ],
)
def test_error_is_read(text: str, code: str, name: str, line: int | None, source: str) -> None:
    """A wrong name or line sends the learner to a line that is right."""
    error = read_error(text, code)
    assert error is not None
    assert (error.name, error.line, error.source) == (name, line, source)


def test_the_last_error_of_a_chain_counts() -> None:
    """What stopped the program is the last one; the first may have been handled."""
    error = read_error("KeyError: 'a'\n\nDuring handling of the above exception:\n\nTypeError: no")
    assert error is not None
    assert (error.name, error.message) == ("TypeError", "no")


@pytest.mark.parametrize("text", ["", "no error here", "Why do I get an IndexError?", "\x00" * 50])
def test_no_error_is_no_error(text: str) -> None:
    """A question about errors must not be taken for a crash of the learner's code."""
    assert read_error(text, CODE) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("I get IndexError", {"IndexError"}),
        ("what is a key error", {"KeyError"}),
        ("zero division error again", {"ZeroDivisionError"}),
        ("a nameerror and a TypeError", {"NameError", "TypeError"}),
        ("I made an error", set()),
        ("my list index error", {"IndexError"}),
    ],
)
def test_errors_are_named_as_people_say_them(text: str, names: set[str]) -> None:
    """Speech has no capitals: `key error` must find the same passage as `KeyError`."""
    assert error_names(text) == names


@pytest.mark.parametrize(
    ("message", "asks", "same"),
    [
        ("TypeError: 'module' object is not callable", "TypeError: 'int' object is not callable", False),
        ("TypeError: 'int' object is not callable", "TypeError: 'int' object is not callable?", True),
        ("TypeError: unsupported operand type(s) for *: 'int' and 'NoneType'", "sort TypeError", False),
        ("TypeError: f() takes 0 positional arguments but 1", "takes 1 positional argument but 2", True),
        ("TypeError: f() takes 0 positional arguments but 1", "missing 1 required argument", False),
        ("AttributeError: 'NoneType' object has no attribute 'left'", "module has no attribute", False),
        ("AttributeError: 'str' object has no attribute 'push'", "object has no attribute", True),
        ("KeyError: 'a'", "Why do I get KeyError?", True),
        ("IndexError: pop from empty list", "IndexError: list index out of range", False),
        ("TypeError: '<' not supported between instances of 'dict' and 'dict'",
         "'>=' not supported between instances of 'str' and 'int'", False),
    ],
)  # fmt: skip
def test_errors_of_one_kind(message: str, asks: str, same: bool) -> None:
    """A learner would be told what caused another error that only has the same name."""
    error = read_error(message)
    assert error is not None
    assert same_kind(error, asks) is same

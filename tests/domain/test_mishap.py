"""Python's own errors, as this Python words them, and what a beginner reads of them."""

import re

import pytest

from tutor.domain.mishap import MISHAPS, explained

CASES = {
    "nothing_like_it_exists": "does not know the name nothing_like_it_exists",
    "def f():\n    n += 1\nf()": "n is used before it has a value",
    "for i in range(3)\n    pass": "A colon is missing",
    "print('a)": "never ends",
    "print('''a)": "three quotation marks",
    "print((1)": "opened here, and never closed",
    "print(1))": "closing ) without",
    "print([1)": "opened with [ is closed with )",
    "a = 1\nif a = 1:\n    pass": "two: ==",
    "1 = a": "left side of = must be a name",
    "print 'a'": "needs round brackets",
    "a = [1 2]": "side by side",
    "return 1": "return stands outside",
    "break": "break stands outside",
    "2a = 1": "Python cannot read",
    "a b c": "Python cannot read this line",
    "if True:\nprint(1)": "must be indented",
    "  a = 1": "nothing above it asks",
    "if True:\n    a = 1\n  b = 2": "by a number of blanks",
    "if True:\n\ta = 1\n        b = 2": "tabs",
    "'a' + 1": "joins a text with another text",
    "1 + 'a'": "+ does not work between the types int and str",
    "1 < 'a'": "types int and str cannot be compared with <",
    "a = 1\na()": "no function: it is of the type int",
    "None[0]": "The value here is None",
    "for i in 3: pass": "the type int has none",
    "xs = []\nxs.append[1]": "called with round brackets",
    "1 < None": "None cannot be compared with <",
    "f'{1'": "not closed by a }",
    "f'1}'": "never opened by a {",
    "f'{}'": "stands nothing",
    "import io\nraise io.UnsupportedOperation('not writable')": "it is not writable",
    "def f(a=1, b): pass": "stands behind one that has a default",
    "[].pop()": "nothing can be taken out",
    "import random\nrandom.choice([])": "nothing can be taken out",
    "{1, 2}[0]": "a set has no places",
    "{}.keys()[0]": "a dict_keys has no places",
    "(3)[0]": "square brackets behind a value of the type int",
    "def f(a): pass\nf()": "needs a value for 'a'",
    "def f(a): pass\nf(1, 2)": "got 2 values, and takes 1",
    "[1]['a']": "a place in a list",
    "int('x')": "a whole number of 'x'",
    "float('1,5')": "a number of '1,5'",
    "a, b = 1, 2, 3": "number of names on the left",
    "[1].index(2)": "not in the list",
    "[1][1]": "the list is shorter",
    "{}['a']": "no key 'a'",
    "None.append": "before .append is None",
    "'a'.append": "type str has nothing that is called append",
    "1 / 0": "divided by zero",
    "def f(): f()\nf()": "calls itself again and again",
    "raise MemoryError": "not enough memory",
    "import nomodule": "no module nomodule",
    "from math import nothing": "math has nothing that is called nothing",
    "open('none')": "no file with this name",
    "raise EOFError('EOF when reading a line')": "one more input",
}


@pytest.mark.parametrize(("code", "words"), CASES.items())
def test_usual_errors_are_explained(code: str, words: str, recwarn: pytest.WarningsRecorder) -> None:
    """A learner would see the explanation of another error, words with holes, or none."""
    with pytest.raises(BaseException) as raised:  # noqa: PT011 - each case raises its own
        exec(compile(code, "<cell>", "exec"), {})
    shown = raised.value.msg if isinstance(raised.value, SyntaxError) else str(raised.value)
    recwarn.clear()
    found = explained(type(raised.value).__name__, shown)
    assert found is not None
    assert words.lower() in found.says.lower().replace("  ", " "), found.says
    assert not re.search(r"\{\d", found.says)


def test_a_suggestion_of_python_is_passed_on() -> None:
    """A learner who misspelled a name would be told to look for it elsewhere."""
    found = explained("NameError", "name 'totl' is not defined. Did you mean: 'total'?")
    assert found is not None
    assert found.says == "Python does not know the name totl. It knows total."


def test_the_catalogue_holds_the_usual_ones_and_each_is_tried() -> None:
    """An entry that never fits would stand there unseen."""
    assert len(MISHAPS) >= 30
    assert len({(one.error, one.match) for one in MISHAPS}) == len(MISHAPS)
    assert explained("KeyboardInterrupt", "") is None

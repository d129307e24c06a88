"""What the guide says of a learner's code must be true of it, and must not be said of sound code."""

# ruff: noqa: E501 (a row of code, name and words is found best in one line)

from pathlib import Path

import pytest

from tutor.adapters.courses import FolderCourses
from tutor.domain.course import Exercise
from tutor.domain.observation import _words
from tutor.domain.observed import observed, pointed_at

COURSES = FolderCourses(Path(__file__).parents[2] / "courses")
HALVES = (
    "def find(xs, x):\n    low, high = 0, len(xs) - 1\n    while low <= high:\n        middle = (low + high) // 2\n"
    "        if xs[middle] == x:\n            return middle\n        if xs[middle] < x:\n            low = middle + 1\n"
    "        else:\n            high = middle - 1\n    return -1\n"
)
SEEN = [
    ("endless-while", "n = 0\nwhile n < 5:\n    print(n)", "asks about `n`"),
    ("always-true-while", "while True:\n    print('hi')", "is always true"),
    ("wrong-way", "n = 5\nwhile n > 0:\n    n += 1", "makes `n` larger"),
    ("reset-in-loop", "for x in [1, 2]:\n    total = 0\n    total += x", "begins again from `0`"),
    ("replaced-in-loop", "total = 0\nfor x in [1, 2]:\n    total = x", "replaces what `total` held"),
    ("count-not-raised", "c = {}\nfor w in 'ab':\n    c[w] = 1", "writes the value 1"),
    ("stops-early", "def f(xs):\n    for x in xs:\n        return x", "ends in the first pass"),
    ("never-runs", "def f():\n    return 1\n    print(2)", "Line 3, `print(2)`, never runs"),
    ("bare-value-in-condition", "c = 'red'\nif c == 'red' or 'blue':\n    pass", "stands alone"),
    ("branch-never-runs", "n = 5\nif n > 1:\n    pass\nelif n > 3:\n    pass", "line 4 can never run"),
    ("separate-ifs", "n = 5\nif n > 3:\n    pass\nif n > 1:\n    pass", "two separate questions about `n`"),
    ("changed-while-looping", "xs = [1]\nfor x in xs:\n    xs.remove(x)", "the loop skips some"),
    ("for-in-number", "for i in 5:\n    print(i)", "That is one number"),
    ("past-the-end", "xs = [1]\nfor i in range(len(xs) + 1):\n    print(xs[i])", "end one before its length"),
    ("only-comments", "# print(5)\n\n# print(6)", "Python skips all of it"),
    ("word-of-python", "class = 5\nprint(class)", "`class` on line 1 is a word of Python itself"),
    ("word-of-python", "for in in [1]:\n    print(1)", "`in` on line 1"),
    ("border", "age = 18\nif age <= 18:\n    print(5)", "is true for 18 itself"),
    ("border", "age = 18\nif age < 18:\n    print(5)", "is false for 18 itself"),
    ("none-of-a-text", "for n in range(3):\n    print('*' * n)", "is 0 in the first pass"),
    ("own-result-dropped", "def flat(xs):\n    out = []\n    for x in xs:\n        if isinstance(x, list):\n            flat(x)\n        out.append(x)\n    return out", "`flat(x)` on line 5 gives something back"),
    ("own-result-dropped", "def put(d, x):\n    d['a'] = x\n    return d\nd = put({}, 1)\nput(d, 2)", "nobody keeps it"),
    ("keys-only", "ages = {'Ana': 3}\nfor name, age in ages:\n    print(name)", "gives only the keys"),
    ("two-words-as-name", "ticket-price = 4", "stands `ticket-price`"),
    ("two-words-as-name", "ticket price = 4", "stands `ticket price`"),
    ("one-border-of-two", "i = j = 0\nwhile i < len(a) or j < len(b):\n    i += 1\n    j += 1", "one of its two conditions"),
    ("always-one-of-two", "age = int(input())\nif age >= 13 or age <= 19:\n    print(1)", "is true for every value"),
    ("always-one-of-two", "a = input()\nwhile a != 'y' or a != 'n':\n    a = input()", "is true for every value"),
    ("never-both", "n = int(input())\nif n < 1 and n > 9:\n    print(1)", "is true for no value"),
    ("never-both", "c = input()\nif c == 'red' and c == 'blue':\n    print(1)", "is true for no value"),
    ("characters-one-by-one", "with open('a') as f:\n    for line in f.read():\n        print(line)", "gets one character"),
    ("characters-one-by-one", "word = 'tea'\nfor line in word:\n    print(line)", "gets one character"),
    ("capitals-differ", "t = 'Good Morning'\nprint(t.find('morning'))", "capital letters make a difference"),
    ("capitals-differ", "print('a' in 'ABC')", "capital letters make a difference"),
    ("text-cannot-be-mixed", "import random\nw = 'tea'\nrandom.shuffle(w)", "`w` is a text"),
    ("empty-range", "for i in range(5, 0):\n    print(i)", "has no values at all"),
    ("range-stop", "for i in range(1, 10):\n    print(i)", "begins with 1, and its last value is 9"),
    ("print-in-loop", "t = 0\nfor i in [1]:\n    t += i\n    print(t)", "once in every pass"),
    ("text-meets-number", "age = input('Age? ')\nif age > 17:\n    pass", "`input` always gives text"),
    ("text-meets-number", "print('Age: ' + 5)", "`5` is a number"),
    ("joined-digits", "a = '12'\nb = '30'\nprint(a + b)", "'1230'"),
    ("result-dropped", "name = 'ada'\nname.upper()", "`name` stays as it was"),
    ("value-dropped", "n = '5'\nint(n)", "gives back a new value"),
    ("asks-instead-of-gives", "x = 1\nx == 2", "does nothing with the answer"),
    ("not-called", "def hi():\n    print('hi')\nhi", "without round brackets"),
    ("not-called", "name = 'ada'\nprint(name.upper)", "`upper` without round brackets"),
    ("no-object", "class A:\n    pass\na = A", "makes no object"),
    ("nothing-back", "xs = [2, 1]\nxs = xs.sort()", "So `xs` is `None`"),
    ("nothing-back", "import random\nxs = [1]\nxs = random.shuffle(xs)", "gives `None` back"),
    ("print-gives-none", "x = print(5)", "So `x` is `None`"),
    ("braces-without-f", "name = 'Ada'\nprint('Hi {name}')", "holds `{name}`"),
    ("shadowed", "sum = 5\nprint(sum([1]))", "no longer Python's own `sum`"),
    ("odd-sign", "n = 1\nn =+ 2", "its old value is lost"),
    ("module-missing", "import math\nprint(sqrt(9))", "its name is `math.sqrt`"),
    ("nearly-a-name", "total = 1\nprint(totl)", "there is `total`"),
    ("nearly-a-name", "Print(5)", "there is `print`"),
    ("cannot-change", "t = 'abc'\nt[0] = 'x'", "a text cannot be changed"),
    ("no-such-key", "d = {'a': 1}\nprint(d['b'])", "Its keys are `'a'`"),
    ("no-such-place", "xs = [1, 2, 3]\nprint(xs[3])", "its places go from 0 to 2"),
    ("two-names", "a = [1]\nb = a\nb.append(2)", "two names for the same list"),
    ("no-return", "def f(x):\n    print(x)\ny = f(1)", "shows its result with `print`"),
    ("never-called", "def f(x):\n    return x", "no line of this code calls it"),
    (
        "number-of-values",
        "def f(a, b):\n    return a\nf(1)",
        "takes 2 values (line 1), and line 3 hands over 1 value.",
    ),
    ("shared-default", "def f(x, xs=[]):\n    return xs", "made once"),
    ("shared-by-objects", "class A:\n    xs = []", "all objects share it"),
    ("no-base-case", "def f(n):\n    return f(n - 1)", "calls itself"),
    (
        "call-forgotten",
        "def f(n):\n    if n:\n        f(n - 1)\n    return n",
        "does nothing with what it gives back",
    ),
    ("no-self", "class A:\n    def go():\n        pass", "has no `self`"),
    (
        "lost-attribute",
        "class A:\n    def __init__(self):\n        self.n = 0\n    def up(self):\n        n = 1",
        "`self.n`",
    ),
    ("str-gives-nothing", "class A:\n    def __str__(self):\n        print('a')", "gives no text back"),
    ("file-closed", "with open('a') as f:\n    pass\nprint(f.read())", "the file is closed"),
    (
        "no-new-line",
        "with open('a', 'a') as f:\n    for x in 'ab':\n        f.write(x)",
        "begins no new line",
    ),
    (
        "emptied",
        "def save(x):\n    with open('a', 'w') as f:\n        f.write(x)",
        "each time `save` is called",
    ),
    ("bare-except", "try:\n    print(1)\nexcept:\n    pass", "no error is ever shown"),
    ("brackets-of-input", "n = input(int('Age? '))", "there is no number in that text"),
    ("else-with-condition", "n = 1\nif n > 2:\n    pass\nelse n > 1:\n    pass", "no condition of its own"),
    ("else-if", "n = 1\nif n > 2:\n    pass\nelse if n > 1:\n    pass", "begins with `elif`"),
    ("odd-comparison", "n = 1\nif n => 2:\n    pass", "`<=`, `>=`, `!=`"),
    ("plus-plus", "n = 1\nn++", "`+= 1`"),
    ("and-signs", "a = 1\nif a > 0 && a < 3:\n    pass", "the words `and` and `or`"),
    ("cannot-read", "n = 1\nif n > 2\n    print(n)", "A colon is missing"),
    ("cannot-read", "print('hi'", "never closed"),
    ("border-stands", HALVES.replace("middle + 1", "middle"), "`low` to `middle` itself"),
    ("search-without-order", f"{HALVES}print(find([5, 2, 9], 2))", "`5` stands before `2`"),
    ("next-of-last", "xs = [1]\nfor i in range(len(xs)):\n    print(xs[i + 1])", "asks for a place behind `i`"),
    ("while-past-the-end", "xs = [1]\ni = 0\nwhile i <= len(xs):\n    i += xs[i]", "as large as the length"),
    ("value-as-place", "xs = [5]\nfor x in xs:\n    print(xs[x])", "not their places"),
    (
        "both-leave",
        "def has(xs, y):\n    for x in xs:\n        if x == y:\n            return True\n"
        "        else:\n            return False",
        "one on line 4, one on line 6",
    ),
    (
        "returns-at-first",
        "def place(xs, y):\n    for i in range(len(xs)):\n        if xs[i] == y:\n            return i\n    return -1",
        "at the first item that fits",
    ),
    ("float-place", "xs = [1, 2]\nprint(xs[len(xs) / 2])", "a number with a point"),
    ("inside-only", "def f():\n    total = 5\nf()\nprint(total)", "inside the function `f`"),
    ("before-its-value", "print(age)\nage = 5", "comes only on line 2"),
    ("changed-inside", "n = 0\ndef up():\n    n += 1\nup()", "a name of the function itself"),
    ("method-without-self", "class A:\n    def a(self):\n        b()\n    def b(self):\n        pass", "a method of `A`"),
    (
        "attribute-without-self",
        "class A:\n    def __init__(self):\n        self.n = 1\n    def show(self):\n        print(n)",
        "is `self.n`",
    ),
    ("special-name", "class A:\n    def _init_(self):\n        self.n = 1", "Python looks for `__init__`"),
    (
        "loop-in-loop",
        "n = 3\nfor a in range(n):\n    for b in range(4):\n        print(a, b)",
        "3 times 4 passes, 12 in all",
    ),
    ("hidden-loop", "def f(xs):\n    for x in xs:\n        print(xs.count(x))", "one after another"),
    ("pop-last", "xs = [1, 2]\nxs.pop()", "takes the last item"),
    ("same-call-again", "def f(n):\n    if n == 0:\n        return 0\n    return f(n)", "the same call again"),
    ("walks-in-circles", "def walk(p):\n    for q in roads[p]:\n        walk(q)", "walks in circles"),
    ("value-unused", "def f(n):\n    if n == 0:\n        return 1\n    n * f(n - 1)", "does nothing with it"),
    ("falls-through", "def f(n):\n    if n > 0:\n        return 1\nprint(f(-1))", "the call gives `None`"),
    ("none-after-loop", "while node:\n    node = node.left\nprint(node.value)", "asks `None` for something"),
    ("none-shown", "xs = [2, 1]\nprint(xs.sort())", "is `None`"),
    ("module-called", "import random\nprint(random(1, 6))", "the module itself"),
    ("key-called", "print(sorted(['a'], key=len()))", "wants the function itself"),
    ("lost-in-swap", "a = 1\nb = 2\na = b\nb = a", "what it has already"),
    ("worked-out-once", "p = 1\nt = p * 3\np = 2\nprint(t)", "works out `t` once"),
    ("repeated-text", "n = input()\nprint(n * 2)", "repeats the text"),
    ("first-count", "c = {}\nfor w in 'ab':\n    c[w] += 1", "nothing stands there yet"),
    ("size-changes", "d = {'a': 1}\nfor k in d:\n    del d[k]", "does not allow that"),
    ("read-twice", "with open('a') as f:\n    print(f.read())\n    print(f.read())", "nothing is left to read"),
    ("one-inner-list", "rows = [[0] * 3] * 2", "one inner list"),
    ("text-as-count", "n = input()\nfor i in range(n):\n    print(i)", "needs a whole number"),
]  # fmt: skip
SOUND = [
    "n = 0\nwhile n < 5:\n    n += 1",
    "while True:\n    if input() == 'stop':\n        break",
    "xs = [1]\nwhile xs:\n    xs.pop()",
    "def ask():\n    global done\n    done = True\ndone = False\nwhile not done:\n    ask()",
    "rows = []\nfor y in range(2):\n    row = []\n"
    "    for x in range(2):\n        row.append(x)\n    rows.append(row)",
    "best = 0\nfor x in [3, 1]:\n    if x > best:\n        best = x",
    "age = input('Age? ')\nage = int(age)\nprint(age > 17)",
    "def f(n):\n    if n == 0:\n        return 1\n    return n * f(n - 1)\nprint(f(3))",
    "class P:\n    def add(self, x):\n        self.x = x\n        return self\np = P().add(3)",
    "d = {}\nd['a'] = 1\nprint(d['a'])",
    "print('a' * 3)",
    "while not finished():\n    pass",
    f"{HALVES}print(find([2, 5, 9], 2))",
    "def put(d, x):\n    d['a'] = x\n    return d\nput({}, 2)",
    "ages = {'Ana': 3}\nfor name, age in ages.items():\n    print(name, age)",
    "cities = [('Lima', 10)]\nfor name, number in cities:\n    print(name, number)",
    "n = int(input())\nif n < 1 or n > 9:\n    print(1)\nif n >= 1 and n <= 9:\n    print(2)",
    "a = input()\nwhile a != 'y' and a != 'n':\n    a = input()\nprint(a == 'y' or a == 'j')",
    "import random\nxs = [1, 2]\nrandom.shuffle(xs)\nprint('M' in 'Morning', 'x' in 'ABC')",
    "def ask():\n    return input()\nask()",
    "for n in range(1, 3):\n    print('*' * n)",
    "while low < high:\n    middle = (low + high) // 2\n    high = middle",
    "xs = [1, 2]\nfor i in range(len(xs)):\n    if i + 1 < len(xs) and xs[i + 1] > 0:\n        print(i)",
    "xs = [1, 2]\nfor i in range(len(xs) - 1):\n    print(xs[i + 1])",
    "def f(n):\n    for x in range(n):\n        if x > 2:\n            return x\n    return None",
    "seen = set()\ndef walk(p):\n    if p in seen:\n        return\n    seen.add(p)\n    for q in roads[p]:\n        walk(q)",
    "import random\nrandom.seed(1)\nprint(sorted(['b'], key=len))",
    "d = {'a': 1}\nfor k in list(d):\n    del d[k]",
    "from collections import defaultdict\nc = defaultdict(int)\nfor w in 'ab':\n    c[w] += 1",
    "class A:\n    def __init__(self):\n        self.n = 1\n    def show(self):\n        n = self.n\n        print(n)",
]


@pytest.mark.parametrize(("name", "code", "says"), SEEN)
def test_seen(name: str, code: str, says: str) -> None:
    """The guide would overlook what a beginner gets wrong every day."""
    found = [one for one in observed(code) if one.name == name]
    assert found, observed(code)
    assert says in found[0].says
    assert found[0].ask.count("?") <= 1 or name == "cannot-read"
    assert 0 < found[0].line <= len(code.splitlines())


def test_every_kind_is_tested() -> None:
    """Words without a rule behind them, or a rule that nobody tried, would stay unnoticed."""
    assert set(_words()) == {name for name, _, _ in SEEN}


@pytest.mark.parametrize("code", SOUND)
def test_sound_code_is_left_alone(code: str) -> None:
    """A learner would hunt a mistake that is none."""
    assert not [one for one in observed(code) if one.sure]


def test_solutions_are_left_alone() -> None:
    """A rule that blames a course's own solution says something untrue, or unhelpful, of good code."""
    blamed = [
        (cell.id, one.name, one.says)
        for course in COURSES.courses()
        for chapter in course.chapters
        for cell in chapter.cells
        if isinstance(cell, Exercise)
        for one in observed(cell.solution)
        if one.sure
    ]
    assert blamed == []


@pytest.mark.parametrize(
    "code", ["", "\0", "(" * 3000, "x" * 100_000, "\n\n", "if", "\t", "'\\", "lambda: (yield)"]
)
def test_never_raises(code: str) -> None:
    """The guide is the last rung: code that no parser likes must not silence it."""
    assert isinstance(observed(code), tuple)


def test_what_may_be_meant_is_said_only_where_asked() -> None:
    """A learner with a question about something else would be told of a range that is right."""
    found = observed("for i in range(1, 10):\n    print(i * 2)")
    assert pointed_at(found, "why is the last number missing?")[0].name == "range-stop"
    assert pointed_at(found, "what is a dictionary?") == ()

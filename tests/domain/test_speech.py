"""What is spoken of an answer."""

import itertools
import random

import pytest

from tutor.domain.speech import CODE_ON_SCREEN, Sentence, SentenceCutter, speakable
from tutor.domain.spoken_code import ON_SCREEN, say_code


def stream(markdown: str, *, step: int = 1, hurry: bool = True) -> list[str]:
    """The pieces that come out when so many characters come in at a time."""
    cutter = SentenceCutter(hurry=hurry)
    said = []
    for begin in range(0, len(markdown), step):
        said += cutter.feed(markdown[begin : begin + step])
    return texts(said + cutter.flush())


def texts(said: list[Sentence]) -> list[str]:
    return [sentence.text for sentence in said]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("__init__", "dunder init"),
        ("i += 1", "i plus equals 1"),
        ("xs[-1]", "xs at minus 1"),
        ("==", "equals equals"),
        ("=", "equals"),
        ("x = 5", "x equals 5"),
        ("a = 5", "ay equals 5"),
        ("foo()", "foo"),
        ("my_list", "my list"),
        ("ValueError", "Value Error"),
        ("HTTPServer", "HTTP Server"),
        ("_private", "underscore private"),
        ("list.append", "list dot append"),
        ("xs.append(4)", "xs dot append of 4"),
        ("print(x)", "print x"),
        ('print("hi")', "print hi"),
        ("len(xs)", "len of xs"),
        ("range(1, 5)", "range of 1, 5"),
        ("foo(bar(x))", "foo of bar of x"),
        ("xs[1:3]", "xs from 1 to 3"),
        ("xs[:3]", "xs up to 3"),
        ("xs[1:]", "xs from 1 on"),
        ("xs[::-1]", "xs in steps of minus 1"),
        ("xs[1:10:2]", "xs from 1 to 10 in steps of 2"),
        ("xs[i][j]", "xs at i at j"),
        ("d['key']", "d at key"),
        ("[1, 2, 3]", "the list 1, 2, 3"),
        ("return [x]", "return the list x"),
        ("[]", "empty list"),
        ("{}", "empty dictionary"),
        ("()", "parentheses"),
        ("x = []", "x equals empty list"),
        ('""', "empty string"),
        ('"hello"', "hello"),
        (r"'\n'", "backslash n"),
        ('f"Hi {name}"', "Hi name"),
        ("for i in range(5):", "for i in range of 5"),
        ("if x == 3:", "if x equals equals 3"),
        ("while True:", "while True"),
        ("x != y", "x is not equal to y"),
        ("x <= 3", "x is less than or equal to 3"),
        ("2 ** 3", "2 to the power of 3"),
        ("7 // 2", "7 floor divided by 2"),
        ("x % 2", "x modulo 2"),
        ("*args", "star args"),
        ("**kwargs", "double star kwargs"),
        ("f(*args)", "f of star args"),
        ("3.14", "3.14"),
        ("1_000", "1000"),
        ("-1", "minus 1"),
        (":", "colon"),
        ("#", "hash"),
        ("_", "underscore"),
        ("main.py", "main dot py"),
        ("python -m venv", "python dash m venv"),
        (">>> x", "x"),
        ("@property", "at property"),
        ("x" * 61, ON_SCREEN),
        ("a\nb", ON_SCREEN),
        ("", ""),
        ("]", "closing bracket"),
    ],
)
def test_code_as_words(code, said):
    """Inline code would be read out as a row of symbols, or left out."""
    assert say_code(code) == said


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        ("", ""),
        ("   \n\n", ""),
        ("Hello.", "Hello."),
        ("Hello", "Hello."),
        ("**Bold**, *soft* and ***both***.", "Bold, soft and both."),
        ("__Bold__ and _soft_.", "Bold and soft."),
        ("~~Wrong~~ right.", "Wrong right."),
        ("# A heading\nText.", "A heading. Text."),
        ("Heading\n=======\nText.", "Heading. Text."),
        ("One\n\n---\n\nTwo", "One. Two."),
        ("- one\n- two", "one. two."),
        ("* one\n+ two", "one. two."),
        ("1. one\n2) two", "one. two."),
        ("- [x] done\n- [ ] open", "done. open."),
        ("> quoted\n> words", "quoted words."),
        ("Soft\nwrapped\nlines.", "Soft wrapped lines."),
        ("Call `foo()` twice.", "Call foo twice."),
        ("All `list`s.", "All lists."),
        ("Two ``a ` b`` ticks.", "Two ay b ticks."),
        ("A lone ` tick.", "A lone tick."),
        ("See [the docs](https://python.org/3/).", "See the docs."),
        ('See [it](https://x.org "a title") now.', "See it now."),
        ("See [f](https://x.org/a_(b)) now.", "See f now."),
        ("See [the docs][1].\n\n[1]: https://x.org", "See the docs."),
        ("See https://python.org/a_b?c=1.", "See the link."),
        ("See <https://python.org>!", "See the link!"),
        ("![A cat](cat.png)", "A cat."),
        ("Well done! 🎉👍🏽", "Well done!"),
        ("✅ Right ➡️ next", "Right next."),
        ("A note[^1].", "A note."),
        ("Line<br>break &amp; more", "Line break and more."),
        ("| a | b |\n|---|:-:|\n| 1 | `x` |", "a, b. 1, x."),
        ("```python\nx = 1\n```", CODE_ON_SCREEN),
        ("Look:\n```\nx\n```\nAnd:\n~~~\ny\n~~~\nDone.", f"Look: {CODE_ON_SCREEN} And: Done."),
        ("````\n```\nx\n```\n````\nAfter.", f"{CODE_ON_SCREEN} After."),
        ("```\nnever closed", CODE_ON_SCREEN),
        ("1. Do:\n   ```\n   x\n   ```\n2. Go.", f"Do: {CODE_ON_SCREEN} Go."),
        ("Text.\n\n    x = 1\n\nMore.", f"Text. {CODE_ON_SCREEN} More."),
        ("- one\n\n    still one\n- two", "one. still one. two."),
        ("```x = 1``` is inline.", "x equals 1 is inline."),
        ("Set __init__ and my_list in main.py.", "Set dunder init and my list in main dot py."),
        ("Call foo() here.", "Call foo here."),
        ("So x = 5 and 2 * 3 = 6.", "So x equals 5 and 2 times 3 equals 6."),
        ("If i < 5 or j >= 2.", "If i is less than 5 or j is greater than or equal to 2."),
        ("Cats, e.g. mine, i.e. two.", "Cats, for example mine, that is two."),
        ("Pi is 3.14, minus -2.", "Pi is 3.14, minus minus 2."),
        ("x \u2192 y \u2014 so.", "x to y, so."),
        (r"Not \*bold\*.", "Not bold."),
        ("$5 & 50%", "$5 and 50%."),
        ('He said "stop."', 'He said "stop."'),
        ("🎉", ""),
        ("---", ""),
    ],
)
def test_markdown_as_words(markdown, said):
    """The voice would read marks, addresses or code, or leave words out."""
    assert speakable(markdown) == said


@pytest.mark.parametrize(
    ("markdown", "pieces"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four."]),
        ("Pi is 3.14 here. Next.", ["Pi is 3.14 here.", "Next."]),
        ("Ask Dr. Smith, e.g. Today. Yes.", ["Ask Dr. Smith, for example Today.", "Yes."]),
        ("By J. Smith. Good.", ["By J. Smith.", "Good."]),
        ("Wait... it runs. Good.", ["Wait... it runs.", "Good."]),
        ("Use `a. B` now. Good.", ["Use ay dot B now.", "Good."]),
        ("See [Is it? Yes](https://x.org/a.b) now. Good.", ["See Is it? Yes now.", "Good."]),
        ('She said "Go!" Then left.', ['She said "Go!"', "Then left."]),
        ("**Note.** This is it.", ["Note.", "This is it."]),
        ("One\n\nTwo\n- three", ["One.", "Two.", "three."]),
        ("Why? because", ["Why?", "because."]),
        ("Yes (really). Go.", ["Yes (really).", "Go."]),
        ("In `main.py`. Then `x`.", ["In main dot py.", "Then x."]),
        ("Look:\n```\na. B\n```\nOk. Go.", ["Look:", CODE_ON_SCREEN, "Ok.", "Go."]),
    ],
)
def test_sentences(markdown, pieces):
    """A sentence would be spoken in halves, or wait for the end of the answer."""
    assert stream(markdown) == pieces


def test_the_first_piece_comes_early():
    """The learner would wait in silence for the end of a long first sentence."""
    cutter = SentenceCutter()
    text = "The loop never ends because nothing in it changes the number that its condition looks at"

    assert texts(cutter.feed(text)) == ["The loop never ends"] or cutter.feed(", so it goes on")
    cutter = SentenceCutter()
    opening = cutter.feed("Your loop looks at the number i, which never ")
    assert texts(opening) == ["Your loop looks at the number i,"]
    assert cutter.feed("changes, as far as I can see from here, so it") == []


def test_a_long_first_piece_ends_before_a_phrase():
    """A first sentence without a comma would keep the learner waiting while all of it is made."""
    text = "An f-string is a text with the letter f before its first quotation mark. Python reads it."
    assert stream(text)[0] == "An f-string is a text with the letter f"


@pytest.mark.parametrize("short", ["Yes.", "Sure, it does that.", "Right, so here we go then"])
def test_a_short_beginning_is_not_cut(short):
    """The voice would say one word and fall silent."""
    assert stream(short)[0].rstrip(".") == short.rstrip(".")


def test_a_long_sentence_is_cut_at_a_clause():
    """One endless sentence would be refused by a provider, or keep the voice silent for long."""
    pieces = stream("and this goes on, " * 40, hurry=False)

    assert len(pieces) > 3
    assert max(map(len, pieces)) <= 200
    assert all(piece.endswith((",", ".")) for piece in pieces)


def test_a_sentence_is_said_as_soon_as_the_next_begins():
    """Speech would lag one sentence behind the text."""
    cutter = SentenceCutter()
    assert cutter.feed("It is a list. ") == []
    assert texts(cutter.feed("Y")) == ["It is a list."]


def test_nothing_is_said_of_a_line_that_may_become_code():
    """The marks of a code block would be spoken when they arrive one at a time."""
    cutter = SentenceCutter()
    assert [piece.text for mark in ("`", "`", "`", "py", "\n") for piece in cutter.feed(mark)] == [
        CODE_ON_SCREEN
    ]
    assert cutter.feed("print(1)\n``") == []
    assert cutter.feed("`\nGood.") == []
    assert texts(cutter.flush()) == ["Good."]


ANSWER = """## Why it never ends 🎉

That happens because `i` never changes, so the **condition** `i < 10` stays true, e.g. forever.

```python
while i < 10:
    print(i)  # Never. Ends.
```

1. Add `i += 1` at the end, see [the docs](https://docs.python.org/3/a.b).

    Continued.
2. Run it again!

| Name | Meaning |
|------|---------|
| `xs[-1]` | the last |

    x = 1
> Done... really. ```y```
"""


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("text", [ANSWER, ANSWER.partition("\n\n")[2], ANSWER.replace("\n", "\r\n")])
def test_it_does_not_matter_how_the_text_arrives(seed, text):
    """The same answer would be spoken differently, depending on the network."""
    draw = random.Random(seed)
    cutter, said, begin = SentenceCutter(), [], 0
    while begin < len(text):
        end = begin + draw.choice((1, 2, 3, 7, 20, 400))
        said += cutter.feed(text[begin:end])
        begin = end

    assert texts(said + cutter.flush()) == stream(text)


@pytest.mark.parametrize("step", [1, 3, 20, 1000])
def test_a_sentence_tells_how_far_it_gets_in_the_answer(step):
    """An answer that was cut would be stored up to the wrong word."""
    text = "Use `i += 1` here. Then\nlook again.\n\n```python\ni = 1\n```\n\n- Run it.\n- Good luck"
    cutter, said = SentenceCutter(hurry=False), []
    for begin in range(0, len(text), step):
        said += cutter.feed(text[begin : begin + step])
    said += cutter.flush()

    begins = [0, *(sentence.end for sentence in said)]
    assert [text[begin:end].strip() for begin, end in itertools.pairwise(begins)] == [
        "Use `i += 1` here.",
        "Then\nlook again.",
        "```python",
        "i = 1\n```\n\n- Run it.",
        "- Good luck",
    ]


@pytest.mark.parametrize("seed", range(30))
def test_no_text_breaks_it(seed):
    """One odd answer would end the voice with a traceback, or hang it."""
    draw = random.Random(seed)
    marks = "`~*_#>-|[]()!.\\<&:; \n\ta1é🎉\"'="
    text = "".join(draw.choice(marks) for _ in range(2000))

    assert all(piece.strip() for piece in stream(text, step=draw.randint(1, 50)))
    speakable(text)

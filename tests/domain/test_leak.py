"""Answers that read out what they must not, however the text is cut up, set or disguised."""

import base64
import codecs
from collections.abc import Iterable, Sequence

import pytest

from tests.services.classroom import COURSES
from tutor.domain import instruction, prompt
from tutor.domain.chat import Brief
from tutor.domain.course import Exercise
from tutor.domain.leak import Secret, Watch, instructions, letters, solution

OWN = instructions((*prompt.own_words(), *instruction.own_words()))
RULE = "Keep to programming and to this course. Lead anything else back in one friendly sentence."
CODE = "total = 0\nfor price in prices:\n    if price < limit:\n        total += price\n"
STARTER = "total = 0\nfor price in prices:\n    ...\n"


def heard(pieces: Iterable[str], secrets: Sequence[Secret] = (OWN,), public: str = "") -> tuple[str, str]:
    """What a learner gets of an answer, and the name of what it leaked."""
    watch = Watch(secrets, public=lambda: public)
    out = ""
    for piece in pieces:
        out += watch.feed(piece)
        if watch.leaked:
            return out, watch.leaked
    return out + watch.flush(), ""


def cut(text: str, size: int) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 40, 1000])
@pytest.mark.parametrize("before", ["", "Of course. My rules: ", "Sure!\n\n> "])
def test_a_quotation_is_caught_wherever_it_is_cut(size: int, before: str) -> None:
    """A rule would reach the learner because its words came in unlucky pieces."""
    out, leaked = heard(cut(before + RULE + " And more.", size))
    assert leaked == "instructions"
    assert len(letters(out.removeprefix(before))) < 16


DISGUISES = {
    "capitals": str.upper,
    "spaces between letters": " ".join,
    "dashes between letters": "-".join,
    "one word a line": lambda text: "\n".join(f"{n}. {word}" for n, word in enumerate(text.split(), 1)),
    "bold words": lambda text: " ".join(f"**{word}**" for word in text.split()),
    "underscores": lambda text: "_" + text.replace(" ", "_") + "_",
    "wide letters": lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in text),
    "accents": lambda text: "".join(f"{c}\u0301" for c in text),
    "no width": lambda text: "\u200b".join(text),
    "emoji": lambda text: text.replace(" ", " 🌻 "),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "backwards": lambda text: text[::-1],
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 after a byte": lambda text: base64.b64encode(b"x" + text.encode()).decode(),
    "base64 in lines": lambda text: base64.encodebytes(text.encode()).decode(),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_simple_disguise_does_not_help(disguise: str) -> None:
    """Rules said with a space after each letter would be rules told."""
    text = DISGUISES[disguise](RULE)
    assert text != RULE
    assert heard(cut(text, 5))[1] == "instructions"


@pytest.mark.parametrize("flags", [{}, {"spoken": True}, {"strict": True}, {"hidden": True}])
@pytest.mark.parametrize("budget", [800, 6000])
def test_every_rule_of_a_real_prompt_is_protected(flags: dict[str, bool], budget: int) -> None:
    """A rule that is added to the prompt could be read out, because only the others are known."""
    chapter = COURSES.chapter("python-basics", "loops")
    brief = Brief(course_slug="python-basics", course_title="Python", chapter=chapter, question="?", **flags)
    rules = prompt.messages(brief, budget=budget)[0].content.partition("<data kind")[0]
    paragraphs = [part for part in rules.split("\n\n")[:-1] if len(part) > 150]
    assert paragraphs
    assert [part for part in paragraphs if heard(cut(part, 4))[1] != "instructions"] == []


@pytest.mark.parametrize(
    "answer",
    [
        'I am the teacher of the course "Python for beginners". Ask me about anything in chapter 3, "Loops".',
        "Let me explain it step by step, in plain words. What does `range(3)` print?",
        "Your loop never ends because `n` stays 1. Which line should change it?",
        "Keep to programming, I say to myself, and then I go for a walk.",
        "See [Loops, cell 4](#cell-4).\n\n```python\nfor i in range(3):\n    print(i)\n```\n",
    ],
)
@pytest.mark.parametrize("size", [1, 6, 500])
def test_an_ordinary_answer_comes_through_whole(answer: str, size: int) -> None:
    """The teacher would be cut off in mid-sentence, or a piece of the answer would be lost or doubled."""
    exercise = COURSES.chapter("python-basics", "loops").cell("countdown")
    assert isinstance(exercise, Exercise)
    secrets = (OWN, *solution(exercise.solution, exercise.starter))
    assert heard(cut(answer, size), secrets) == (answer, "")


def test_nothing_is_held_back_without_doubt() -> None:
    """Learners would wait for words that are in no rule."""
    watch = Watch((OWN, *solution(CODE, STARTER)))
    for piece in ["You ", "are ", "right: ", "the ", "loop ", "ends ", "too ", "early."]:
        assert watch.feed(piece) == piece


@pytest.mark.parametrize(
    "answer",
    [
        f"Here it is:\n```python\n{CODE}```",
        "Write `if price < limit:` and below it `total += price`.",
        "if price < limit:  # is it cheap?\n    # then it counts\n    total += price",
        "IF PRICE<LIMIT:TOTAL+=PRICE",
    ],
)
def test_a_solution_is_caught(answer: str) -> None:
    """The learner would copy the solution instead of finding it."""
    secrets = solution(CODE, STARTER)
    broken = answer.replace(" and below it ", " ")
    assert heard(cut(broken, 3), secrets)[1] == "solution"


def test_the_code_to_begin_from_is_no_secret() -> None:
    """The teacher could not speak about the code that the learner sees."""
    assert heard(cut(f"You have:\n{STARTER}What is missing?", 4), solution(CODE, STARTER))[1] == ""


@pytest.mark.parametrize(
    "public", [CODE, f"My code:\n\n{CODE}\nIs it right?", CODE.replace("\n", "  # ok\n")]
)
def test_what_the_learner_wrote_may_be_quoted(public: str) -> None:
    """A learner who solved the exercise could not talk about their own code."""
    answer = f"Right! Your code\n{CODE}adds the cheap ones."
    assert heard(cut(answer, 4), solution(CODE, STARTER), public=public) == (answer, "")


def test_going_on_from_the_learners_words_is_caught() -> None:
    """A learner who begins a sentence of the rules would get the rest of it."""
    begun, rest = RULE[:45], RULE[45:]
    assert heard(cut(begun, 4), public=f"Complete: {begun}") == (begun, "")
    assert heard(cut(begun + rest, 4), public=f"Complete: {begun}")[1] == "instructions"


def test_a_watch_without_secrets_lets_everything_out() -> None:
    """A question outside of any chapter would get no answer."""
    assert heard(["a", "", "b"], ()) == ("ab", "")

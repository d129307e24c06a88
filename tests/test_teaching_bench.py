"""The situations in which the teacher is measured, and how the guide does in them."""

import json
import re
from pathlib import Path

import pytest

from bench.situations import Situation, by_words, situations
from bench.teaching import COURSES, Judged, guide_model, of_models, share, with_guide, write
from tests.servers.openai_wire import Act, OpenAIWire
from tutor.domain.course import Exercise
from tutor.domain.observed import observed
from tutor.settings import Settings

ALL = situations()


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return with_guide(guide_model()[0], ALL)[0]


def test_there_are_enough_situations() -> None:
    """A chapter would be taught without ever being looked at."""
    assert len(ALL) >= 80
    told = {(one.course, one.chapter) for one in ALL}
    assert {("python-basics", chapter.slug) for chapter in COURSES.course("python-basics").chapters} <= told


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.question[:30])
def test_a_situation_can_happen(one: Situation) -> None:
    """A situation in a chapter or cell that is not there measures nothing."""
    chapter = COURSES.course(one.course).chapter(one.chapter)
    assert chapter is not None
    assert not one.cell or isinstance(chapter.cell(one.cell), Exercise)
    assert one.points
    for _, pattern in (*one.points, *one.never):
        assert not re.search(pattern, ""), "it is found in an empty answer"
    if one.error.startswith(("SyntaxError", "IndentationError")):
        with pytest.raises(SyntaxError):
            compile(one.code, "cell", "exec")


def test_the_guide_makes_most_points(judged: list[Judged]) -> None:
    """Without a model, learners would be left alone with their errors."""
    assert share(judged) >= 0.85
    assert [score.broken for _, _, score in judged if score.broken] == []


def test_the_guide_always_leads_on(judged: list[Judged]) -> None:
    """An answer that only states something ends the conversation; two questions at once confuse."""
    for one, answer, _ in judged:
        told = answer.rpartition("\n\n")[0].splitlines()[-1]
        assert re.search(r"\?|ask|say|look|compare|write|nearest", told, re.IGNORECASE), one


def test_the_guide_invents_no_line(judged: list[Judged]) -> None:
    """A line number that the code does not have sends a beginner to nowhere."""
    for one, answer, _ in judged:
        if one.code and observed(one.code):
            lead = answer.split("\n\n")[0]
            numbers = [int(number) for number in re.findall(r"\bline (\d+)", lead)]
            assert all(number <= len(one.code.splitlines()) for number in numbers), lead


def test_points_are_counted(tmp_path: Path) -> None:
    """The figures in the report would be made up."""
    one = Situation(
        chapter="loops", question="?", points=(("a", "apple"), ("b", "pear")), never=(("c", "fig"),)
    )
    score = by_words(one, "An Apple and a fig.")
    assert (score.made, score.missed, score.broken) == (("a",), ("b",), ("c",))
    assert share([(one, "", score)]) == 0.5
    page = tmp_path / "benchmarks.md"
    page.write_text("# Benchmarks\n\n## Teaching\n\nold\n\n## Voice\n\nkept\n")
    write(["new"], page)
    assert page.read_text() == "# Benchmarks\n\n## Teaching\n\nnew\n\n## Voice\n\nkept\n"


LADDER = """
[[rungs]]
name = "teacher"
provider = "local"
model = "t"

[[rungs]]
name = "judge"
provider = "local"
model = "j"
"""


async def test_models_are_measured_by_a_judge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An owner with a model could not find out how well it teaches."""
    one = Situation(chapter="loops", question="?", points=(("a", "xx"), ("b", "yy")), never=(("c", "zz"),))
    (tmp_path / "ladder.toml").write_text(LADDER)
    async with OpenAIWire(models=("t", "j")) as wire:
        verdicts = [
            '{"made": [1, 2], "broken": [], "false": []}',
            'So: {"made": [2], "broken": [1], "false": ["Loops fly."]}',
            "I cannot say.",
        ]
        wire.act("t", Act(words=("Loops ", "fly.")))
        wire.act("j", *(Act(words=(verdict,)) for verdict in verdicts))
        settings = Settings(
            _env_file=None,
            data_dir=tmp_path,
            local_base_url=f"{wire.url}/v1",
            ladder_file=tmp_path / "ladder.toml",
        )
        rows = await of_models(settings, "judge", [one] * 3, read=True)
        assert rows == ["| teacher | judge | 50% | 1 of 3 | 1 |"]
        told = json.loads(wire.asked_of("j")[0].body["messages"][-1]["content"])
        assert told["answer"] == "Loops fly."
        assert told["points"] == {"1": "a", "2": "b"}
        with pytest.raises(SystemExit, match="No rung is named x"):
            await of_models(settings, "x", [one], read=False)
    out, err = capsys.readouterr()
    assert "BROKEN false: Loops fly." in out
    assert "judge: no verdict" in err

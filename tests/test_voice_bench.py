"""The voice bench's reckoning: which words count as heard wrong, and what is spoken."""

from pathlib import Path

import pytest

from bench.report import Row
from bench.spoken import mistakes, normalised, sentences
from bench.voice_report import markdown, plot
from tutor.adapters.courses import FolderCourses

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What does i += 1 do?", "what does i plus equals one do"),
        ("Is x == 40, or 1,250?", "is x equals equals forty or one thousand two hundred fifty"),
        ("word_count isn't f-string", "word count isnt f string"),
        ("3.5 is 7 / 2", "three point five is seven two"),
    ],
)
def test_words_are_compared_as_they_are_spoken(text: str, words: str) -> None:
    """A right transcript would count as wrong, only because it is written with signs."""
    assert normalised(text) == words.split()


@pytest.mark.parametrize(
    ("wanted", "heard", "wrong"),
    [
        ("a b c", "a b c", 0),
        ("a b c", "a x c", 1),
        ("a b c", "a c", 1),
        ("a b", "a x b", 1),
        ("a b", "", 2),
        ("", "a", 1),
    ],
)
def test_mistakes_are_counted(wanted: str, heard: str, wrong: int) -> None:
    """The rate would be better or worse than it is."""
    assert mistakes(wanted.split(), heard.split()) == wrong


def test_sentences_are_many_and_of_the_course() -> None:
    """A rate of few sentences says little; an unknown chapter would leave the transcriber without context."""
    found = sentences()
    course = FolderCourses(ROOT / "courses").course("python-basics")
    assert len(found) >= 120
    assert abs(sum(s.held_out for s in found) - len(found) / 2) <= 1
    assert all(course.chapter(s.chapter) for s in found)
    assert len({s.text for s in found}) == len(found)


def test_the_page_keeps_its_other_sections(tmp_path: Path) -> None:
    """Measuring voice anew would wipe out what was measured of the ladder, or add itself a second time."""
    page = tmp_path / "benchmarks.md"
    page.write_text("# Benchmarks\n\n## Voice\n\nold\n\n## Ladder\n\nkept\n", encoding="utf-8")
    for ours in ("1 s", "2 s"):
        markdown(page, ["About."], [Row(title="wait", wanted="short", ours=ours, passed=False)])
    text = page.read_text(encoding="utf-8")
    assert text.count("## Voice") == 1
    assert "old" not in text
    assert "| wait | short | 2 s | - | **missed** |" in text
    assert text.endswith("## Ladder\n\nkept\n")


def test_the_plot_is_a_picture(tmp_path: Path) -> None:
    """The page would show a broken picture."""
    from xml.etree.ElementTree import parse

    plot(tmp_path / "voice.svg", {0.5: (0.6, 0.8), 1.0: (1.1, 0.4)}, (0.4, 0.1))
    dots = parse(tmp_path / "voice.svg").getroot().findall("{http://www.w3.org/2000/svg}circle")
    assert len(dots) == 3

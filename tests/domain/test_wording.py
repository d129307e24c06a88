"""What is usually said."""

import math

from tutor.domain.wording import EDGE, Wording, words

HEARD = ("what is a for loop", "how do i write a for loop", "the error is on line four", "i buy bread online")


def wording() -> Wording:
    return Wording(phrase.split() for phrase in HEARD)


def test_a_usual_word_is_likelier_than_an_unusual_one() -> None:
    """The quick ear would hear "a four loop" as often as "a for loop"."""
    known = wording()
    assert (
        known.after(("is", "a"), "for") > known.after(("is", "a"), "four") > known.after(("is", "a"), "blorp")
    )


def test_what_follows_a_word_anywhere_counts_where_the_two_before_are_new() -> None:
    """Only phrases that are in the list would be understood."""
    known = wording()
    assert known.after(("my", "for"), "loop") > known.after(("my", "for"), "bread")


def test_chances_of_all_words_stay_under_one() -> None:
    """A phrase of many words would be preferred for its length, or never."""
    known = wording()
    every = {*" ".join(HEARD).split(), EDGE}
    for before in (("is", "a"), ("never", "line"), (EDGE, EDGE), ("never", "met")):
        assert 0.3 < sum(math.exp(known.after(before, word)) for word in every) <= 1


def test_without_phrases_every_word_is_as_likely() -> None:
    """A site without the list could not hear."""
    assert Wording([]).after((EDGE, EDGE), "loop") == Wording([]).after((EDGE, EDGE), "bread")


def test_words_are_read_as_they_sound() -> None:
    """A "don't" would be two words that nobody says."""
    assert words("I don\u2019t know, isn't it?") == ["i", "dont", "know", "isnt", "it"]

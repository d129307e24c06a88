"""The search through what a decoder hears."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tutor.adapters.stt.beam import Beam
from tutor.domain.wording import Wording

PIECES = ["\u2581on", "line", "\u2581line", "\u2581for", "\u2581four", "<end>"]
ON, JOINED, LINE, FOR, FOUR, END = range(len(PIECES))
USUAL = ("an error on line four", "what is on line four")


class Decoder:
    """Hears fixed chances, whatever it was given, and remembers which beginnings went on."""

    def __init__(self, *chances: dict[int, float]) -> None:
        self._chances = chances
        self.given: list[tuple[list[int], list[int]]] = []

    def __call__(self, parents: list[int], pieces: list[int]) -> NDArray[np.float32]:
        row = np.full(len(PIECES), 1e-9, dtype=np.float32)
        for piece, chance in self._chances[min(len(self.given), len(self._chances) - 1)].items():
            row[piece] = chance
        self.given.append((parents, pieces))
        return np.log(np.repeat(row[None], max(len(pieces), 1), axis=0))


def beam(*phrases: str) -> Beam:
    wording = Wording(phrase.split() for phrase in phrases)
    return Beam([piece.encode() for piece in PIECES], end=END, wording=wording)


LINE_FOUR = ({ON: 1.0}, {LINE: 0.45, JOINED: 0.55}, {FOR: 0.52, FOUR: 0.48}, {END: 1.0})


def test_what_is_usual_is_heard_where_the_sound_leaves_it_open() -> None:
    """An error "on line four" would be one "online for"."""
    assert beam(*USUAL).search(Decoder(*LINE_FOUR), most=9).pieces == [ON, LINE, FOUR]


def test_what_sounds_clear_is_heard_though_it_is_unusual() -> None:
    """Nobody could say anything that is not in the list."""
    clear = ({ON: 1.0}, {LINE: 0.01, JOINED: 0.99}, {FOR: 0.99, FOUR: 0.01}, {END: 1.0})
    assert beam(*USUAL).search(Decoder(*clear), most=9).pieces == [ON, JOINED, FOR]


def test_it_is_as_sure_as_the_pieces_sound() -> None:
    """A guess would be kept as what was said."""
    found = beam(*USUAL).search(Decoder(*LINE_FOUR), most=9)
    assert found.confidence == pytest.approx((0.45 * 0.48) ** (1 / 4), abs=0.01)


def test_a_phrase_without_an_end_is_not_sure() -> None:
    """A decoder that repeats itself would be believed."""
    assert beam().search(Decoder({ON: 0.9, LINE: 0.1}), most=5) == ([ON] * 5, 0.0)


def test_each_beginning_goes_on_from_its_own_memory() -> None:
    """The decoder would mix up what the beginnings have said so far."""
    decoder = Decoder(*LINE_FOUR)
    beam().search(decoder, most=9)
    nothing, (first, pieces), (second, _), (third, _) = decoder.given[:4]
    assert nothing == ([], [])
    assert (first, pieces) == ([0], [ON])
    assert second == [0, 0]
    assert sorted(third) == [0, 0, 1, 1]

"""The static sentence vectors."""

import logging
import socket
from pathlib import Path

import numpy as np
import pytest

from tutor.adapters.encoder import DIMENSIONS, StaticEncoder
from tutor.errors import ModelMissing


@pytest.fixture(scope="module")
def encoder() -> StaticEncoder:
    return StaticEncoder()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the encoder reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_vectors_are_unit_float32(encoder: StaticEncoder) -> None:
    """Search and guard compare by dot product: other lengths or types would make every score wrong."""
    found = encoder.encode(["Why does my while loop never end?", "hello", "for i in range(3):"])
    assert found.shape == (3, DIMENSIONS)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("my loop never stops", "why does my loop run forever", "how do I cook rice"),
        ("how do I remove an item", "delete an element from a list", "what is a comment"),
        ("what is a string", "a piece of text in quotation marks", "the area of a room"),
    ],
)
def test_meaning_decides(encoder: StaticEncoder, text: str, near: str, far: str) -> None:
    """Unrelated sentences that score above related ones would send learners to the wrong cell."""
    vectors = encoder.encode([text, near, far])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_same_vectors_as_the_package() -> None:
    """Reading the package's files ourselves must not change what its authors measured."""
    handlers, level = logging.root.handlers[:], logging.root.level
    wordllama = pytest.importorskip("wordllama")
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    folder = wordllama.WordLlama.load.__globals__["__file__"].rsplit("/", 1)[0]
    texts = ["Why does my while loop never end?", "total += number", "größer als 日本語"]
    theirs = wordllama.WordLlama.load(cache_dir=folder, disable_download=True).embed(texts, norm=True)
    assert np.allclose(StaticEncoder().encode(texts), theirs, atol=1e-5)


@pytest.mark.parametrize("text", ["", "   ", "\ud800", "\x00\x01", "x" * 100_000, "🙂" * 5000])
def test_odd_text_is_encoded(encoder: StaticEncoder, text: str) -> None:
    """A message of emoji, control characters or 100 kB must not break a turn."""
    found = encoder.encode([text, "hello"])
    assert np.isfinite(found).all()
    assert np.linalg.norm(found[0]) == pytest.approx(1.0, abs=1e-5) or not found[0].any()


def test_no_texts_give_no_rows(encoder: StaticEncoder) -> None:
    """An empty chapter has nothing to encode, and must still be indexed."""
    assert encoder.encode([]).shape == (0, DIMENSIONS)


@pytest.mark.usefixtures("no_network")
def test_nothing_is_loaded_before_use_nor_fetched() -> None:
    """The page must be served at once, and a machine without a network must still answer."""
    encoder = StaticEncoder()
    assert encoder._model is None
    encoder.warm()
    assert encoder.encode(["hello"]).any()


def test_missing_files_are_said_to_be_missing(tmp_path: Path) -> None:
    """A half-installed package must be reported as a missing model, not as a traceback."""
    with pytest.raises(ModelMissing):
        StaticEncoder(tmp_path).warm()

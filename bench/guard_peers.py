"""Simpler guards on the same messages, cross-validated over the same folds: what ours has to beat.

python -m bench.guard_peers
"""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bench.guard_figures import figures
from bench.guard_folds import FOLDS
from bench.guard_rows import Row, rows
from tutor.adapters.encoder import StaticEncoder
from tutor.adapters.sentence_encoder import SentenceEncoder
from tutor.services.ports import Encoder

KEYWORDS = ("bread", "cooking", "weather", "sports")
"""The filter that the project began with."""


def keyword_filter(chosen: Sequence[Row]) -> list[str]:
    """Off where one of four words stands in the message, else on."""
    return ["off" if any(word in row.message.lower() for word in KEYWORDS) else "on" for row in chosen]


def regression(chosen: Sequence[Row], encoder: Encoder) -> list[str]:
    """Multinomial logistic regression on one sentence vector a message, without thresholds."""
    vectors = encoder.encode([row.message[:400] for row in chosen]) * np.float32(4)
    labels, kinds = np.array([row.label for row in chosen]), [row.kind for row in chosen]
    said = np.empty(len(chosen), dtype=object)
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(kinds, kinds):
        model = LogisticRegression(C=0.5, max_iter=300).fit(vectors[train], labels[train])
        said[test] = model.predict(vectors[test])
    return [str(label) for label in said]


def main() -> None:
    """Print one line a guard."""
    chosen = rows()
    labels = [row.label for row in chosen]
    guards = {
        "allow everything": ["on"] * len(chosen),
        "four keywords": keyword_filter(chosen),
        "regression on wordllama": regression(chosen, StaticEncoder()),
        "regression on the sentence encoder": regression(chosen, SentenceEncoder()),
    }
    for name, said in guards.items():
        print(f"{name}: {figures(labels, said)}")


if __name__ == "__main__":
    main()

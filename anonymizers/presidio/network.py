"""The network of the PHI model: spaCy's tok2vec, and a probability of each label for each token.

A transition parser, spaCy's usual entity recognizer, gives no probabilities; operating points
need them, and so labels are given token by token (docs/adr/0017).
"""

from __future__ import annotations

import io
from typing import IO, Any, Final

import numpy as np
from spacy.ml.models.tagger import build_tagger_model
from spacy.ml.models.tok2vec import MaxoutWindowEncoder, MultiHashEmbed, build_Tok2Vec_model

from anonymizers.presidio.tokens import Tokens
from anonymizers.spans import Label

__all__ = ["OUTSIDE", "TAGS", "Network"]

TAGS: Final[tuple[Label | None, ...]] = (
    None, Label.NAME, Label.LOCATION, Label.HOSPITAL, Label.PROFESSION, Label.DATE, Label.AGE,
    Label.PHONE_FAX, Label.EMAIL, Label.URL_IP, Label.ID,
)  # fmt: skip
"""What each column of the network's output stands for."""
OUTSIDE: Final = 0
"""The column of tokens that identify nobody."""

_ATTRIBUTES: Final = ("NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "LOWER")
"""What a token is seen by; LOWER holds what lists say of it, since nothing else needs it."""
_ROWS: Final = (16_000, 5_000, 5_000, 400, 16, 200)
_VERSION: Final = 2


class Network:
    """Weights that give each token its probabilities.

    Attributes:
        width: Of a token's vector.
        depth: Of the convolutions; a token sees two neighbors more on each side with each layer.
    """

    REACH: Final = 2
    """Neighbors on each side that one layer sees."""

    def __init__(self, *, width: int = 96, depth: int = 3, rows_share: float = 1.0) -> None:
        self.width, self.depth, self._rows_share = width, depth, rows_share
        embedding = MultiHashEmbed(
            width=width,
            attrs=list(_ATTRIBUTES),
            rows=[max(16, int(rows * rows_share)) for rows in _ROWS],
            include_static_vectors=False,
        )
        encoder = MaxoutWindowEncoder(
            width=width, window_size=self.REACH, maxout_pieces=3, depth=depth
        )
        self.layers: Any = build_tagger_model(
            build_Tok2Vec_model(embedding, encoder), len(TAGS), normalize=True
        )
        self.layers.initialize(X=[Tokens().read("a b")[0]])

    def scores(self, docs: list[Any]) -> list[Any]:
        """Return for each document an array of tokens by tags: probabilities."""
        return list(self.layers.predict(docs))

    def to_bytes(self) -> bytes:
        """Return the weights in half precision, compressed; no code and no words of texts."""
        arrays = {f"w{at}": array.astype(np.float16) for at, array in enumerate(self._weights())}
        shape = np.array([_VERSION, self.width, self.depth, round(self._rows_share * 1000)])
        stream = io.BytesIO()
        np.savez_compressed(stream, shape=shape, **arrays)
        return stream.getvalue()

    @classmethod
    def of(cls, stream: IO[bytes]) -> Network:
        """Read the weights that ``to_bytes`` gave.

        Raises:
            ValueError: If they are of another version or do not fit.
        """
        with np.load(stream, allow_pickle=False) as stored:
            version, width, depth, share = (int(one) for one in stored["shape"])
            if version != _VERSION:
                raise ValueError("the model is of another version; train it anew")
            network = cls(width=width, depth=depth, rows_share=share / 1000)
            for at, (node, name) in enumerate(network._places()):
                array = stored[f"w{at}"].astype(np.float32)
                if array.shape != node.get_param(name).shape:
                    raise ValueError("the model does not fit this version of spaCy; train it anew")
                node.set_param(name, array)
        return network

    def _places(self) -> list[tuple[Any, str]]:
        return [
            (node, name)
            for node in self.layers.walk()
            for name in node.param_names
            if node.has_param(name)
        ]

    def _weights(self) -> list[Any]:
        return [node.get_param(name) for node, name in self._places()]

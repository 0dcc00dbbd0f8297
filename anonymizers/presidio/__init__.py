"""Presidio and spaCy: the frame that runs our rules and replaces what they find.

The rest of the project sees ``Span`` and plain text only. No model is loaded and nothing is
downloaded: the pipeline is spaCy's blank English one, and Presidio's recognizers that reach for
the network (its e-mail recognizer asks tldextract for the list of top-level domains) are not used.
"""

from anonymizers.presidio.analyzer import MAX_CHARS, analyze
from anonymizers.presidio.anonymizing import Anonymized, Change, Found, anonymized
from anonymizers.presidio.entities import ENTITIES
from anonymizers.presidio.identity import engine_text
from anonymizers.presidio.replacement import Replacement, replace_spans

__all__ = [
    "ENTITIES",
    "MAX_CHARS",
    "Anonymized",
    "Change",
    "Found",
    "Replacement",
    "analyze",
    "anonymized",
    "engine_text",
    "replace_spans",
]

"""What each column of an unknown table probably is, with the reasons; a steward decides."""

from anonymizers.tables.roles.names import words_of
from anonymizers.tables.roles.profile import ColumnProfile, looks_like_a_value, profile_column
from anonymizers.tables.roles.propose import UNIT_NAMES, Proposal, propose_roles

__all__ = [
    "UNIT_NAMES",
    "ColumnProfile",
    "Proposal",
    "looks_like_a_value",
    "profile_column",
    "propose_roles",
    "words_of",
]

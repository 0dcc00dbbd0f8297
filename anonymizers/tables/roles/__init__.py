"""What each column of an unknown table probably is, with the reasons; a steward decides."""

from anonymizers.tables.roles.profile import ColumnProfile, profile_column
from anonymizers.tables.roles.propose import Proposal, propose_roles

__all__ = ["ColumnProfile", "Proposal", "profile_column", "propose_roles"]

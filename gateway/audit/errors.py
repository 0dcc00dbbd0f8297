"""What can be wrong with the audit log, for whoever runs or reviews it."""

from __future__ import annotations

from gateway.errors import OperatorError

__all__ = ["LogError"]


class LogError(OperatorError):
    """The log, or a proof about it, is not what it claims to be.

    Codes: ``SYS-LOG-ROLLBACK`` the log is behind, or another than, what was last signed;
    ``SYS-LOG-CHANGED`` an entry is not the one that was signed;
    ``SYS-LOG-HEAD`` the last signed checkpoint is missing, unreadable or not ours;
    ``SYS-LOG-KEY`` the log says that another key signs it;
    ``LOG-PROOF`` a Merkle proof does not hold; ``LOG-CHECKPOINT`` a checkpoint is malformed or not
    signed by the expected key; ``LOG-KEY`` a key or its name cannot be used; ``LOG-ENTRY`` an
    entry is not one that this version writes.
    """

    code = "LOG-ENTRY"

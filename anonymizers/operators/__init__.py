"""What is written in the place of what was found: one file for each operator that needs one."""

from anonymizers.operators.encrypt import REVERSIBLE_KEY_BYTES, Cipher, Revealed, reveal
from anonymizers.operators.write import Writer

__all__ = ["REVERSIBLE_KEY_BYTES", "Cipher", "Revealed", "Writer", "reveal"]

"""``python -m gateway`` is the program ``gateway``."""

from gateway.cli import main

main()

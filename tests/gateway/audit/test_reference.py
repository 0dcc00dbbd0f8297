from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gateway.audit.reference import events_page

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "audit-events.md"


def test_the_page_of_events_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == events_page()


def test_the_page_is_made_by_the_command_that_it_names() -> None:
    command = [sys.executable, "-m", "gateway.audit.reference"]
    made = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)

    assert made.stdout.decode("utf-8") == events_page()
    assert " ".join(command[1:]) in events_page()

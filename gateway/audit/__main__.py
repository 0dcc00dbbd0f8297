"""``python -m gateway.audit``: the verifier alone; needs Python and ``cryptography``.

It imports nothing else, so an auditor need not install the gateway. ``gateway audit verifier``
writes it into one file.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from gateway.audit.checkpoint import parse_checkpoint, parse_vkey
from gateway.audit.errors import LogError
from gateway.audit.evidence import Evidence, check_evidence
from gateway.audit.growth import check_growth
from gateway.audit.proofs import parse_proof
from gateway.audit.quorum import parse_policy
from gateway.audit.reading import VerificationReport
from gateway.audit.verify import verify_log
from gateway.audit.verify_tiles import fetch_from, verify_tiles

__all__ = ["main"]

_WRONG_USAGE: Final = 2
_FAILED: Final = 1
_GROWTH: Final = "what the log gives at /v1/log/proof?old=SIZE, for a receipt under an earlier key"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verifier; return its exit code.

    Codes: 0 everything holds; 1 a file cannot be read or used; 2 wrong usage; else the class of the
    first finding, as ``gateway.audit.findings`` lists them.
    """
    try:
        given = _parser().parse_args(arguments)
        lines, code = _COMMANDS[given.command](given)
    except SystemExit as ended:
        return _WRONG_USAGE if ended.code else 0
    except LogError as error:
        lines, code = (f"{error.code} {error}",), _FAILED
    except (OSError, UnicodeDecodeError):
        lines, code = ("a file cannot be read as UTF-8 text; check its path and mode",), _FAILED
    for line in lines:
        print(line)  # noqa: T201  the report is what this prints
    return code


def _grew(given: argparse.Namespace) -> tuple[Sequence[str], int]:
    earlier, later = check_growth(_text(given.kept), _text(given.proof), parse_vkey(given.vkey))
    return (f"The log grew from {earlier.size} to {later.size} entries.",), 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway.audit", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="check receipts; needs no log and no network")
    check.add_argument("receipts", nargs="+", type=Path, metavar="RECEIPT")
    check.add_argument("--growth", type=Path, action="append", default=[], help=_GROWTH)
    verify = commands.add_parser("verify", help="verify a log")
    verify.add_argument("log", help="ledger.sqlite, a folder of tiles, or the address of a log")
    verify.add_argument("--checkpoint", type=Path, help="last signed head; needed of a database")
    verify.add_argument("--from", dest="earlier", type=Path, action="append", default=[])
    verify.add_argument("--receipt", dest="receipts", type=Path, action="append", default=[])
    verify.add_argument("--witnessed", type=Path, help="last head with cosignatures")
    verify.add_argument("--deep", action="store_true", help="read all entries of tiles as well")
    verify.add_argument("--api-key-file", type=Path, help="holds the key for an address")
    grew = commands.add_parser("grew", help="check that a log grew from a head that was kept")
    grew.add_argument("kept", type=Path, help="the signed head that was kept")
    grew.add_argument("proof", type=Path, help="what the log gives at /v1/log/proof?old=SIZE")
    for one in (check, verify, grew):
        one.add_argument("--vkey", required=True, help="the log's public key")
    for one in (check, verify):
        one.add_argument("--answer", type=Path, help="an answer as JSON that a receipt is about")
        one.add_argument("--witness-policy", type=Path, help="C2SP tlog-policy file")
    return parser


def _evidence(given: argparse.Namespace) -> Evidence:
    policy = None if given.witness_policy is None else parse_policy(_text(given.witness_policy))
    witnessed = getattr(given, "witnessed", None)
    return Evidence(
        key=parse_vkey(given.vkey),
        receipts=tuple(_text(path) for path in given.receipts),
        growth=tuple(_text(path) for path in getattr(given, "growth", ())),
        answer=None if given.answer is None else given.answer.read_bytes(),
        witnessed=None if witnessed is None else _text(witnessed),
        policy=policy,
    )


def _check(given: argparse.Namespace) -> tuple[Sequence[str], int]:
    findings, notes = check_evidence(_evidence(given))
    lines = [*notes, *(str(finding) for finding in findings)]
    return lines, findings[0].failure.value if findings else 0


def _verify(given: argparse.Namespace) -> tuple[Sequence[str], int]:
    evidence = _evidence(given)
    report = _of_log(given, evidence)
    known = replace(evidence, contained=report.contained)
    report = report.with_findings(*check_evidence(known))
    return report.lines(), report.exit_code


def _of_log(given: argparse.Namespace, evidence: Evidence) -> VerificationReport:
    earlier = [_text(path) for path in given.earlier]
    earlier += [parse_proof(text).checkpoint for text in evidence.receipts]
    if evidence.witnessed is not None:
        earlier.append(evidence.witnessed)
    for text in earlier:
        parse_checkpoint(text)
    database = Path(given.log)
    if database.is_file():
        if given.checkpoint is None:
            raise LogError(
                "a database needs its last signed checkpoint",
                code="LOG-CHECKPOINT",
                remedy="give it with --checkpoint FILE",
            )
        return verify_log(database, key=evidence.key, checkpoint=given.checkpoint, earlier=earlier)
    key = "" if given.api_key_file is None else _text(given.api_key_file).strip()
    return verify_tiles(
        fetch_from(given.log, key), key=evidence.key, earlier=earlier, deep=given.deep
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


_COMMANDS: Final = {"check": _check, "verify": _verify, "grew": _grew}

if __name__ == "__main__":
    sys.exit(main())

"""All that the log says of one project, as a Five Safes RO-Crate in a ZIP archive.

It holds the declarations of the project, its entries, a receipt for each answer and refusal, the
answers as they were told, and what is needed to check them offline. It is a snapshot of an activity
record: people and organizations are opaque ids, as in the log.

Source: RO-Crate 1.3; Five Safes RO-Crate 1.0 (working draft), https://w3id.org/5s-crate/1.0.
"""

from __future__ import annotations

import json
import uuid
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.audit.answers import told_bytes
from gateway.audit.checkpoint import VerifierKey, parse_checkpoint
from gateway.audit.entries import time_text
from gateway.exports.plain import ndjson_lines
from gateway.exports.processes import Crew, process_of
from gateway.exports.reading import LoggedEntry, ReadLog

__all__ = ["Crate", "write_crate"]

_CRATE: Final = "https://w3id.org/ro/crate/1.3"
_PROFILE: Final = "https://w3id.org/5s-crate/1.0"
_PROVED: Final = frozenset(
    {
        "query.release", "query.abandon", "query.deny", "query.repeat", "query.derive",
        "record.request", "record.check", "record.approve", "record.export", "record.destroy",
        "record.reveal", "record.deny",
    }
)  # fmt: skip
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive, so that equal crates have equal bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crate:
    """What a crate is about.

    Attributes:
        project: Id of the project.
        title: Its title.
        origin: Name of the log.
        key: The log's public key.
        checkpoint: Signed head that everything in the crate is under.
        declarations: Files of the declarations in force, by path.
        time: When it is made.
    """

    project: str
    title: str
    origin: str
    key: VerifierKey
    checkpoint: str
    declarations: Mapping[str, bytes] = field(default_factory=dict)
    time: datetime


def write_crate(path: Path, log: ReadLog, crate: Crate) -> int:
    """Write the archive; return how many entries are in it.

    Raises:
        LogError: If the log is not the one that was signed.
        OSError: If it cannot be written.
    """
    size = parse_checkpoint(crate.checkpoint).size
    entries = tuple(log.entries(crate.project, size))
    files = dict(_files(log, crate, entries))
    crew = Crew(origin=crate.origin, project=crate.project, answers=frozenset(files))
    processes = [one for entry in entries if (one := process_of(entry, crew)) is not None]
    metadata = _metadata(crate, files, processes, crew)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        text = json.dumps(metadata, indent=1, ensure_ascii=False, sort_keys=True)
        archive.writestr(zipfile.ZipInfo("ro-crate-metadata.json", _EARLIEST), text)
        for name, (blob, _) in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), blob)
    return len(entries)


def _files(
    log: ReadLog, crate: Crate, entries: Sequence[LoggedEntry]
) -> Iterator[tuple[str, tuple[bytes, str]]]:
    """Each file of the crate with its media type."""
    for name, blob in crate.declarations.items():
        yield f"declarations/{name}", (blob, "application/yaml")
    yield "log/entries.ndjson", (b"".join(ndjson_lines(entries)), "application/x-ndjson")
    yield "log/checkpoint", (crate.checkpoint.encode(), "text/plain")
    yield "log/vkey", (f"{crate.key.text()}\n".encode(), "text/plain")
    for one in entries:
        kind = one.entry.event.kind
        if kind in _PROVED:
            proof = log.receipt(one.index, crate.checkpoint).encode()
            yield f"receipts/{one.index}.tlog-proof", (proof, "text/plain")
        if kind == "query.release":
            query_id = str(getattr(one.entry.event, "query_id", ""))
            told = told_bytes(log.answer(query_id) or b"")
            if told is not None:
                yield f"answers/{query_id}.json", (told, "application/json")


def _metadata(
    crate: Crate,
    files: Mapping[str, tuple[bytes, str]],
    processes: Sequence[Mapping[str, Any]],
    crew: Crew,
) -> dict[str, Any]:
    record = f"{crate.origin}/{crate.project}"
    return {
        "@context": [f"{_CRATE}/context"],
        "@graph": [
            {
                "@id": "ro-crate-metadata.json",
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "conformsTo": {"@id": _CRATE},
            },
            {
                **_root(crate, record),
                "publisher": {"@id": crew.organization},
                "hasPart": [{"@id": name} for name in (*files, *sorted(crew.datasets.values()))],
                "mentions": [{"@id": one["@id"]} for one in processes],
            },
            *_context(record),
            *crew.described(),
            *processes,
            *(
                {
                    "@id": name,
                    "@type": "File",
                    "name": name,
                    "encodingFormat": kind,
                    "contentSize": str(len(blob)),
                }
                for name, (blob, kind) in files.items()
            ),
        ],
    }


def _root(crate: Crate, record: str) -> dict[str, Any]:
    made, size = time_text(crate.time), parse_checkpoint(crate.checkpoint).size
    return {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": [{"@id": _PROFILE}],
        "identifier": {"@id": _urn(f"{record}/snapshot/{size}/{made}")},
        "dct:isVersionOf": {"@id": _urn(record)},
        "name": f"Project {crate.project}: {crate.title}",
        "description": "What was asked of a privacy-preserving gateway in one project, what was"
        " answered or refused, and proof that its audit log says so.",
        "dateCreated": made,
        "datePublished": made,
        "version": 1,
        "license": {"@id": _urn(f"{record}/terms")},
    }


def _context(record: str) -> Iterator[dict[str, Any]]:
    """What the root names beside files, people and processes."""
    yield {
        "@id": _PROFILE,
        "@type": ["CreativeWork", "Profile"],
        "name": "Five Safes RO-Crate profile",
        "version": "1.0",
    }
    yield {
        "@id": _urn(f"{record}/terms"),
        "@type": "CreativeWork",
        "name": "The declarations of the project",
        "description": "What may be done with the answers is in the declarations.",
    }


def _urn(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:gateway:{name}").urn

"""The lines of FHIR files: NDJSON of a bulk export, or of bundles; packed or not."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

from anonymizers.fhir import Json, Resource, name_by_ids, resources_in
from policies.errors import SourceError

__all__ = ["fhir_files", "is_resource", "lines_of", "resources_of", "values_of"]

_BROKEN: Final = (gzip.BadGzipFile, EOFError, zlib.error)
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def fhir_files(folder: Path, kind: str) -> list[Path]:
    """Return the files of a type by their names; all files where none is named so.

    Args:
        folder: Where they are.
        kind: Type of resource; '' for all files.

    Raises:
        SourceError: ``SRC-MISSING`` if there is no file.
    """
    files = sorted([*folder.glob("*.ndjson"), *folder.glob("*.ndjson.gz")])
    if not files:
        raise SourceError(
            "the folder holds no .ndjson file",
            code="SRC-MISSING",
            remedy="name the folder of a bulk export, or of bundles one a line",
            file=folder.name,
        )
    named = [file for file in files if kind and file.name.partition(".")[0] == kind]
    return named or files


def resources_of(file: Path) -> Iterator[Resource]:
    """Give the resources of a file, those in bundles one by one.

    Raises:
        SourceError: As ``lines_of`` does.
    """
    for given in lines_of(file):
        yield from resources_in(given)


def lines_of(file: Path) -> Iterator[Resource]:
    """Give the resource on each line of a file, a bundle as one; what is none is passed over.

    Raises:
        SourceError: As ``values_of`` does.
    """
    return (cast("Resource", value) for value in values_of(file) if is_resource(value))


def is_resource(value: Json) -> bool:
    """Say whether a value is a resource: an object that names its type as a text."""
    return isinstance(value, dict) and isinstance(value.get("resourceType"), str)


def values_of(file: Path) -> Iterator[Json]:
    """Give what stands on each line of a file that is not empty.

    Entries of a bundle point to one another by type and id, also where the bundle has other names.

    Raises:
        SourceError: ``SRC-FHIR`` if a line is no JSON, or has half a character (a surrogate
            without the other); ``SRC-GZIP`` if an archive is damaged.
    """
    number = 0
    opened = gzip.open if file.suffix == ".gz" else open
    try:
        with opened(file, "rt", encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):  # noqa: B007  the number is told on failure
                if line.strip():
                    yield _parsed(line)
    except UnicodeError:
        raise _malformed(file, number + 1) from None
    except (ValueError, RecursionError):
        raise _malformed(file, number) from None
    except _BROKEN:
        raise SourceError(
            "the archive is damaged or cut short",
            code="SRC-GZIP",
            remedy="pack the file again",
            file=file.name,
        ) from None


def _parsed(line: str) -> Json:
    value: Json = json.loads(line)
    if _SURROGATE.search(line):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeError:
            raise ValueError from None
    name_by_ids(value)
    return value


def _malformed(file: Path, line: int) -> SourceError:
    return SourceError(
        "the line is not one JSON object in UTF-8",
        code="SRC-FHIR",
        remedy="write one resource a line, as a bulk export has it",
        file=file.name,
        line=line,
    )

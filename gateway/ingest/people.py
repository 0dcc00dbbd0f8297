"""Whom the resources of a FHIR export name, wherever they do so; kept in memory only.

A table has one name and one address of a patient. Notes are searched for all of them, and for
relatives, staff and facilities, whether or not a table of the declaration has them.
"""

from __future__ import annotations

from pathlib import Path

from anonymizers.fhir import People, Servers
from gateway.ingest.sources.fhir_lines import fhir_files, lines_of
from policies.datasets import DatasetPolicy

__all__ = ["people_of"]


def people_of(dataset: DatasetPolicy, folder: Path) -> People:
    """Return whom a source's resources name; nobody where its format is another.

    Args:
        dataset: The declaration.
        folder: The data folder; the source's path starts there.

    Raises:
        SourceError: ``SRC-SERVERS`` if resources of one type are of two servers; others if a file
            cannot be read.
    """
    source, people, servers = dataset.spec.source, People(), Servers()
    for file in fhir_files(folder / source.path, "") if source.format == "fhir" else ():
        for line in lines_of(file):
            servers.add(line, file.name)
            people.add(line)
    return people

"""FHIR R4 resources without what identifies: displays, narratives and notes in base64 included."""

from anonymizers.fhir.bundles import name_by_ids
from anonymizers.fhir.deidentify import FhirDeidentifier, FhirOutcome
from anonymizers.fhir.people import People, resources_in, unit_of
from anonymizers.fhir.servers import Servers
from anonymizers.fhir.walk import Json, Resource, target_of

__all__ = [
    "FhirDeidentifier",
    "FhirOutcome",
    "Json",
    "People",
    "Resource",
    "Servers",
    "name_by_ids",
    "resources_in",
    "target_of",
    "unit_of",
]

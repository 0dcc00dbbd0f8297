"""FHIR R4 resources without what identifies: displays, narratives and notes in base64 included."""

from anonymizers.fhir.deidentify import FhirDeidentifier, FhirOutcome
from anonymizers.fhir.people import People
from anonymizers.fhir.walk import Json, Resource

__all__ = ["FhirDeidentifier", "FhirOutcome", "Json", "People", "Resource"]

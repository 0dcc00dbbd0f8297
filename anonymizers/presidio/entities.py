"""Presidio's names of what we label."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from anonymizers.spans import Label

__all__ = ["ENTITIES"]

ENTITIES: Final[Mapping[Label, str]] = MappingProxyType(
    {
        Label.NAME: "PERSON",
        Label.LOCATION: "LOCATION",
        Label.HOSPITAL: "ORGANIZATION",
        Label.PROFESSION: "PROFESSION",
        Label.DATE: "DATE_TIME",
        Label.AGE: "AGE",
        Label.PHONE_FAX: "PHONE_NUMBER",
        Label.EMAIL: "EMAIL_ADDRESS",
        Label.URL_IP: "URL",
        Label.ID: "ID",
        Label.OTHER: "OTHER",
    }
)
"""From a label to Presidio's name, or to ours where Presidio has none."""

"""Bundles whose entries point to one another by names of the bundle's own, such as ``urn:uuid:``.

Such a name stands beside the resource, as ``fullUrl``, and need not be the id that is in it.
Source: HL7 FHIR R4 (4.0.1), Bundle, "Resolving references in Bundles".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from anonymizers.fhir.persons import dicts
from anonymizers.fhir.walk import Json, Resource, objects_in, target_of

__all__ = ["name_by_ids"]

_OWN: Final = "urn:"


def name_by_ids(value: Json) -> None:
    """Write references inside a bundle by type and id, in place; other values stay as they are.

    A name that two resources have stays, and so points to nobody; so does that of one without an
    id, since the same patient may have another name in another bundle.
    """
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        for one in reversed([*objects_in(value)]):  # what a bundle in a bundle names counts in it
            if one.get("resourceType") == "Bundle":
                _name_by_ids(one)


def _name_by_ids(bundle: Resource) -> None:
    targets: dict[str, set[str]] = {}
    for name, resource in _entries(bundle):
        own = resource.get("id") or ""
        targets.setdefault(name, set()).add(f"{resource.get('resourceType')}/{own}")
    written = {
        name: target
        for name, (target, *others) in targets.items()
        if not others and target_of(target)[0] and target_of(target)[1] != target_of(name)[1]
    }
    for one in objects_in(bundle):
        for key in ("reference", "fullUrl") if written else ():
            pointing = one.get(key)
            if isinstance(pointing, str) and pointing in written:
                one[key] = written[pointing]


def _entries(bundle: Resource) -> Iterator[tuple[str, Resource]]:
    """Give the resources that have a name of the bundle's own, each with it."""
    for entry in dicts(bundle.get("entry")):
        name, resource = entry.get("fullUrl"), entry.get("resource")
        if isinstance(name, str) and name.startswith(_OWN) and isinstance(resource, dict):
            yield name, resource

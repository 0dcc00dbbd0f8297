"""The rules of a Five Safes RO-Crate 1.0 (working draft) that hold for a snapshot, as checks.

Its docs/rule-table.md and docs/five-safes-profile.md, github.com/eScienceLab/Five-Safes-RO-Crate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

PROFILE = "https://w3id.org/5s-crate/1.0"
KINDS = {
    *("AskAction", "CreateAction", "Action", "AssessAction", "AuthorizeAction", "RejectAction"),
    *("CancelAction", "UpdateAction", "SendAction", "ReceiveAction"),
}
STATUSES = {"Active", "Completed", "Failed"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
Entity = Mapping[str, Any]


def broken_rules(metadata: Mapping[str, Any], files: Sequence[str]) -> list[str]:
    """Return what the metadata of a crate with these files breaks."""
    graph = {entity["@id"]: entity for entity in metadata["@graph"]}
    root = graph.get("./", {})
    return [
        *_shape(metadata, graph),
        *_root(root, graph),
        *_parts(root, graph, files),
        *(
            f"{one}: {rule}"
            for one in _ids(root["mentions"])
            for rule in _process(graph[one], graph)
        ),
    ]


def _shape(metadata: Mapping[str, Any], graph: Mapping[str, Entity]) -> Iterator[str]:
    if metadata["@context"] != ["https://w3id.org/ro/crate/1.3/context"]:
        yield "the context is another"
    if len(graph) != len(metadata["@graph"]):
        yield "two entities have one id"
    descriptor = graph.get("ro-crate-metadata.json", {})
    if descriptor.get("conformsTo") != {"@id": "https://w3id.org/ro/crate/1.3"}:
        yield "the descriptor does not say its version"
    if descriptor.get("about") != {"@id": "./"}:
        yield "the descriptor is about something else"
    for name, entity in graph.items():
        absolute = re.match(r"(urn|https?):", name) is not None
        relative = name in {"./", "ro-crate-metadata.json"} or _is(entity, "File")
        if absolute == relative:
            yield f"{name} is not the kind of id that its entity has"
        for key, value in entity.items():
            for target in _ids(value):
                outside = target.startswith(("http://schema.org/", "https://w3id.org/ro/crate"))
                described = target in graph or outside or key in {"identifier", "dct:isVersionOf"}
                if not described:
                    yield f"{name} names {target}, which is not described"


def _root(root: Entity, graph: Mapping[str, Entity]) -> Iterator[str]:
    if PROFILE not in _ids(root["conformsTo"]) or not _is(graph.get(PROFILE, {}), "Profile"):
        yield "the profile is not declared and described"
    for name in ("identifier", "dct:isVersionOf"):
        if len(_ids(root.get(name))) != 1 or not _ids(root[name])[0].startswith("urn:uuid:"):
            yield f"{name} is not one absolute IRI"
    for name in ("name", "description"):
        if not root.get(name):
            yield f"there is no {name}"
    for name in ("dateCreated", "datePublished"):
        if not INSTANT.fullmatch(root.get(name, "")):
            yield f"there is no {name}"
    if "dateModified" in root or root.get("version") != 1:
        yield "it is no first snapshot"


def _parts(root: Entity, graph: Mapping[str, Entity], files: Sequence[str]) -> Iterator[str]:
    parts = set(_ids(root["hasPart"]))
    entities = {name for name, one in graph.items() if _is(one, "File") or _is(one, "Dataset")}
    if parts != entities - {"./"}:
        yield "not every data entity is a part"
    if {name for name in parts if _is(graph[name], "File")} != set(files):
        yield "the files are not those of the archive"
    actions = {name for name, one in graph.items() if _is(one, "prov:Activity")}
    if set(_ids(root["mentions"])) != actions:
        yield "not every process is mentioned"


def _process(action: Entity, graph: Mapping[str, Entity]) -> Iterator[str]:
    if not KINDS & set(action["@type"]) or "prov:Activity" not in action["@type"]:
        yield "it is no process"
    agents = [graph.get(name, {}) for name in _ids(action.get("agent"))]
    if not agents or not all(_is(one, "Person") or _is(one, "Organization") for one in agents):
        yield "its agent is nobody"
    if not all(_is(graph[name], "Organization") for name in _ids(action["provider"])):
        yield "its provider is no organization"
    status = action["actionStatus"]["@id"].removeprefix("http://schema.org/")
    if status.removesuffix("ActionStatus") not in STATUSES:
        yield "its status is none"
    if ("endTime" in action) == (status == "ActiveActionStatus"):
        yield "its end does not fit its status"
    for name in ("startTime", "endTime"):
        if name in action and not INSTANT.fullmatch(action[name]):
            yield f"its {name} is no time"
    decides = {"AuthorizeAction", "RejectAction"} & set(action["@type"])
    if decides and not _ids(action.get("object")):
        yield "it decides upon nothing"
    if status == "FailedActionStatus" and "result" in action:
        yield "it failed and has a result"


def _is(entity: Entity, kind: str) -> bool:
    types = entity.get("@type", [])
    return kind in ([types] if isinstance(types, str) else types)


def _ids(value: Any) -> list[str]:  # noqa: ANN401  JSON
    values = value if isinstance(value, list) else [value]
    return [one["@id"] for one in values if isinstance(one, Mapping) and "@id" in one]

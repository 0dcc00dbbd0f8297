"""A release is asked for: decided upon, made from the stored rows, measured, kept and logged."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from anonymizers.tables.release import TableRelease
from gateway.audit.record_events import RecordsRequested
from gateway.erasure import check_list
from gateway.opening import engine_limits, open_ram, open_store
from gateway.records import RecordDoor
from gateway.releases.earlier import (
    Scope,
    check_none_between,
    destroyed_releases,
    earlier_releases,
    joint,
)
from gateway.releases.folder import ReleaseFolder, drafting, write_folder
from gateway.releases.making import Wanted, classes_of, counted, facts_of, fewest, made, mark_key
from gateway.releases.manifest import Manifest, digest_of
from gateway.releases.sampling import drawn, sample_key
from gateway.releases.standing import check_erased, check_texts
from gateway.releases.together import Together, write_together
from gateway.releases.writing import Parts, write_release
from gateway.storage import Warehouse
from policies.record_facts import Joint
from query.ports import Receipt

__all__ = ["Requested", "request_release"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A release that waits for its approvals.

    Attributes:
        manifest: What it is.
        folder: Where it lies.
        made: With its exact figures, for the operator.
        receipt: Its entry in the log.
    """

    manifest: Manifest
    folder: Path
    made: TableRelease
    receipt: Receipt


def request_release(door: RecordDoor, wanted: Wanted) -> Requested:
    """Make a release and keep it until enough people have approved it.

    Raises:
        PolicyDeniedError: If the policy says no, to the request (logged) or to what was measured.
        DeclarationError: If no release of the table meets the criteria.
        StoreError: If the dataset has no snapshot that fits its declaration; ``STO-LIST`` if it
            was forgotten who was erased.
    """
    parts = _made(door, wanted)
    measured, asked = counted(parts.made), wanted.asked
    door.allow_measured(asked, parts.facts, measured)
    door.keep_policies()
    root, scope = door.settings.releases, _scope(wanted)
    target = ReleaseFolder(root, parts.release).path
    with drafting(root), write_folder(target) as draft:
        manifest = write_release(draft, door, wanted, parts)
        together = joint(parts.classes, manifest, parts.earlier)
        door.allow_measured(asked, parts.facts, replace(measured, joint=together))
        write_together(draft, _together(together, wanted, parts))
        event = _event(manifest, parts.snapshot.generation)
        checks = (
            partial(check_erased, door, event),
            partial(check_texts, event),
            partial(check_none_between, scope, parts.earlier),
        )
        receipt = door.record(asked, event, *checks)
    return Requested(manifest=manifest, folder=target, made=parts.made, receipt=receipt)


def _made(door: RecordDoor, wanted: Wanted) -> Parts:
    """Make a release, once it is allowed by what can be known before."""
    settings, asked = door.settings, wanted.asked
    store = open_store(settings, door.keys)
    current = store.current(asked.dataset) if asked.dataset in door.policies.datasets else None
    door.allow(asked, facts_of(wanted, current))
    warehouse = Warehouse(
        store, open_ram(settings), engine_limits(settings), partial(check_list, store, door.ledger)
    )
    name, dataset = secrets.token_hex(16), door.policies.datasets[asked.dataset]
    key = mark_key(door.keys.master_secret, asked.dataset, name)
    try:
        snapshot = warehouse.snapshot(dataset)
        facts = facts_of(wanted, snapshot.manifest)  # another one, if an ingest came in between
        door.allow_measured(asked, facts, fewest(snapshot, facts))
        table = dataset.tables[wanted.table]
        release = made(wanted, snapshot, table, key)
        classes = classes_of(release, snapshot, wanted, table, door.keys.master_secret)
    finally:
        warehouse.close()
    return Parts(
        release=name,
        snapshot=snapshot.manifest,
        facts=facts,
        made=release,
        classes=classes,
        earlier=earlier_releases(door, _scope(wanted)),
        destroyed=destroyed_releases(door, _scope(wanted)),
        sample=drawn(
            release.table,
            facts,
            dataset.spec.releases,
            sample_key(door.keys.master_secret, asked.dataset, wanted.table),
        ),
    )


def _together(both: Joint | None, wanted: Wanted, parts: Parts) -> Together:
    earlier = [one.manifest for one in parts.earlier]
    names = tuple(one.release for one in earlier if one.table == wanted.table)
    if both is None:
        return Together(k=None, releases=names)
    told = both.told
    return Together(
        k=both.units,
        releases=names,
        l=min((one.l for one in told), default=None),
        t=f"{max(one.t for one in told):f}" if told else None,
    )


def _scope(wanted: Wanted) -> Scope:
    asked = wanted.asked
    return Scope(dataset=asked.dataset, project=asked.project, recipient=wanted.recipient)


def _event(manifest: Manifest, erased: int) -> RecordsRequested:
    criteria, text = manifest.criteria, manifest.text
    return RecordsRequested(
        actor=manifest.requester,
        project=manifest.project,
        purpose=manifest.purpose,
        dataset=manifest.dataset,
        snapshot=manifest.snapshot,
        policy=manifest.policy,
        release=manifest.release,
        recipient=manifest.recipient,
        manifest=digest_of(manifest.to_bytes()),
        plan=manifest.plan,
        min_k=criteria.k,
        min_l=criteria.l,
        max_t="" if criteria.t is None else f"{criteria.t.normalize():f}",
        max_left_out=f"{criteria.suppression.normalize():f}",
        until=manifest.until.isoformat(),
        scorecard="" if text is None else text.scorecard,
        text_engine="" if text is None else text.engine,
        text_profile="" if text is None else text.profile,
        erased=erased,
        table=manifest.table,
        sample=0 if text is None else text.sample,
    )

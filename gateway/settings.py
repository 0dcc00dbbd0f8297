"""Settings of one deployment: ``gateway.toml``, read once; nothing else reads the environment."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as declared

from anonymizers.engines import BUILTIN, EngineName
from gateway.deidentify_settings import DeidentifySettings, text_engine
from gateway.errors import OperatorError
from gateway.gold_files import ConsentedGold
from gateway.identity.settings import IdentitySettings
from gateway.jobs.settings import JobSettings
from gateway.ledger.places import LedgerPlace, file_beside, ledger_place
from gateway.ledger.settings import LogSettings
from gateway.serving_settings import HttpSettings, PresidioSettings
from gateway.witness.settings import WitnessSettings
from policies.model import STRICT, Identifier
from policies.text_operators import Profile

__all__ = [
    "SETTINGS_FILE",
    "EngineSettings",
    "PathSettings",
    "ServiceSettings",
    "Settings",
    "api_key_from_environment",
    "default_key_folder",
    "load_settings",
]

SETTINGS_FILE: Final = "gateway.toml"


@declared(frozen=True, slots=True, kw_only=True, config=STRICT)
class ServiceSettings:
    """How the HTTP service runs.

    Attributes:
        host: Address to listen on; the loopback address unless a proxy with TLS stands before it.
        port: TCP port, 0 for any free one.
        threads: Requests served at once; most of them wait for a step of time, and cost nothing.
        time_bucket_ms: The outcome of a query is logged and told this many milliseconds, or 4, 16,
            64, … times as many, after its charge, so that its time says little; 0 turns it off.
        requests_per_key: Requests that one API key may have under way at once.
        jobs: Questions that are answered later.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    threads: Annotated[int, Field(ge=1, le=256)] = 32
    time_bucket_ms: Annotated[int, Field(ge=0, le=60_000)] = 250
    requests_per_key: Annotated[int, Field(ge=1, le=256)] = 4
    jobs: JobSettings = JobSettings()


@declared(frozen=True, slots=True, kw_only=True, config=STRICT)
class PathSettings:
    """Where things lie; relative paths start at the deployment's folder, ``~`` at the home.

    Attributes:
        policies: Folder of the declarations.
        activated: Folder of the copies of all sets of declarations that were put in force.
        store: Folder of the sealed snapshots.
        releases: Folder of the records that were asked for, until they are destroyed.
        ledger: SQLite file of budget ledger and audit log, or ``postgresql://USER@HOST/DATABASE``.
        accounts: SQLite file of API keys.
        keys: Folder of the key ring; by default not in the deployment's, of which copies are made.
        memory: RAM-backed folder in which snapshots are opened; found by itself if empty.
        allow_disk: Whether ``memory`` may lie on a disk, which then holds opened data.
    """

    policies: str = "policies"
    activated: str = "activated"
    store: str = "store"
    releases: str = "releases"
    ledger: str = "ledger.sqlite"
    accounts: str = "accounts.sqlite"
    keys: str = ""
    memory: str = ""
    allow_disk: bool = False


@declared(frozen=True, slots=True, kw_only=True, config=STRICT)
class EngineSettings:
    """What one query may use.

    Attributes:
        threads: DuckDB threads of one snapshot.
        memory_limit_mb: Memory of one snapshot's engine, in MiB.
        deadline_seconds: Longest run of one statement.
        concurrent_runs: Statements that run at once on one snapshot.
    """

    threads: Annotated[int, Field(ge=1, le=1024)] = 2
    memory_limit_mb: Annotated[int, Field(ge=64)] = 1024
    deadline_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0
    concurrent_runs: Annotated[int, Field(ge=1, le=256)] = 2


@declared(frozen=True, slots=True, kw_only=True, config=STRICT)
class _File:
    id: Identifier
    service: ServiceSettings = ServiceSettings()
    paths: PathSettings = PathSettings()
    engine: EngineSettings = EngineSettings()
    deidentify: DeidentifySettings = DeidentifySettings()
    witness: WitnessSettings = WitnessSettings()
    log: LogSettings = LogSettings()
    identity: IdentitySettings = IdentitySettings()
    http: HttpSettings = HttpSettings()
    presidio: PresidioSettings = PresidioSettings()

    def __post_init__(self) -> None:
        if self.presidio.enabled and self.presidio.threads >= self.service.threads:
            raise ValueError("presidio.threads must be below service.threads")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One deployment's settings, with all paths absolute.

    Attributes:
        id: Stable name of the deployment; also the origin of its audit log.
        folder: The deployment's folder.
        policies: Folder of the declarations.
        activated: Folder of the copies of those that were put in force.
        store: Folder of the sealed snapshots.
        releases: Folder of the records that were asked for.
        ledger: Where budget ledger and audit log are.
        accounts: SQLite file of API keys.
        keys: Folder of the key ring.
        memory: RAM-backed folder, or None to let storage find one.
        allow_disk: Whether ``memory`` may lie on a disk.
        service: How the HTTP service runs.
        engine: What one query may use.
        text_engine: The model that looks for identifiers in notes.
        least_profile: Operating point of detection below which nothing goes.
        gold: Texts of persons who agreed, on which stewards see how notes are read; or None.
        witness: How witnesses of the audit log are reached.
        log: How a service watches over its own log.
        identity: How people sign in.
        http: Limits of rate, the proxy before the service, and the port of the metrics.
        presidio: The addresses for programs that speak to Presidio.
    """

    id: str
    folder: Path
    policies: Path
    activated: Path
    store: Path
    releases: Path
    ledger: LedgerPlace
    accounts: Path
    keys: Path
    memory: Path | None
    allow_disk: bool
    service: ServiceSettings
    engine: EngineSettings
    text_engine: EngineName = BUILTIN
    least_profile: Profile = "utility"
    gold: ConsentedGold | None = None
    witness: WitnessSettings = field(default_factory=WitnessSettings)
    log: LogSettings = field(default_factory=LogSettings)
    identity: IdentitySettings = field(default_factory=IdentitySettings)
    http: HttpSettings = field(default_factory=HttpSettings)
    presidio: PresidioSettings = field(default_factory=PresidioSettings)

    @property
    def erased(self) -> Path:
        """Folder of the lists of whose data may not be stored; beside the ledger, to be kept so."""
        return file_beside(self.ledger, self.folder, "erased")


def load_settings(folder: Path) -> Settings:
    """Read ``gateway.toml`` of a deployment.

    Raises:
        OperatorError: If the file is missing, is not TOML, or has a wrong or unknown key; the
            message names the key.
    """
    path = folder / SETTINGS_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise OperatorError(
            "there is no gateway.toml in this folder",
            code="CFG-MISSING",
            remedy="name the folder of a deployment, or make one with 'gateway init FOLDER'",
            file=str(path),
        ) from None
    except (OSError, UnicodeDecodeError):
        raise OperatorError(
            "the settings cannot be read as UTF-8 text",
            code="CFG-UNREADABLE",
            remedy="check the file's owner, mode and encoding",
            file=str(path),
        ) from None
    return _resolve(_parse(text, str(path)), folder.absolute())


def _parse(text: str, file: str) -> _File:
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(
            f"the settings are not TOML: {error}",
            code="CFG-INVALID",
            remedy="correct the line; https://toml.io describes the form",
            file=file,
        ) from None
    try:
        # As JSON, since strict Python input would want instances of the classes, not tables.
        # No key is a date, so a date becomes what no key is either.
        return TypeAdapter(_File).validate_json(json.dumps(tree, default=lambda _: []))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        raise OperatorError(
            ", ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problems),
            code="CFG-INVALID",
            remedy="correct these keys; docs/settings.md lists all of them",
            file=file,
        ) from None


def _resolve(file: _File, folder: Path) -> Settings:
    def absolute(path: str) -> Path:
        return folder / Path(path).expanduser()

    paths = file.paths
    settings = Settings(
        id=file.id,
        folder=folder,
        policies=absolute(paths.policies),
        activated=absolute(paths.activated),
        store=absolute(paths.store),
        releases=absolute(paths.releases),
        ledger=ledger_place(paths.ledger, folder),
        accounts=absolute(paths.accounts),
        keys=absolute(paths.keys) if paths.keys else default_key_folder(file.id),
        memory=absolute(paths.memory) if paths.memory else None,
        allow_disk=paths.allow_disk,
        service=file.service,
        engine=file.engine,
        text_engine=text_engine(file.deidentify, folder / SETTINGS_FILE),
        least_profile=file.deidentify.profile,
        witness=file.witness,
        log=file.log,
        identity=file.identity,
        http=file.http,
        presidio=file.presidio,
    )
    gold = file.deidentify.gold
    if gold is None:
        return settings
    consented = ConsentedGold(file=absolute(gold.file).resolve(), consent=gold.consent)
    _check_apart(consented.file, settings)
    return replace(settings, gold=consented)


def _check_apart(gold: Path, settings: Settings) -> None:
    """Refuse a gold set among what was ingested, or is to be given: those did not consent."""
    kept = (settings.store, settings.releases, settings.erased, settings.keys)
    if any(gold.is_relative_to(folder.resolve()) for folder in kept):
        raise OperatorError(
            "deidentify.gold.file: it lies among the data of this deployment",
            code="CFG-INVALID",
            remedy="name a file of texts whose persons agreed, in a folder of its own",
            file=str(settings.folder / SETTINGS_FILE),
        )


def default_key_folder(deployment: str) -> Path:
    """Return where the keys of a deployment lie by default: under the user's configuration."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "clinical-gateway" / "keys" / deployment


def api_key_from_environment() -> str | None:
    """Return the API key that ``GATEWAY_API_KEY`` holds, or None."""
    return os.environ.get("GATEWAY_API_KEY") or None

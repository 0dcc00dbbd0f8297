"""Options that the commands below ``gateway deidentify`` share."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, get_args

import click
from pydantic import ValidationError

from anonymizers.engines import BUILTIN, EngineName, parse_engine
from anonymizers.keys import KEY_BYTES, derive_key
from anonymizers.tables.release import ReleaseKeys
from anonymizers.text import Operator, Profile, stricter
from gateway.identity.principals import is_user_name
from gateway.keyring import KeyRing
from gateway.records import Asked
from gateway.settings import load_settings
from policies.text_operators import BY_NAME, FOR_LABELS, Label, Mask, Replace, TextOperator

__all__ = [
    "Operators",
    "asked_by",
    "dataset_keys",
    "file_keys",
    "keyed",
    "member",
    "operated",
    "operating_point",
    "operators_of",
    "pointed",
    "worked",
]

_Command = Callable[..., Any]
_FOLDER: Final = click.Path(file_okay=False, path_type=Path)
_FILES: Final = "(files)"
"""A scope that no project can have as its id."""

operated: Final = click.option(
    "--operator",
    "operators",
    multiple=True,
    metavar="[LABEL=]OPERATOR",
    help="surrogate, redact, mask[:CHARACTER], replace:TEXT, pseudonymize, shift_date, generalize "
    "or encrypt, for all labels or for one; may be given several times.",
)
worked: Final = click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes for text.",
)


def pointed(command: _Command) -> _Command:
    """Add the options that say how text is read."""
    profile = click.option(
        "--profile",
        type=click.Choice(get_args(Profile)),
        default="standard",
        show_default=True,
        help="strict finds most, utility keeps most.",
    )
    engine = click.option(
        "--engine", help="builtin, spacy:PACKAGE or hf:FOLDER; the deployment's by default."
    )
    language = click.option(
        "--language", "languages", multiple=True, help="What the engine reads; en by default."
    )
    return profile(engine(language(command)))


def operating_point(given: Mapping[str, Any], folder: Path | None) -> tuple[Profile, EngineName]:
    """Return the profile and the engine that were asked for.

    A deployment's least profile holds also here, and its engine where no other is named.
    """
    profile: Profile = given["profile"]
    engine = BUILTIN
    if folder is not None:
        settings = load_settings(folder)
        profile, engine = stricter(profile, settings.least_profile), settings.text_engine
    if given.get("engine"):
        engine = parse_engine(given["engine"], tuple(given.get("languages") or ("en",)))
    return profile, engine


@dataclass(frozen=True, slots=True)
class Operators:
    """What ``--operator`` says: one for all labels, and those of single labels."""

    default: Operator
    by_label: Mapping[Label, TextOperator]


def operators_of(given: Sequence[str]) -> Operators:
    """Read ``redact``, ``DATE=generalize``, ``ID=mask:#``, ``OTHER=replace:gone``.

    Raises:
        click.BadParameter: If one has another form, or does not fit its label.
    """
    default: Operator = "surrogate"
    by_label: dict[Label, TextOperator] = {}
    for one in given:
        name, mark, text = one.partition("=")
        if not mark:
            if name not in get_args(Operator):
                raise click.BadParameter(f"for all labels one of {', '.join(get_args(Operator))}")
            default = cast("Operator", name)
            continue
        if name not in Label.__members__:
            raise click.BadParameter(f"labels are {', '.join(Label.__members__)}")
        label = Label[name]
        operator = _operator(text)
        if label not in FOR_LABELS.get(type(operator), tuple(Label)):
            raise click.BadParameter(f"{text} does not fit {name}")
        by_label[label] = operator
    return Operators(default=default, by_label=by_label)


def _operator(text: str) -> TextOperator:
    name, mark, argument = text.partition(":")
    try:
        if name == "mask" and mark:
            return Mask(character=argument)
        if name == "replace" and mark:
            return Replace(text=argument)
    except ValidationError:
        raise click.BadParameter(
            f"{name} cannot write that; see docs/deidentification.md"
        ) from None
    if mark or name not in BY_NAME:
        raise click.BadParameter(f"operators are {', '.join(BY_NAME)} and replace:TEXT")
    return BY_NAME[name]


def keyed(command: _Command) -> _Command:
    """Add the options that say which keys make stand-ins."""
    folder = click.option(
        "--folder",
        type=_FOLDER,
        help="Use the keys of this deployment, so that stand-ins stay the same; else they are new.",
    )
    dataset = click.option(
        "--dataset", default="text", show_default=True, help="Whose keys are used, with --folder."
    )
    return folder(dataset(command))


def member(command: _Command) -> _Command:
    """Add the options that say who asks for records, and why."""
    user = click.option("--as", "user", help="Who asks; a member of the project.")
    purpose = click.option("--purpose", help="Why, in the words of the policy.")
    return user(purpose(command))


def asked_by(given: Mapping[str, Any]) -> Asked:
    """Return who asks for records.

    Raises:
        click.UsageError: If that was not said.
    """
    user, purpose = given["user"], given["purpose"]
    if user is None or not is_user_name(user) or not purpose:
        raise click.UsageError("give --as USER, a member of the project, and --purpose")
    return Asked(user=user, project=given["project"], dataset=given["dataset"], purpose=purpose)


def dataset_keys(folder: Path | None) -> bytes:
    """Return the master secret of a deployment, or a new one that nobody keeps."""
    if folder is None:
        return secrets.token_bytes(KEY_BYTES)
    return KeyRing.open(load_settings(folder).keys).master_secret


def file_keys(master: bytes, dataset: str) -> ReleaseKeys:
    """Derive the keys under which the operator's own files of a dataset are written.

    They are those of no project, and none under which anything is stored: what a project is given
    leaves by the record door.
    """

    def derive(purpose: str) -> bytes:
        return derive_key(master, purpose=purpose, dataset=dataset, scope=_FILES)

    return ReleaseKeys(
        pseudonyms=derive("pseudonyms"), shift=derive("date-shift"), text=derive("text")
    )

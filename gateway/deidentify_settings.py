"""Settings of how notes are de-identified, and of the texts on which stewards see it done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from anonymizers.engines import EngineName, parse_engine
from gateway.errors import OperatorError
from policies.errors import DeclarationError
from policies.model import STRICT
from policies.text_operators import Profile

__all__ = ["DeidentifySettings", "GoldSettings", "text_engine"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class GoldSettings:
    """Texts whose identifiers are known, and whose persons agreed that stewards read them.

    Attributes:
        file: JSON lines as ``gateway deidentify score`` reads them.
        consent: On what that rests, such as the number of an approval; shown beside each text.
    """

    file: Annotated[str, Field(min_length=1)]
    consent: Annotated[str, Field(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DeidentifySettings:
    """How notes are de-identified, whatever the dataset.

    Attributes:
        engine: The model beside the rules: ``builtin``, ``spacy:<package>`` or ``hf:<folder>``.
        languages: Two-letter codes of what the engine reads; other text is withheld.
        profile: Operating point below which no ingest and no command of this deployment goes;
            declarations and options may be stricter.
        gold: What stewards may see read beside made-up texts; None for nothing.
    """

    engine: str = "builtin"
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...] = ("en",)
    profile: Profile = "utility"
    gold: GoldSettings | None = None


def text_engine(given: DeidentifySettings, file: Path) -> EngineName:
    """Return the engine that the settings name; a folder of a model starts at the deployment's.

    Args:
        given: The settings.
        file: That they are from.

    Raises:
        OperatorError: If there is no such engine.
    """
    try:
        engine = parse_engine(given.engine, given.languages)
    except DeclarationError as error:
        raise OperatorError(
            error.message, code=error.code, remedy=error.remedy, file=str(file)
        ) from None
    if engine.kind != "hf":
        return engine
    return replace(engine, place=str(file.parent / Path(engine.place).expanduser()))

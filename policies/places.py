"""From a JSON Pointer into a declaration to the file and line where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from policies.active import PolicySet
from policies.documents import Tree, TreePath
from policies.errors import Position
from policies.lattice import Layer
from policies.schema import child

__all__ = ["Place", "Places"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file of the declarations.

    Attributes:
        file: Relative to the folder, such as ``projects/heart.yaml``.
        position: Line and column.
    """

    file: str
    position: Position

    def __str__(self) -> str:
        return f"{self.file}:{self.position}"


class Places:
    """The files of a set of declarations, to find places in.

    Args:
        policies: A set that was read from files; of any other, no place is known.
    """

    def __init__(self, policies: PolicySet) -> None:
        self._documents = policies.documents

    def find(self, kind: str, policy: str, pointer: str) -> Place | None:
        """Return where a pointer leads, or the nearest thing around it.

        Args:
            kind: ``gateway``, ``dataset`` or ``project``.
            policy: Id of the declaration.
            pointer: JSON Pointer (RFC 6901) into it.
        """
        document = self._documents.get((Layer(kind), policy))
        if document is None:
            return None
        path: TreePath = ()
        tree: Tree = document.tree
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            step: str | int = int(key) if isinstance(tree, list) and key.isdecimal() else key
            found = child(tree, step)
            if not found:
                break
            (tree,) = found
            path = (*path, step)
        return Place(document.file, document.position(path, key=True))

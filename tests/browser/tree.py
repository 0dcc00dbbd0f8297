"""The accessibility tree of a page, as Chromium tells it to whoever reads the page aloud."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from playwright.sync_api import Page

__all__ = ["Node", "tree_of", "unheard"]

_LINE = re.compile(
    r"""(?P<indent>\ *)-\ '?(?P<role>[a-z]+)"""
    r"""(?:\ "(?P<name>(?:[^"\\]|\\.)*)"|\ /(?P<pattern>.*)/)?"""
    r"""(?P<states>(?:\ \[[^]]*\])*)'?(?P<said>:.*)?""",
    re.VERBOSE,
)
CONTROLS = {"button", "link", "textbox", "combobox", "slider", "radio", "checkbox", "searchbox"}
LANDMARKS = ("banner", "main", "contentinfo")


@dataclass
class Node:
    """One thing that is read aloud.

    Attributes:
        role: What it is.
        name: How it is called; empty for nothing.
        states: Such as ``[level=1]``.
        inner: What is in it.
        above: Names of what it is in, of tables' regions for instance; the outermost first.
    """

    role: str
    name: str
    states: str = ""
    inner: list[Node] = field(default_factory=list)
    above: tuple[str, ...] = ()

    def all(self) -> Iterator[Node]:
        """Yield it and all in it, in the order of reading."""
        yield self
        for one in self.inner:
            yield from one.all()


def tree_of(page: Page) -> Node:
    """Return the tree of a whole page."""
    root = Node("document", "")
    path = [(-1, root)]
    for line in page.locator("body").aria_snapshot().splitlines():
        found = _LINE.fullmatch(line)
        if found is None or found["role"] == "text":
            continue
        indent = len(found["indent"])
        while path[-1][0] >= indent:
            path.pop()
        above = tuple(node.name for _, node in path if node.role == "region" and node.name)
        name = found["name"] or (found["said"] or ":").removeprefix(":").strip()
        node = Node(found["role"], name, found["states"], above=above)
        if found["role"] not in CONTROLS and not found["name"]:
            node.name = ""
        path[-1][1].inner.append(node)
        path.append((indent, node))
    return root


def unheard(tree: Node) -> list[str]:
    """Return what somebody who only hears the page would miss."""
    found = []
    nodes = list(tree.all())
    levels = [int(level) for one in nodes for level in re.findall(r"level=(\d)", one.states)]
    if levels.count(1) != 1 or levels[:1] != [1]:
        found.append(f"headings begin {levels[:3]}, and {levels.count(1)} of them are the first")
    found += [f"h{a} is followed by h{b}" for a, b in pairwise(levels) if b > a + 1]
    for role in LANDMARKS:
        if sum(one.role == role for one in nodes) != 1:
            found.append(f"there is not one {role}")
    found += [f"a {one.role} has no name" for one in nodes if one.role in CONTROLS and not one.name]
    for one in nodes:
        if one.role == "table":
            if not one.name and not one.above:
                found.append("a table has neither a caption nor a named region around it")
            if not any(inner.role == "columnheader" for inner in one.all()):
                found.append(f"the table {one.name or one.above} has no heads of columns")
    return found

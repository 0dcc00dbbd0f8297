"""The report as one page of HTML: no script, nothing loaded, ready to print and file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from anonymizers.tables.plan import UNITS
from anonymizers.tables.report.document import Document, State
from anonymizers.tables.report.plots import bars

__all__ = ["report_page"]

_SOURCES = (
    "k-anonymity: L. Sweeney (2002), Int. J. Uncertainty, Fuzziness and Knowledge-Based Systems 10",
    "l-diversity: A. Machanavajjhala and others (2007), ACM TKDD 1(1)",
    "t-closeness: N. Li and others (2007), ICDE",
    "attackers: K. El Emam (2013), Guide to the De-Identification of Personal Health Information",
    "loss of a cell: V. Iyengar (2002), KDD",
    "discernibility: R. Bayardo and R. Agrawal (2005), ICDE",
    "search: F. Kohlmayer and others (2012), Flash, IEEE PASSAT",
)


def report_page(document: Document) -> str:
    """Return the page; it stands for itself, and holds no value of the table."""
    title = f"Release of {document['source']}"
    style = files("anonymizers.tables.report").joinpath("page.css").read_text(encoding="utf-8")
    body = (
        _head(document, title),
        _verdict(document),
        _risks(document),
        _plots(document),
        _columns(document),
        _losses(document),
        _limits(document),
        _method(document),
        '<div class="sign"><div>Privacy officer</div><div>Date</div><div>Decision</div></div>',
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f"<body>{''.join(body)}</body></html>\n"
    )


def _head(document: Document, title: str) -> str:
    about = (
        f"For project {document['project']} · made {document['made']} · "
        f"gateway {document['gateway_version']} · plan sha256:{document['plan_sha256']}"
    )
    return (
        f'<p class="notice">{escape(document["notice"])}</p>'
        f'<h1>{escape(title)}</h1><p class="about">{escape(about)}</p>'
    )


def _verdict(document: Document) -> str:
    before, after, criteria = document["before"], document["after"], document["criteria"]
    diverse = ""
    if document["sensitive"] is not None:
        diverse = (
            f" Of the people in a class, at most one in {after['l']} has the same "
            f"{document['sensitive']}."
        )
    text = (
        f"Before, {before['unique_rows']:,} of {before['rows']:,} rows "
        f"({before['unique_share']:.1%}) were alone with their quasi-identifiers. "
        f"Released are {after['rows']:,} rows; every person in them looks like at least "
        f"{max(after['k'] - 1, 0):,} others (k = {after['k']}, asked for {criteria['k']}). "
        f"{after['rows_left_out']:,} rows were left out.{diverse}"
    )
    return f'<p class="verdict">{escape(text)}</p>'


def _risks(document: Document) -> str:
    before, after = document["before"], document["after"]
    rows = [
        ("Rows", f"{before['rows']:,}", f"{after['rows']:,}"),
        ("Rows left out", "-", f"{after['rows_left_out']:,}"),
        ("Classes of equal quasi-identifiers", f"{before['classes']:,}", f"{after['classes']:,}"),
        ("Smallest class, in people (k)", f"{before['k']:,}", f"{after['k']:,}"),
        ("Rows alone in their class", _unique(before), _unique(after)),
    ]
    if document["sensitive"] is not None:
        rows += [
            ("Smallest number of sensitive values (l)", _whole(before), _whole(after)),
            (
                "… as equally likely ones (entropy l)",
                _plain(before["entropy_l"]),
                _plain(after["entropy_l"]),
            ),
            ("Largest distance to the whole table (t)", _plain(before["t"]), _plain(after["t"])),
        ]
    for place, risk in enumerate(before["attackers"]):
        then, name = after["attackers"][place], risk["attacker"].capitalize()
        if risk["highest"] is not None:
            rows.append((f"{name}: highest risk", _share(risk["highest"]), _share(then["highest"])))
        rows.append((f"{name}: average risk", _share(risk["average"]), _share(then["average"])))
        if risk["at_risk"] is not None:
            above = f"{name}: rows above {document['criteria']['threshold']:.0%} risk"
            rows.append((above, _share(risk["at_risk"]), _share(then["at_risk"])))
    return "<h2>Risk before and after</h2>" + _table(("", "Before", "After"), rows)


def _plots(document: Document) -> str:
    before, after = document["before"], document["after"]
    sizes = [
        (old["sizes"], old["share"], new["share"])
        for old, new in zip(before["class_sizes"], after["class_sizes"], strict=True)
    ]
    risks: list[tuple[str, float, float]] = []
    for old, new in zip(before["attackers"], after["attackers"], strict=True):
        if old["highest"] is not None:
            risks.append((f"{old['attacker']} highest", old["highest"], new["highest"] or 0.0))
        risks.append((f"{old['attacker']} average", old["average"], new["average"]))
    threshold = float(document["criteria"]["threshold"] or 0)
    first = bars("Share of rows by class size", sizes, axis="people in the class")
    second = bars(
        "Risk of being found, by attacker",
        risks,
        axis="attacker",
        line=(threshold, f"threshold {threshold:.0%}"),
    )
    key = '<p class="key"><i class="b"></i>before<i class="a"></i>after</p>'
    return (
        f"<figure><figcaption>Share of rows by size of class</figcaption>{key}{first}</figure>"
        f"<figure><figcaption>Risk by attacker</figcaption>{key}{second}</figure>"
    )


def _columns(document: Document) -> str:
    rows = [
        (
            column["name"],
            column["role"].replace("_", " "),
            column["done"],
            "-" if column["loss"] is None else _share(column["loss"]),
        )
        for column in document["columns"]
    ]
    return "<h2>What was done to each column</h2>" + _table(
        ("Column", "Role", "Done", "Loss"), rows, numbers=1
    )


def _losses(document: Document) -> str:
    before, after = document["before"], document["after"]
    rows = [
        ("Mean loss of a quasi-identifying cell", "0.0%", _share(document["loss"])),
        (
            "Rows of a class, mean",
            f"{before['mean_class_rows']:,.1f}",
            f"{after['mean_class_rows']:,.1f}",
        ),
        ("Discernibility", f"{before['discernibility']:,}", f"{after['discernibility']:,}"),
    ]
    return "<h2>What it costs in use</h2>" + _table(("", "Before", "After"), rows)


def _limits(document: Document) -> str:
    texts, unreadable = document["free_texts"], document["unreadable"]
    counted = {one.value for one in UNITS} & {one["role"] for one in document["columns"]}
    lines = [
        "The figures are for the quasi-identifiers above; who knows more can do better.",
        "Several rows of one person stay linked by a pseudonym; together they tell more than one."
        if counted
        else "No column says whose each row is: every row was taken for another person.",
    ]
    if not document["population_register"]:
        lines.append(
            "No register of the population was given: the journalist is taken to know that the "
            "person is in the table, which is the worst case."
        )
    if sum(texts.values()):
        lines.append(
            f"{texts['deidentified']:,} free texts went through the text pipeline; "
            f"{texts['withheld']:,} could not be de-identified and are empty. No figure here "
            "covers what text tells."
        )
    lines += [
        f"{count:,} values of {name} could not be read; they are * or empty."
        for name, count in unreadable.items()
    ]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>What these figures do not say</h2><ul>{items}</ul>"


def _method(document: Document) -> str:
    search, criteria = document["search"], document["criteria"]
    text = (
        f"Of {search['nodes']:,} combinations of steps, the one with the least loss that meets "
        f"k = {criteria['k']}, l = {criteria['l']}, "
        f"t = {'none' if criteria['t'] is None else criteria['t']}, with at most "
        f"{criteria['suppression']:.1%} of the rows left out, was found by "
        f"{search['counted']:,} counts. The same table and plan always give the same release "
        "under the same keys."
    )
    items = "".join(f"<li>{escape(source)}</li>" for source in _SOURCES)
    return f"<h2>Method</h2><p>{escape(text)}</p><ul>{items}</ul>"


def _table(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int | None = None
) -> str:
    """Return a table; the last ``numbers`` columns hold numbers, by default all but the first."""
    first = 1 if numbers is None else len(header) - numbers

    def cells(row: Sequence[str], tag: str) -> str:
        return "".join(
            f'<{tag} class="{"n" if place >= first else "name"}">{escape(cell)}</{tag}>'
            for place, cell in enumerate(row)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    head = f"<thead><tr>{cells(header, 'th')}</tr></thead>"
    return f'<div class="wide"><table>{head}<tbody>{body}</tbody></table></div>'


def _unique(state: State) -> str:
    return f"{state['unique_rows']:,} ({state['unique_share']:.1%})"


def _whole(state: State) -> str:
    return "-" if state["l"] is None else f"{state['l']:,}"


def _plain(number: float | None) -> str:
    return "-" if number is None else f"{number:.2f}"


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"

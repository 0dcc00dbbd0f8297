"""What notes are full of and what identifies nobody: drugs, devices, values, scores and codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from anonymizers.lexicon import listed_terms
from anonymizers.spans import Label
from anonymizers.training.draw import Draw
from anonymizers.training.pieces import Piece, Text

__all__ = [
    "abbreviation", "code", "condition", "dose", "drug", "drug_line", "eponym", "job", "lab",
    "listed", "lot", "measure", "score", "term", "vitals",
]  # fmt: skip

_DOSES: Final = ("%# mg", "%## mg", "%#.# mg", "%## mcg", "%### units", "% g", "0.% mg", "%#mg",
                 "%## mL", "%#%",
                 "1/2 tab", "% tabs", "% puffs", "%# mEq", "%.# mg/kg", "%#,### units", "%# units",
                 "81 mg")  # fmt: skip
_OFTEN: Final = ("daily", "BID", "TID", "QID", "qhs", "q6h", "q4h prn", "q 8 hours",
                 "every 12 hours", "prn pain",
                 "at bedtime", "weekly", "PO daily", "IV q24h", "SQ BID", "once", "x 7 days",
                 "with meals")  # fmt: skip
_STEMS: Final = ("alo", "bri", "cefa", "dano", "elti", "feno", "gami", "lura", "meso", "niva",
                 "oxe", "pali", "rema",
                 "sola", "tiro", "uro", "vela", "xeno", "zani", "tre", "quo", "abro", "ibru",
                 "osi")  # fmt: skip
_TAILS: Final = ("mab", "zumab", "pril", "sartan", "olol", "statin", "azole", "cillin", "mycin",
                 "floxacin", "tidine",
                 "prazole", "gliptin", "gliflozin", "tinib", "ciclib", "parib", "lukast",
                 "triptan", "setron", "vir",
                 "xaban", "pine", "zepam", "barbital", "dronate", "platin", "rubicin", "caine",
                 "profen")  # fmt: skip
_VITALS: Final = (
    "BP 1%#/%#, HR %#, RR 1%, T 98.%, SpO2 9#%", "T 37.# HR 1## BP 9#/5# RR 2# O2 sat 9#% RA",
    "1%#/%#", "BP: 1%#/7#",
    "Temp 9#.#F, pulse 8#, resp 1#, sat 9#% on 2L", "VS: 98.% 7# 12#/6# 1# 9#%",
    "Wt %#.# kg, Ht 1%# cm, BMI 2%.#",
    "P 7#  R 1#  BP 13#/8#", "HR 50s-60s, SBP 110s-120s", "weight 1%# lb", "pulse ox 9#%",
    "MAP 6#, CVP 1#, PEEP %",
)  # fmt: skip
_LABS: Final = (
    "Na 13#, K 4.%, Cl 10#, CO2 2%, BUN 1%, Cr 1.%", "WBC 1%.# Hgb 9.% Hct 2#.% Plt 2%#",
    "A1c %.#", "INR 2.%", "TSH 0.%#",
    "troponin 0.0%", "lactate 3.%", "glucose 2%#", "creatinine 1.%#", "hemoglobin %.# g/dL",
    "LDL 1%#, HDL 4#, TG 2##",
    "platelets 1%#,000", "pH 7.3# / pCO2 4# / pO2 8#", "BNP 1,%##", "CRP %#.#", "potassium 3.%",
    "ferritin %##", "PSA 4.%",
    "AST %#  ALT %#  ALP 1%#  T bili 0.%", "CD4 4%#, viral load <20",
    "UA: SG 1.0#%, pH 6.0, 2+ leuks", "vanc trough 1%.#",
    "K+ 4.%", "Hct 3#.%-->2#.%", "ESR %#", "B12 3%#", "iron 4#, TIBC 3##", "CEA 2.%", "CA-125 3%",
    "FEV1 6#% predicted",
)  # fmt: skip
_SCORES: Final = (
    "GCS 1%", "pain 8/10", "pain %/10", "strength 5/5", "4/5 strength", "reflexes 2+",
    "Apgars 8 and 9", "PHQ-9 score 1%",
    "GAD-7 of 1%", "MMSE 2%/30", "MoCA 1#/30", "NIHSS %", "CHADS-VASc 4", "MELD 1%", "Braden 1%",
    "ECOG 1", "KPS 80", "ASA 3",
    "Mallampati II", "NYHA class III", "Gleason 3+4=7", "T2N0M0", "stage IIIB", "grade 2", "G3P2",
    "G2P1001", "LVEF 5#%", "20/40",
    "2/6 systolic murmur", "ROM 0-120 degrees", "3-0 Vicryl", "L4-L5", "C5-6", "T10", "S1",
    "EBL 1%# mL", "18 gauge", "16 Fr", "AUDIT-C %",
    "1 of 3", "2-3 times", "%-% days", "x%", "1:1", "3 cm x 2 cm", "2.% x 3.% cm", "0.% mm",
    "#4 Shiley", "size 7.5 ETT", "22 cm at the lip",
)  # fmt: skip
_CODES: Final = (
    "ICD-10 E11.%", "ICD-10: I10", "I50.%", "Z79.4", "M54.5#", "CPT 992%#", "CPT 45%##",
    "SNOMED 440540##", "LOINC 4548-%",
    "NDC 0009#-10##-01", "DRG 47#", "HCPCS J1%##", "RxNorm 8609##", "CVX 14#", "F33.1", "S72.001A",
    "(J45.%#9)", "99213", "N18.3",
    "NCT0#######", "ICD-9 250.00", "R07.9", "Z00.00", "K35.80", "O80", "code 360", "form CMS-1500",
    "Section 12(b)",
)  # fmt: skip
_LOTS: Final = ("lot ?#####", "Lot #: ??%###", "lot no. #####?", "exp 12/27", "batch %##?")


def listed(name: str) -> Callable[[Draw], Text]:
    """Return a filler that draws from one list."""

    def fill(draw: Draw) -> Text:
        return (Piece(draw.pick(listed_terms(name))),)

    return fill


def _of(forms: tuple[str, ...]) -> Callable[[Draw], Text]:
    def fill(draw: Draw) -> Text:
        form = draw.pick(forms)
        # A percent sign after a digit is a percent sign; "%" elsewhere is a digit from 1 to 9.
        kept = form.replace("#%", "#\0").replace("## %", "##\0")
        return (Piece(draw.filled(kept).replace("\0", "%")),)

    return fill


vitals = _of(_VITALS)
lab = _of(_LABS)
score = _of(_SCORES)
code = _of(_CODES)
lot = _of(_LOTS)
dose = _of(_DOSES)


def abbreviation(draw: Draw) -> Text:
    """Return an abbreviation; one in four is made up, since every service has its own."""
    if draw.chance(0.25):
        name = draw.filled(draw.pick(("??", "???", "????", "?/?", "???s")))
        return (Piece(name.lower() if draw.chance(0.2) else name),)
    return (Piece(draw.pick(listed_terms(draw.pick(("abbreviations", "shorthand"))))),)


def drug(draw: Draw) -> Text:
    """Return a drug; one in ten is made up, with the ending of its class."""
    if draw.chance(0.1):
        name = draw.pick(_STEMS) + draw.pick(_TAILS)
    else:
        name = draw.pick(listed_terms(draw.pick(("drugs", "generics", "brands"))))
    return (Piece(name.capitalize() if draw.chance(0.3) else name),)


def drug_line(draw: Draw) -> Text:
    """Return a drug with its dose and how often."""
    return (*drug(draw), Piece(" "), *dose(draw), Piece(f" {draw.pick(_OFTEN)}"))


def measure(draw: Draw) -> Text:
    """Return a value, a score or a code."""
    return draw.weighted(((3, lab), (3, vitals), (4, score), (1, code), (1, lot), (1, drug_line)))(
        draw
    )


_TERMS: Final = (
    (1, "drugs"), (2, "devices"), (3, "eponyms"), (1, "abbreviations"), (1, "headings"),
    (1, "conditions"), (1, "procedures"), (3, "words"), (5, "named_terms"), (3, "brands"),
    (2, "generics"), (2, "shorthand"), (1, "organisms"), (2, "hospital"), (2, "diseases"),
    (2, "findings"), (1, "anatomy"), (1, "labs"), (1, "lay"), (1, "terse"),
)  # fmt: skip


def term(draw: Draw) -> Text:
    """Return a drug, a device, an eponym, an abbreviation, a heading or a word with a capital."""
    if draw.chance(0.06):
        return abbreviation(draw)
    name = draw.pick(listed_terms(draw.weighted(_TERMS)))
    return (Piece(name[:1].upper() + name[1:] if draw.chance(0.2) else name),)


def condition(draw: Draw) -> Text:
    """Return a disease, a finding or a complaint."""
    kind = draw.weighted(((3, "conditions"), (3, "diseases"), (2, "findings"), (2, "lay")))
    return (Piece(draw.pick(listed_terms(kind))),)


def eponym(draw: Draw) -> Text:
    """Return a term that holds a name."""
    return (Piece(draw.pick(listed_terms(draw.pick(("eponyms", "named_terms"))))),)


def job(draw: Draw) -> Text:
    """Return a profession."""
    return (Piece(draw.pick(listed_terms("jobs")), Label.PROFESSION),)

"""Which state a three-digit ZIP area lies in.

Source: United States Postal Service, Labeling List L002 (3-Digit ZIP Code Prefix Matrix).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

__all__ = ["state_of"]

_AREAS: Final = (
    "005-005 NY,006-007 PR,008-008 VI,009-009 PR,010-027 MA,028-029 RI,030-038 NH,039-049 ME,"
    "050-054 VT,055-055 MA,056-059 VT,060-069 CT,070-089 NJ,090-098 AE,100-149 NY,150-196 PA,"
    "197-199 DE,200-200 DC,201-201 VA,202-205 DC,206-212 MD,214-219 MD,220-246 VA,247-268 WV,"
    "270-289 NC,290-299 SC,300-319 GA,320-339 FL,340-340 AA,341-342 FL,344-344 FL,346-347 FL,"
    "349-349 FL,350-352 AL,354-369 AL,370-385 TN,386-397 MS,398-399 GA,400-427 KY,430-459 OH,"
    "460-479 IN,480-499 MI,500-528 IA,530-549 WI,550-567 MN,569-569 DC,570-577 SD,580-588 ND,"
    "590-599 MT,600-620 IL,622-629 IL,630-658 MO,660-679 KS,680-693 NE,700-714 LA,716-729 AR,"
    "730-731 OK,733-733 TX,734-749 OK,750-799 TX,800-816 CO,820-831 WY,832-838 ID,840-847 UT,"
    "850-865 AZ,870-884 NM,885-885 TX,889-898 NV,900-908 CA,910-928 CA,930-961 CA,962-966 AP,"
    "967-968 HI,969-969 GU,970-979 OR,980-994 WA,995-999 AK"
)
_RANGES: Final = tuple((int(one[:3]), int(one[4:7]), one[8:]) for one in _AREAS.split(","))
_STARTS: Final = tuple(first for first, _, _ in _RANGES)


def state_of(three: str) -> str | None:
    """Return the postal abbreviation of a ZIP area's state; None where no area has the number.

    Args:
        three: Three digits.
    """
    number = int(three)
    place = bisect_right(_STARTS, number) - 1
    if place < 0:
        return None
    _, last, state = _RANGES[place]
    return state if number <= last else None

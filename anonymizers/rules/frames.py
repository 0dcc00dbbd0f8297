"""Words around a name that say that it is one."""

from __future__ import annotations

from typing import Final

__all__ = [
    "BY",
    "FIELD",
    "GREETING",
    "RELATION",
    "STRONG_DEGREE",
    "TITLE",
    "WEAK_DEGREE",
    "WITH",
]

TITLE: Final = (
    r"(?:Drs?|Doctor|Mr|Mrs|Ms|Miss|Mx|Prof(?:essor)?|Nurse|Rev(?:erend)?|Pastor|Fr|Rabbi|Imam|"
    r"Chaplain|Officer|Sgt|Sergeant|Detective|Deputy|Judge|Attorney|Coach|DR|MRS|NURSE)"
)
RELATION: Final = (
    r"(?:daughter|son|wife|husband|spouse|partner|mother|father|mom|dad|mum|sister|brother|aunt|"
    r"uncle|niece|nephew|grandson|granddaughter|grandmother|grandfather|grandma|grandpa|cousin|"
    r"friend|neighbou?r|roommate|girlfriend|boyfriend|fianc[e\u00e9]e?|caregiver|guardian|"
    r"(?:step|god)(?:mother|father|son|daughter|brother|sister)|twin|baby|infant|child|"
    r"(?:son|daughter|mother|father|brother|sister)-in-law|ex-wife|ex-husband|aide|landlord|boss|"
    r"teacher|case manager|social worker|nurse|therapist|surgeon|physician|doctor|attending|"
    r"resident|intern|fellow|pcp|provider|cardiologist|oncologist|neurologist|psychiatrist|pediatrician|"
    r"midwife|pharmacist|interpreter|hospitalist|consultant|chaplain|counselor|psychologist|"
    r"nephrologist|pulmonologist|urologist|dermatologist|anesthesiologist|radiologist|pathologist)"
)
FIELD: Final = (
    r"(?:patient(?:'s)?(?: name)?|pt(?: name)?|name|attending(?: physician)?|provider|physician|"
    r"(?:assistant |primary |co-?)?surgeon|assistants?|anesthesiologist|anesthesia provider|"
    r"pcp|primary care(?: physician| provider)?|(?:referring|ordering)(?: physician| provider)?|"
    r"author|nurse|caller|attn|attention|dictator|resident|fellow|consultant|"
    r"emergency contact|next of kin|nok|guardian|proxy|health care proxy|hcp|poa|contact|informant|"
    r"social worker|case manager|therapist|radiologist|pathologist|technologist|reporter|client|"
    r"recipient|sender|signature|signed|by|reviewer|interpreter|clinician|scribe|"
    r"responsible party|subscriber|insured|guarantor|taken by|message for|spoke with)"
)
BY: Final = (
    r"(?:signed|dictated|authored|reviewed|performed|interpreted|transcribed|seen|referred|prepared|"
    r"accompanied|written|verified|read|reported|completed|entered|ordered|requested|taken|obtained|"
    r"administered|assisted|evaluated|examined|followed|brought in|driven|cared for|staffed|"
    r"called|placed|done|assessed|supervised|approved|attested|received|given)\s+by"
)
WITH: Final = (
    r"(?:named|name is|names? (?:was|are)|goes by|known as|spoke (?:with|to)|speak (?:with|to)|"
    r"discussed with|d/w|talked (?:with|to)|per|paged|informed|notified|told|met with|lives with|"
    r"resides with|saw|see|called|contacted|visited by|married to|i am|this is|i'm|my name is|"
    r"follow(?:s|ed)? up with|follow[- ]up with|f/u with|under the care of|service of|care of|c/o|"
    r"(?:agent|proxy|contact|kin|surrogate) is)"
)
STRONG_DEGREE: Final = (
    r"(?:M\.?D\.?|Ph\.?D\.?|D\.O\.|R\.N\.|N\.P\.|P\.A\.(?:-C\.?)?|PA-C|LCSW|LICSW|LMSW|MSW|FNP(?:-B?C)?|"
    r"ARNP|APRN|CRNA|CNM|DPM|D\.?D\.?S|DMD|PharmD|Pharm\.D\.|OTR/?L?|DPT|MBBS|LPN|BSN|DNP|AGNP|PMHNP|PsyD|"
    r"RRT|CCRN|CNS|MPH|FACS|FACC)"
)
WEAK_DEGREE: Final = r"(?:RN|NP|PA|DO|PT|OT|RD|SLP|CNA|MA|EMT|RT)"
GREETING: Final = (
    r"(?:Dear|Hi|Hello|Thanks,?|Thank you,?|Sincerely,?|Regards,?|Best,|Warmly,|Yours,)"
)

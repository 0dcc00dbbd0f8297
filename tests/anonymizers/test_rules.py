"""Each rule, without the model, on the forms it is for, and on what looks alike and is nobody."""

from __future__ import annotations

import time

import pytest

from anonymizers.rules import RULES, STRICT_RULES
from anonymizers.text import Profile, TextDeidentifier
from tests.anonymizers.marked import read, shown

SERVICE = TextDeidentifier(key=b"k" * 32, engine=None)
STRICT = TextDeidentifier(key=b"k" * 32, profile="strict", engine=None)

FOUND = [
    # names in frames
    "Dr. {NAME:Okafor} and Mrs. {NAME:Van der Berg} met Nurse {NAME:Quill}.",
    "DR. {NAME:SMITH} SAW PATIENT",
    "seen by dr. {NAME:okafor} and mr {NAME:brandt}",
    "{NAME:J. R. Okafor}, MD; {NAME:Brandt Quill} PhD; {NAME:Tilda Moss}, RN",
    "Her daughter {NAME:Lucinda} and his brother ({NAME:Otis}) called",
    "with her daughter, {NAME:May}, at home",
    "her mother {NAME:marie} called",
    "{NAME:Brandt Quill} (husband) may drive",
    "{NAME:Tilda Quill}, his wife, agrees",
    "Patient: {NAME:OKAFOR, MARIA}",
    "Attending: Dr. {NAME:Tilda Quill}",
    "Electronically signed by: {NAME:Tilda Quill}",
    "Dear {NAME:Tilda},",
    "{NAME:Quill Brandt} is a 62-year-old man",
    "{NAME:Kayla Ward} is a 15-year-old girl",
    "Spoke with {NAME:Maria} today",
    "{NAME:Tilda Quill} can be reached at home",
    "Today {NAME:Maria Okafor} came",
    "list: {NAME:Okafor, Maria}",
    "taken by: {NAME:michael}",
    "{NAME:Maria} rests",
    "per Dr. {NAME:Young} and Mr. {NAME:Long}",
    "told {NAME:Okafor} that it is small; asked {NAME:Brandt} about it",
    "{NAME:Murphy} has pain. {NAME:Nguyen} denies it.",
    "the {NAME:kowalskis} asked about hospice",
    "a patient of {NAME:johnson-williams}, it's {NAME:kayla}; {NAME:o'donnell} waits",
    "{NAME:kayla johnson} rests",
    "your refill is here. Thanks! {NAME:Iara}",
    "the results are in, thank you. {NAME:tilda moss}",
    "{NAME:Cedalrella Hoare} (34F) pain; chest pain (40m)",
    "{NAME:olawale kit d.} (76yo) cyst",
    # dates
    "on {DATE:03/14/2022}, {DATE:3-14-22}, {DATE:2022-03-14}, {DATE:14.03.2022}, {DATE:20220314}",
    "{DATE:March 14, 2022}; {DATE:14 March 2022}; {DATE:Mar 3rd}",
    "{DATE:14Mar2022}; {DATE:March 2022}",
    "{DATE:Tuesday, March 15th, 2022}",
    "since {DATE:03/2022} and seen {DATE:3/14}",
    "admitted {DATE:3/14} to {DATE:3/20}",
    "{DATE:3/14}: fever",
    "Tran({DATE:6/11}): nothing",
    "in {DATE:March} she fell",
    "at {DATE:Christmas} and {DATE:New Year's Eve}",
    "DOB{DATE:01/02/1950}",
    # ages
    "a {AGE:94}-year-old man, {AGE:91} yo, aged {AGE:103}, her {AGE:95}th birthday",
    "he is {AGE:92}.",
    "a {AGE:ninety-one} year old {AGE:nonagenarian}; {AGE:93}F with pain",
    "{AGE:ninety} yo and {AGE:ninety-four} y/o",
    # contacts
    "call {PHONE_FAX:(617) 555-0123} or {PHONE_FAX:617.555.0123 x45}",
    "or {PHONE_FAX:+44 20 7946 0958} abroad",
    "phone: {PHONE_FAX:6175550123}; cell is {PHONE_FAX:555-0123}",
    "pager {PHONE_FAX:4411}",
    "{PHONE_FAX:555-0199} is hers; {PHONE_FAX:020 7946 0958} too",
    "write {EMAIL:m.okafor+x@mail.example.org}, see {URL_IP:https://portal.example.org/m/5}.",
    "see {URL_IP:tarnvalley.org/hours}, host {URL_IP:10.1.22.3}",
    "from {URL_IP:fe80::1ff:fe23:4567:890a}",
    # numbers
    "SSN {ID:123-45-6789}, xxx-xx-{ID:6789}, last four {ID:6789}",
    "MRN: {ID:00123456} MRN#{ID:A-12345} acct no. {ID:99812-33} NPI {ID:1234567893}",
    "policy number is {ID:XK99-1234}; Accession #: {ID:S26-04512}; serial {ID:EFJ148072B}",
    "key safe {ID:4471}, door code: {ID:0815}, lockbox number {ID:99231}",
    "badge {ID:43751}, plate {ID:XNV-075}, ref: {ID:mr-45578120}",
    "card {ID:4111 1111 1111 1111}, VIN {ID:1M8GDM9AXKP042788}, DEA {ID:AB1234563}",
    "{ID:04ddd0b3-30c2-a5bd-ce9c-83505de565c9} at {ID:00:1B:44:11:3A:B7}",
    "the numbers {ID:2233445566778} and {ID:99887766554}",
    # places
    "lives at {LOCATION:12 Elm Street, Apt 4}, {LOCATION:Tarnwick}, MA {LOCATION:02139}",
    "from {LOCATION:Tarnwick Falls}, Ohio",
    "moved here from {LOCATION:Tarnwick Falls} and lives in {LOCATION:Fellgate}",
    "{LOCATION:905 Foundry Street}, {LOCATION:Saint Brigid} | tel",
    "pharmacy on {LOCATION:Walnut St}; {LOCATION:P.O. Box 12}; zip code {LOCATION:02139}",
    "London {LOCATION:SW1A 1AA}",
    "at {HOSPITAL:Tarn Valley Medical Center}, then again",
    "at {HOSPITAL:University of Tarnwick Hospital}",
    "came from {HOSPITAL:St. Mary's} today",
]  # fmt: skip

CLEAN = [
    "Parkinson's disease, Crohn disease, Foley catheter, Babinski sign, Down syndrome",
    "Kelly clamp, Allis clamps, Hank dilators, Santa Barbara",
    "BP 120/80, pain 8/10, strength 5/5, pain fell from 8/10 to 2/10, reflexes 2/4",
    "POD #3, day 5, 12 weeks, 3 days ago, last Tuesday, in the summer of her youth",
    "HbA1c 7.2, SpO2 97%, B12 400 pg, T4 1.2, WBC 12,500, Na 138, temp 98.6, pulse is 94.",
    "lisinopril 10 mg daily, metformin 500 mg BID x 30 days, heparin 5000 units, lot U7712AB",
    "ICD-10 E11.9, CPT 99213, SNOMED 44054006, LOINC 4548-4, NDC 00093-1048-01",
    "L4-L5, C5-6, G2P1, T2N0M0, q6h, x3, 4x4, 12-lead, 3/6 murmur, 20/40 vision",
    "a 62-year-old woman, 89 y/o, age 45",
    "born in 1950 in Ohio, Mexico or Texas; speaks Spanish",
    "The Hospital, Pain Clinic, Wound Care Clinic, Emergency Department, community hospital",
    "CHIEF COMPLAINT: Chest pain. CC: Progressive weakness. ANESTHESIA: Spinal. RE: refill",
    "Mother Denies pain. Nurse will call. Doctor may see him. Patient Denies fever",
    "range 250-1100, goal 150-2000, between 400-1200 mg",
    "San Diego? Mount Carmel? Lake Martin",
    "Sent to the pharmacy, thanks! Bye",
    "chest pain (40m) and fever. Thank you in advance",
    "the residents asked; it's five o'clock",
    "Version 1.2, ratio 1.5:1, at 14:30, 0700-1900",
]

SWEPT = [
    "sample {ID:Q9X7Z21} was kept",
    "works as a {PROFESSION:school bus driver} at night",
    "Occupation: {PROFESSION:welder}",
    "a 72-year-old on 12-lead with B12 and E11.9",
]


@pytest.mark.parametrize("marked", FOUND)
def test_finds_what_identifies(marked: str) -> None:
    text, gold = read(marked)

    assert shown(text, SERVICE.detect(text)) == gold


@pytest.mark.parametrize("text", CLEAN)
def test_leaves_what_identifies_nobody(text: str) -> None:
    assert shown(text, SERVICE.detect(text)) == ()


@pytest.mark.parametrize("marked", SWEPT)
def test_the_strict_profile_sweeps_up_the_rest(marked: str) -> None:
    text, gold = read(marked)

    assert shown(text, STRICT.detect(text)) == gold


@pytest.mark.parametrize(
    ("profile", "found"), [("strict", True), ("standard", True), ("utility", False)]
)
def test_the_utility_profile_keeps_what_a_weak_frame_points_to(
    profile: Profile,
    found: bool,  # noqa: FBT001
) -> None:
    service = TextDeidentifier(key=b"k" * 32, profile=profile, engine=None)

    assert bool(service.detect("Maria rests")) is found


def test_rules_have_names_of_their_own() -> None:
    names = [rule.name for rule in STRICT_RULES]

    assert len(names) == len(set(names))
    assert len(names) >= 60
    assert set(RULES) < set(STRICT_RULES)


@pytest.mark.parametrize(
    "piece", ["A", "Ab ", "1", "1/", "a.", "John ", "X-", "(", "0:", "12-", "a@", "é", "Dr. A "]
)
def test_time_grows_with_length_only(piece: str) -> None:
    """0.1 s of the processor; one rule that goes back twice, as ``A+A+B`` does, takes minutes."""
    text = piece * (8_000 // len(piece))
    started = time.thread_time()
    for rule in STRICT_RULES:
        list(rule.find(text))

    assert time.thread_time() - started < 3

"""The made-up hospital: tables and notes of people who do not exist, from a seed."""

from gateway.demo.hospital.rows import SNAPSHOT_DATE
from gateway.demo.hospital.write import GOLD_FILE, MOST_PATIENTS, HospitalSummary, write_hospital

__all__ = ["GOLD_FILE", "MOST_PATIENTS", "SNAPSHOT_DATE", "HospitalSummary", "write_hospital"]

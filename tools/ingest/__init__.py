"""A shop's catalogue into the index: only what changed is embedded, and a rerun resumes."""

from tools.ingest.pipeline import BATCH, Progress, ingest
from tools.ingest.report import Report

__all__ = ["BATCH", "Progress", "Report", "ingest"]

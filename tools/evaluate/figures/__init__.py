"""Metrics over answers: recall, nDCG, intervals, and summaries of them."""

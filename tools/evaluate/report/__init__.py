"""The report of an evaluation: one HTML page with its charts."""

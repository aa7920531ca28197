"""Evidence: the files whose fingerprints entries name, kept sealed beside the log (ADR 61)."""

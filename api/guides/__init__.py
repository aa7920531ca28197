"""The guides that are shown at `/docs/guides`: links to pages of `docs/`, which the wheel holds whole."""

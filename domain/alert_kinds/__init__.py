"""The kinds of alerts, each declared once; see `domain.alert_kind`."""

"""``kubernetes:helm.sh/v3:Release``: charts rendered by real Helm, or their room kept."""

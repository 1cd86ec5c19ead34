"""What is measured: a warm rehearsal, and an unchanged preview against the engine's floor."""

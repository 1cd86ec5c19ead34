"""Open edX: the layouts, what it asks of the nodes, and the configuration handed over to Tutor."""

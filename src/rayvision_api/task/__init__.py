"""From an analysed scene to a task that may be submitted."""

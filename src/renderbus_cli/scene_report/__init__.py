"""What ``renderbus analyse`` tells of a scene: one stable shape for every application."""

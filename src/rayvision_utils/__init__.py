"""What the analysers of all applications share: scene files on disk, tips, and the four documents."""

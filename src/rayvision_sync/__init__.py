"""Uploads and downloads: what a task needs goes to the farm, what it rendered comes back."""

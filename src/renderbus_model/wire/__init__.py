"""One thing a client may ask is one value here: its path, its question and its answer."""

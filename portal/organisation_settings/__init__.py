"""Settings > General Settings and Settings > Mail: what an Admin chooses for the whole organisation."""

"""The guard of every address that somebody types: what may be entered, what may be called, and the calls themselves."""

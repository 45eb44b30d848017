"""Users of the portal who come from groups of a connected application: their level, and the end of their access."""

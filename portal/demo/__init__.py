"""Everything on one machine, with invented people: to try the portal before anything is connected."""

"""People's own mailboxes: who may connect one, connecting it, looking after it, and disconnecting it."""

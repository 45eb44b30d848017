"""Reading candidates' mail in users' own mailboxes, without keeping a trace of anybody else's."""

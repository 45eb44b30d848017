"""Messages to and from candidates, and what is done in users' own mailboxes, each written down before it is done."""

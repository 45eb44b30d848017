"""What Admins are told by email, in Teams and in Slack: a digest in the morning, and what is urgent at once."""

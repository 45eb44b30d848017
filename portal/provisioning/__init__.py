"""What the portal exists for: opening, watching and closing employees' accounts, one Operation at a time."""

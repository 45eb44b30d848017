"""What will stand in the way of changing an account, looked up before the day: protections, and groups of others."""

"""What importing a file would change, line by line, and what the portal asks first."""

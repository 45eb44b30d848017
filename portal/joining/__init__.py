"""The first day of an employee: when the sign-in is allowed, with what they sign in first, and who is told."""

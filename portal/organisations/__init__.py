"""The companies that use the portal, their plans, and what each plan allows."""

"""Django's admin over the portal's own rows: what a team would have that lists its tables and writes no pages."""

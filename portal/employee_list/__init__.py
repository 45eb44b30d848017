"""The Employee List: search, filters, export."""

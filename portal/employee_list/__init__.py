"""The Employee List and the employee's page: search, filters, details and export."""

"""The API under /api/v1, with which other systems read and change employees and accounts as the pages do."""

"""The employees of an organisation: their records, and the rules for changing them."""

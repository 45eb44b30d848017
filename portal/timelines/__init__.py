"""An employee's dated steps: made from a template, moved with the dates of the record, and carried out on time."""

"""Leave now, the licences afterwards, and Undo leaving, on an employee's Account provisioning tab."""

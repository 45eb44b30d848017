"""The Account provisioning tab of an employee, with a card for each connected application."""

"""The Account provisioning tab of an employee: a card for each connected application."""

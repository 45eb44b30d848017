"""The people an organisation employs: Employee List, employee page, import."""

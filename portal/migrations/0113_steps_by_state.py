"""What needs a person is found without reading the steps of years that are done."""


def up(migrator, db):
    migrator.migrate(migrator.add_index("planned_step", ("organisation_id", "state", "due_at"), False))

"""Which mails with login information go out on the morning of the first day, wherever that day moves.

Of mails that wait already nobody can tell whether the day was chosen for itself, so they keep theirs.
"""

from peewee import BooleanField


def up(migrator, db):
    migrator.migrate(migrator.add_column("login_mail", "on_start", BooleanField(default=False)))

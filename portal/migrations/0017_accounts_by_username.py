"""Whether a username is taken is asked at every keystroke of a suggestion, and for each line of a Run."""


def up(migrator, db):
    db.execute_sql("CREATE INDEX account_by_username ON account (connection_id, username)")

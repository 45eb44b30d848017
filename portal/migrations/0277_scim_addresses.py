"""The email addresses of the people of SCIM clients, by which a filter finds them."""

import json

from peewee import CharField, ForeignKeyField, Model, chunked


def up(migrator, db):
    class ScimClient(Model):
        class Meta:
            database = db
            table_name = "scim_client"

    class ScimPerson(Model):
        class Meta:
            database = db
            table_name = "scim_person"

    class ScimAddress(Model):
        person = ForeignKeyField(ScimPerson, on_delete="CASCADE")
        client = ForeignKeyField(ScimClient, on_delete="CASCADE")
        address = CharField(max_length=254)

        class Meta:
            database = db
            table_name = "scim_address"
            indexes = ((("client", "address"), False),)

    db.create_tables([ScimAddress])
    people = db.execute_sql('SELECT "id", "client_id", "resource" FROM "scim_person"').fetchall()
    rows = []
    for person, client, stored in people:
        resource = json.loads(stored) if isinstance(stored, (str, bytes)) else stored or {}
        said = {str(one.get("value") or "").strip().casefold()[:254] for one in resource.get("emails") or ()}
        rows += [(person, client, address) for address in sorted(said - {""})]
    fields = (ScimAddress.person, ScimAddress.client, ScimAddress.address)
    for some in chunked(rows, 200):
        ScimAddress.insert_many(some, fields).execute()

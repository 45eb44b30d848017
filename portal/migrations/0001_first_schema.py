"""The first schema."""

from peewee import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)


def up(migrator, db):
    class Organisation(Model):
        name = CharField(unique=True, max_length=200)
        plan = CharField(max_length=40, default="Platinum")
        time_zone = CharField(max_length=64, default="UTC")
        country = CharField(null=True, max_length=2)
        trial_period = BooleanField(default=True)
        created_at = DateTimeField()

        class Meta:
            database = db
            table_name = "organisation"

    class Employee(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        employee_number = CharField(max_length=40)
        first_name = CharField(max_length=100, default="")
        last_name = CharField(max_length=100, default="")
        preferred_name = CharField(max_length=100, default="")
        job_title = CharField(max_length=200, default="")
        department = CharField(max_length=200, default="")
        manager = ForeignKeyField("self", null=True, on_delete="SET NULL")
        personal_email = CharField(max_length=254, default="")
        company_email = CharField(max_length=254, default="")
        mobile = CharField(max_length=60, default="")
        country = CharField(max_length=2, default="")
        start_date = DateField(null=True)
        end_date = DateField(null=True)
        sort_name = CharField(max_length=220, default="")
        search_text = TextField(default="")
        created_at = DateTimeField()
        changed_at = DateTimeField()

        class Meta:
            database = db
            table_name = "employee"
            indexes = (
                (("organisation", "employee_number"), True),
                (("organisation", "sort_name", "id"), False),
                (("organisation", "department"), False),
            )

    class User(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        employee = ForeignKeyField(Employee, null=True, on_delete="SET NULL")
        email = CharField(unique=True, max_length=254)
        name = CharField(max_length=200, default="")
        password_hash = CharField(max_length=200)
        access_level = CharField(max_length=20)
        enabled = BooleanField(default=True)
        created_at = DateTimeField()

        class Meta:
            database = db
            table_name = "portal_user"

    class Connection(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        service = CharField(max_length=40)
        tenant_id = CharField(max_length=64)
        tenant_name = CharField(max_length=256)
        domains = JSONField()
        plans = JSONField()
        permissions = JSONField()
        connected_by = ForeignKeyField(User, null=True, on_delete="SET NULL")
        connected_as = CharField(max_length=320, default="")
        connected_at = DateTimeField()
        disconnected_at = DateTimeField(null=True)
        problem = TextField(default="")
        problem_next_step = TextField(default="")
        checked_at = DateTimeField()

        class Meta:
            database = db
            table_name = "connection"

    class Account(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        employee = ForeignKeyField(Employee, on_delete="CASCADE")
        connection = ForeignKeyField(Connection, on_delete="CASCADE")
        remote_id = CharField(max_length=64)
        username = CharField(max_length=320)
        display_name = CharField(max_length=256, default="")
        enabled = BooleanField()
        created_by_portal = BooleanField(default=False)
        protections = JSONField()
        plan_ids = JSONField()
        email = CharField(max_length=320, default="")
        manager_remote_id = CharField(null=True, max_length=64)
        read_at = DateTimeField(null=True)
        detached_at = DateTimeField(null=True)
        detached_by = CharField(max_length=20, default="")

        class Meta:
            database = db
            table_name = "account"

    class AuditEntry(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        number = IntegerField()
        at = DateTimeField()
        by_id = IntegerField(null=True)
        by_name = CharField(max_length=320, default="")
        action = CharField(max_length=60)
        subject_kind = CharField(max_length=40, default="")
        subject_id = IntegerField(null=True)
        subject_name = CharField(max_length=320, default="")
        detail = JSONField()
        hash = CharField(max_length=64)

        class Meta:
            database = db
            table_name = "audit_entry"
            indexes = ((("organisation", "number"), True),)

    class Session(Model):
        user = ForeignKeyField(User, on_delete="CASCADE")
        token_hash = CharField(unique=True, max_length=64)
        created_at = DateTimeField()
        last_seen_at = DateTimeField()
        address = CharField(max_length=64, default="")
        device = CharField(max_length=200, default="")

        class Meta:
            database = db
            table_name = "session"

    class ConnectAttempt(Model):
        session = ForeignKeyField(Session, on_delete="CASCADE")
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        service = CharField(max_length=40)
        state = CharField(unique=True, max_length=100)
        step = CharField(max_length=20)
        sealed_flow = TextField()
        created_at = DateTimeField()

        class Meta:
            database = db
            table_name = "connect_attempt"

    class Operation(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        employee = ForeignKeyField(Employee, on_delete="CASCADE")
        connection = ForeignKeyField(Connection, on_delete="CASCADE")
        account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
        verb = CharField(max_length=20)
        state = CharField(max_length=20, default="waiting")
        by = ForeignKeyField(User, null=True, on_delete="SET NULL")
        by_name = CharField(max_length=320, default="")
        requested = JSONField()
        results = JSONField()
        sealed_password = TextField(default="")
        marker = CharField(max_length=40)
        lease_until = DateTimeField(null=True)
        lease_by = CharField(max_length=40, default="")
        attempts = IntegerField(default=0)
        not_before = DateTimeField()
        message = TextField(default="")
        next_step = TextField(default="")
        error_kind = CharField(max_length=40, default="")
        error_code = CharField(max_length=200, default="")
        error_request_id = CharField(max_length=100, default="")
        created_at = DateTimeField()
        finished_at = DateTimeField(null=True)

        class Meta:
            database = db
            table_name = "operation"
            indexes = ((("state", "not_before"), False), (("organisation", "created_at"), False))

    class LoginMail(Model):
        organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
        account = ForeignKeyField(Account, on_delete="CASCADE")
        operation = ForeignKeyField(Operation, unique=True, on_delete="CASCADE")
        recipient = CharField(max_length=254)
        sealed_password = TextField(default="")
        state = CharField(max_length=20, default="scheduled")
        send_at = DateTimeField()
        sent_at = DateTimeField(null=True)
        attempts = IntegerField(default=0)
        lease_until = DateTimeField(null=True)
        problem = TextField(default="")
        message_id = CharField(max_length=200, default="")

        class Meta:
            database = db
            table_name = "login_mail"
            indexes = ((("state", "send_at"), False),)

    class Step(Model):
        operation = ForeignKeyField(Operation, on_delete="CASCADE")
        name = CharField(max_length=40)
        state = CharField(max_length=20, default="intended")
        started_at = DateTimeField()
        ended_at = DateTimeField(null=True)
        calls = JSONField()
        before = JSONField(null=True)
        after = JSONField(null=True)
        note = TextField(default="")

        class Meta:
            database = db
            table_name = "step"
            indexes = ((("operation", "name"), True),)

    db.create_tables(
        [
            Organisation,
            Employee,
            User,
            Connection,
            Account,
            AuditEntry,
            Session,
            ConnectAttempt,
            Operation,
            LoginMail,
            Step,
        ]
    )
    db.execute_sql(
        'CREATE UNIQUE INDEX "connection_one_live" ON "connection" ("organisation_id", "service") WHERE disconnected_at IS NULL'
    )
    db.execute_sql(
        'CREATE UNIQUE INDEX "connection_tenant_once" ON "connection" ("service", "tenant_id") WHERE disconnected_at IS NULL'
    )
    db.execute_sql(
        'CREATE UNIQUE INDEX "account_one_per_employee" ON "account" ("employee_id", "connection_id") WHERE detached_at IS NULL'
    )
    db.execute_sql(
        'CREATE UNIQUE INDEX "account_one_per_identity" ON "account" ("connection_id", "remote_id") WHERE detached_at IS NULL'
    )
    db.execute_sql(
        'CREATE UNIQUE INDEX "operation_one_open" ON "operation" ("employee_id", "connection_id") WHERE state IN (\'waiting\', \'running\')'
    )

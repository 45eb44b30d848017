"""A row that is written by a kept statement holds what peewee would have written."""

import pytest
from peewee import IntegrityError

from portal.accounts.models import Account
from portal.database import now
from portal.people.models import Employee
from tests.provisioning.conftest import connection  # noqa: F401


@pytest.fixture
def account(cast, connection):  # noqa: F811
    """An account that is not written down yet."""
    ada = cast.employee(connection.organisation, "Ada", "One")
    return Account(
        organisation=ada.organisation, employee=ada, connection=connection, remote_id="r", username="u@x", enabled=True
    )


def as_kept(account):
    """The columns of the account, as another reads them."""
    kept = Account.get_by_id(account.id).__data__
    return {name: kept[name] for name in account.__data__}


def test_a_new_row_has_its_number_and_all_that_it_was_given(account):
    account.licence_ids, account.fields_sent = ["a", "é"], {"fields": {"first_name": "Ada"}}
    assert account.save() == 1
    assert as_kept(account) == account.__data__
    assert not account.is_dirty()


def test_some_columns_are_changed_and_no_others(account):
    account.save()
    for moment, fields in ((now(), {"a": 1}), (None, None), (now(), [])):
        account.email, account.read_at, account.fields_sent, account.enabled = "e@x", moment, fields, False
        assert account.save(only=[Account.email, "read_at", Account.fields_sent]) == 1
        assert as_kept(account) == {**account.__data__, "enabled": True}


def test_a_row_that_is_gone_is_not_changed(account):
    account.save()
    account.delete_instance()
    assert account.save(only=[Account.email]) == 0


def test_what_is_computed_is_left_to_the_database(account):
    account.save()
    account.enabled = ~Account.enabled
    account.save(only=[Account.enabled])
    assert as_kept(account)["enabled"] in (False, 0)


def test_a_related_row_may_be_saved_later_than_it_was_given(acme):
    head = Employee(organisation=acme, employee_number="1", first_name="Helen", last_name="Head")
    rita = Employee(organisation=acme, employee_number="2", first_name="Rita", last_name="Report", manager=head)
    head.save()
    rita.save()
    assert Employee.get_by_id(rita.id).manager_id == head.id


def test_what_the_database_refuses_is_raised(account):
    account.save()
    again = Account(**{name: value for name, value in account.__data__.items() if name != "id"})
    with pytest.raises(IntegrityError):
        again.save()
    assert again.id is None

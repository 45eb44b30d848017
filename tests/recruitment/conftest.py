import pytest

from portal.recruitment import actions, vacancies


@pytest.fixture
def nurse(acme, alice):
    """A vacancy of Acme that is open."""
    return opened(acme, alice, "Night nurse")


def opened(organisation, admin, title, **values):
    """A vacancy that an Admin has published."""
    given = {"title": title, "description": "Nights, on ward 3.", **values}
    vacancy = vacancies.add(organisation, given, by=admin.user)
    vacancies.publish(vacancy, by=admin.user)
    return type(vacancy).get_by_id(vacancy.id)


def applied(vacancy, first_name="Zoë", last_name="Łukasz", email="", **values):
    """An application from the careers page."""
    email = email or f"{first_name}@home.example"
    return actions.apply(vacancy, first_name, last_name, email, **values)

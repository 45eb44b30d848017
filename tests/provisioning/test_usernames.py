from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.accounts.naming import PATTERNS, Naming, candidates
from portal.connections import settings_actions
from portal.connectors import SERVICES, for_connection
from portal.operations.models import Operation
from portal.provisioning import usernames
from tests.cast import Person
from tests.provisioning.conftest import at, tab

DOMAIN = "acme.example"


def advice(person, employee, typed, domain=DOMAIN):
    """What the page says while it is typed, as a fragment inside the open form."""
    person.get(tab(employee))
    person.press("Action")
    return person.get(f"{at(employee)}/username", fragment=True, query_string={"username": typed, "domain": domain})


def some(employee, count=3, **choices):
    names = candidates(employee, Naming(**choices))
    return [next(names) for _ in range(count)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("first.last", ["mary-ann.obrien", "mary-ann.obrien2"]),
        ("last.first", ["obrien.mary-ann", "obrien.mary-ann2"]),
        ("f.last", ["m.obrien", "m.obrien2"]),
        ("flast", ["mobrien", "mobrien2"]),
        ("firstlast", ["mary-annobrien", "mary-annobrien2"]),
        ("first", ["mary-ann", "mary-ann2"]),
    ],
)
def test_each_pattern_makes_its_kind_of_name_and_numbers_it(cast, acme, pattern, expected):
    assert some(cast.employee(acme, "Mary-Ann", "O’Brien"), 2, pattern=pattern) == expected


def test_the_separator_and_the_preferred_name_are_chosen(cast, acme):
    mary = cast.employee(acme, "Mary Ann", "O’Brien", preferred_name="Molly")
    assert some(mary, 1, separator="_") == ["molly_obrien"]
    assert some(mary, 1, separator="-", use_preferred_name=False) == ["maryann-obrien"]


def test_a_taken_name_gets_the_middle_initial_where_there_is_one_and_else_a_number(cast, acme):
    mary = cast.employee(acme, "Mary Ann", "O’Brien")
    assert some(mary, collision="initial") == ["maryann.obrien", "mary.a.obrien", "maryann.obrien2"]
    assert some(mary, 2, pattern="flast", collision="initial") == ["mobrien", "maobrien"]
    assert some(cast.employee(acme, "Bo", "Ek"), 2, collision="initial") == ["bo.ek", "bo.ek2"]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("Sukarno", "", "sukarno"),
        ("", "Teller", "teller"),
        ("María José", "de la Cruz Santos y Hernández", "mariajose.delacruzsantosyhernandez"),
        ("李", "小龍", "li.xiaolong"),
        ("Νίκος", "Παπαδόπουλος", "nikos.papadopoylos"),
        ("Đặng", "Ørsted-Müller", "dang.orsted-muller"),
        ("Anna 🌸", "Berg", "anna.berg"),
        ("👩🏽‍🚀 Ana™", "O´Neill 🇮🇪", "ana.oneill"),
        ("Jo\u0308rg", "Mu\u0308ller", "jorg.muller"),
    ],
)
@pytest.mark.parametrize("pattern", ["first.last"])
def test_names_of_one_word_of_many_and_in_other_scripts(cast, acme, first, last, expected, pattern):
    assert some(cast.employee(acme, first, last), 1, pattern=pattern) == [expected]


@pytest.mark.parametrize(
    ("choices", "name", "expected"),
    [
        ({"letters": "german"}, ("Jörg", "Müller"), "joerg.mueller"),
        ({"letters": "german"}, ("ÄNNE", "Groß-Strauẞ"), "aenne.gross-strauss"),
        ({"letters": "german"}, ("Jo\u0308rg", "Öz"), "joerg.oez"),
        ({"letters": "nordic"}, ("Søren", "Ågård"), "soeren.aagaard"),
        ({"cyrillic": "sr"}, ("Жељко", "Ђоковић"), "zeljko.dokovic"),
        ({"cyrillic": "bg"}, ("Цветан", "Щерев"), "tsvetan.shterev"),
        ({"cyrillic": "ua"}, ("Νίκος", "Зубко"), "nikos.zubko"),
    ],
)
def test_letters_are_written_as_the_organisation_does_it(cast, acme, choices, name, expected):
    assert some(cast.employee(acme, *name), 1, **choices) == [expected]


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
@pytest.mark.parametrize(
    ("first", "last"),
    [("محمد", "الأحمد"), ("李", "小龍"), ("Νίκος", ""), ("", "王"), ("🙂", "…"), ("A" * 90, "B" * 90), ("-", ".")],
)
@pytest.mark.parametrize("collision", ["number", "initial"])
def test_whatever_the_name_every_candidate_is_one_that_the_service_takes(cast, acme, pattern, first, last, collision):
    names = list(candidates(cast.employee(acme, first, last), Naming(pattern=pattern, collision=collision)))
    problem = SERVICES["microsoft-365"].local_part_problem
    assert [problem(name) for name in names] == [None] * len(names)
    assert len(set(names)) == len(names) > 20


def test_the_organisations_pattern_is_what_the_form_suggests(alice, wei, connection):
    settings_actions.choose(connection, by=alice.user, naming="flast")
    alice.get(tab(wei))
    assert alice.press("Action").value("Username") == "wzhang"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("somebody.new", "somebody.new@acme.example is free."),
        ("omar.ordinary", "omar.ordinary@acme.example is the account of Omar Ordinary."),
        ("OMAR.Ordinary@ACME.example", "is the account of Omar Ordinary."),
        ("office", "office@acme.example is a second address of Mona Manager (mona.manager@acme.example)."),
        ("all.staff", "all.staff@acme.example is the address of the group All staff."),
        ("announcements", "is the address of the group Announcements."),
        ("dora.deleted", "belonged to Dora Deleted, whose account is in the recycle bin. Is this a rehire?"),
        ("wei zhang", "cannot have a space"),
        ("zoë", "cannot have “ë”"),
        ("x" * 65, "has 65 characters; at most 64 are possible"),
        (".wei", "cannot begin or end with a full stop"),
        ("", "Enter a username."),
    ],
)
def test_the_field_answers_while_it_is_typed(alice, wei, connection, sandbox, typed, words):
    assert words in advice(alice, wei, typed).text


@pytest.mark.parametrize(
    ("typed", "proposal"),
    [
        ("omar.ordinary", "wei.zhang"),
        ("wei zhang", "weizhang"),
        ("Zoë", "zoe"),
        ("omär.ordinary", "omar.ordinary2"),
        ("x" * 65, "x" * 64),
        ("李", "li"),
        ("…", "wei.zhang"),
    ],
)
def test_what_cannot_be_had_comes_with_a_proposal_that_is_free(alice, wei, connection, typed, proposal):
    page = advice(alice, wei, typed)
    [button] = page.soup.select("button[data-fill=username-microsoft-365]")
    assert button["value"] == proposal


def test_a_group_with_a_mailbox_keeps_its_nickname_to_itself(alice, wei, connection):
    page = advice(alice, wei, "announcements", "acme.onmicrosoft.com")
    assert "is the address of the group Announcements" in page.text
    assert "finance@acme.example is free" in advice(alice, wei, "finance").text


def test_groups_are_left_out_where_the_portal_may_not_read_them(alice, wei, connection, sandbox):
    sandbox.grant_consent("Acme", ["User.ReadWrite.All", "Domain.Read.All", "Organization.Read.All"])
    SERVICES["microsoft-365"].forget(connection.tenant_id)
    assert "all.staff@acme.example is free." in advice(alice, wei, "all.staff").text
    alice.get(tab(wei))
    alice.press("Action")
    assert (
        "already belongs to somebody else in your Microsoft 365"
        in alice.press("Create", {"Username": "all.staff"}).text
    )


def test_a_deleted_account_is_restored_from_the_advice(alice, cast, acme, connection, sandbox):
    dora = cast.employee(acme, "Dorothea", "Deleted")
    advice(alice, dora, "dora.deleted")
    alice.get(tab(dora))
    alice.press("Action")
    page = advice(alice, dora, "dora.deleted")
    button = page.soup.find("button", attrs={"name": "remote_id"})
    alice.page = alice.post(button["hx-post"], {"remote_id": button["value"]})
    assert "Was this the account of Dorothea Deleted?" in alice.page.text
    page = alice.press("Confirm")
    assert "The deleted account has been restored and linked." in page.text
    assert not sandbox.user("dora.deleted@acme.example").deleted


def test_a_name_is_looked_up_in_one_round_trip_and_eight_more_in_another(
    alice, wei_active, cast, acme, connection, sandbox
):
    connector = for_connection(connection)
    sandbox.clear_requests()
    suggestion = usernames.suggest(cast.employee(acme, "Wei", "Zhang"), connection, connector, DOMAIN)
    assert suggestion.local_part == "wei.zhang2"
    parts = [line.path for line in sandbox.requests() if "/v1.0/" in line.path]
    assert parts.count("/v1.0/$batch") == 2
    assert len(parts) - 2 == (1 + 1 + 1) + (8 + 8 + 1)


def test_two_of_the_same_name_created_in_the_same_second_get_two_names(
    app, alice, cast, acme, connection, sandbox, mailbox
):
    people = [cast.employee(acme, "Wei", "Zhang") for _ in range(2)]
    admins = [alice, Person(app, alice.user)]
    admins[1].sign_in()
    for admin, employee in zip(admins, people, strict=True):
        admin.get(tab(employee))
        assert admin.press("Action").value("Username") == "wei.zhang"

    def create(admin):
        page = admin.press("Create")
        proposals = page.soup.select("button[data-fill=username-microsoft-365]")
        return page if not proposals else admin.press("Create", {"Username": str(proposals[0]["value"])})

    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(create, admins))
    assert all("The account has been created" in page.text for page in pages)
    made = sorted(user.username for user in sandbox.users() if user.username.startswith("wei.zhang"))
    assert made == ["wei.zhang2@acme.example", "wei.zhang@acme.example"]
    assert {operation.state for operation in Operation.select()} == {"done"}

"""The second factor: set up, asked for, used once, replaced by a recovery code, required of Admins."""

from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from portal import database
from portal.auth import second_factor, throttle
from portal.auth.models import RecoveryCode, User
from portal.database import now
from tests.cast import PASSWORD, Person

SET_UP = "/account/second-factor"


def code_of(seed, minutes=0):
    return pyotp.TOTP(seed).at(int(now().timestamp()) + minutes * 60)


def set_up(person):
    """(seed, recovery codes) of the second factor the person now has."""
    page = person.get(SET_UP)
    seed = page.soup.select_one("code").text
    page = person.press("Turn on", {"Code": code_of(seed)})
    return seed, page.soup.select_one("#recovery-codes").text.split()


def begin(app, user):
    person = Person(app)
    assert person.sign_in(user.email).title == "Enter the code"
    return person


def test_signing_in_asks_for_a_code_of_the_app(app, alice, later):
    seed, _ = set_up(alice)
    later(minutes=1)
    again = begin(app, alice.user)
    assert again.get("/people/employees").title == "Sign in"
    again.get("/login/code")
    assert again.press("Sign in", {"Code": code_of(seed)}).title == "This week"


def test_the_picture_holds_the_seed_and_comes_from_nowhere_else(alice):
    page = alice.get(SET_UP)
    assert page.soup.select_one("main img[alt^=QR]")["src"].startswith("data:image/svg+xml")


def test_the_seed_is_kept_encrypted_and_recovery_codes_hashed(alice):
    seed, codes = set_up(alice)
    assert seed not in User.get_by_id(alice.user.id).encrypted_totp
    kept = {row.code_hash for row in RecoveryCode.select()}
    assert len(kept) == len(codes) == 8
    assert not kept & {code.replace("-", "") for code in codes}


def test_a_wrong_code_does_not_turn_it_on(alice):
    alice.get(SET_UP)
    assert alice.press("Turn on", {"Code": "000000"}).status == 422
    assert not User.get_by_id(alice.user.id).has_second_factor


def test_the_same_code_does_not_work_twice(app, alice, later):
    seed, _ = set_up(alice)
    later(minutes=1)
    code = code_of(seed)
    begin(app, alice.user).press("Sign in", {"Code": code})
    second = begin(app, alice.user)
    assert "wrong, or you have used it already" in second.press("Sign in", {"Code": code}).text


def test_the_code_that_turned_it_on_does_not_sign_in(app, alice):
    seed, _ = set_up(alice)
    assert begin(app, alice.user).press("Sign in", {"Code": code_of(seed)}).status == 422


def test_one_code_at_the_same_moment_signs_in_once(app, alice, later):
    seed, _ = set_up(alice)
    later(minutes=1)
    user, code = User.get_by_id(alice.user.id), code_of(seed)
    tokens = [second_factor.begin(user) for _ in range(6)]

    def finish(token):
        with database.connection():
            try:
                return bool(second_factor.finish(token, code, address="192.0.2.1"))
            except second_factor.WrongCode:
                return False

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(finish, tokens)) == 1


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_code_of_another_time_is_refused(app, alice, later, minutes):
    seed, _ = set_up(alice)
    later(minutes=10)
    assert begin(app, alice.user).press("Sign in", {"Code": code_of(seed, minutes)}).status == 422


def test_a_recovery_code_works_once(app, alice):
    _, codes = set_up(alice)
    assert begin(app, alice.user).press("Sign in", {"Code": codes[0].upper()}).title == "This week"
    assert begin(app, alice.user).press("Sign in", {"Code": codes[0]}).status == 422
    again = begin(app, alice.user)
    again.press("Sign in", {"Code": codes[1]})
    assert "6 recovery codes left" in again.get("/account").text


def test_new_recovery_codes_end_the_old_ones(app, alice):
    _, old = set_up(alice)
    alice.get("/account")
    page = alice.press("New recovery codes")
    fresh = page.soup.select_one("#recovery-codes").text.split()
    assert begin(app, alice.user).press("Sign in", {"Code": old[0]}).status == 422
    assert begin(app, alice.user).press("Sign in", {"Code": fresh[0]}).title == "This week"


def test_codes_cannot_be_guessed_for_long_however_often_one_starts_again(app, alice, later):
    seed, codes = set_up(alice)
    later(minutes=1)
    for _ in range(throttle.PER_ORIGIN):
        begin(app, alice.user).press("Sign in", {"Code": "000000"})
    assert begin(app, alice.user).press("Sign in", {"Code": code_of(seed)}).status == 429
    later(minutes=16)
    assert begin(app, alice.user).press("Sign in", {"Code": codes[0]}).title == "This week"


def test_whoever_has_the_password_holds_neither_the_owners_browser_nor_a_recovery_code(app, alice, later):
    seed, codes = set_up(alice)
    alice.post("/logout")
    later(minutes=1)
    for _ in range(throttle.PER_ORIGIN + 1):
        begin(app, alice.user).press("Sign in", {"Code": "000000"})
    assert begin(app, alice.user).press("Sign in", {"Code": code_of(seed)}).status == 429
    assert begin(app, alice.user).press("Sign in", {"Code": codes[0]}).title == "This week"
    alice.sign_in()
    assert alice.press("Sign in", {"Code": code_of(seed)}).title == "This week"


def test_a_new_password_leaves_the_guesser_of_codes_behind(app, alice, mailbox, later):
    from tests.auth.conftest import NEW, mailed_reset

    seed, _ = set_up(alice)
    later(minutes=1)
    for _ in range(throttle.PER_ORIGIN + 1):
        begin(app, alice.user).press("Sign in", {"Code": "000000"})
    owner = Person(app)
    owner.get(mailed_reset(app, alice.user, mailbox))
    owner.press("Set the password", {"New password": NEW, "New password again": NEW})
    owner.sign_in(alice.user.email, NEW)
    assert owner.press("Sign in", {"Code": code_of(seed)}).title == "This week"


def test_codes_tried_at_the_same_moment_are_all_counted(app, alice):
    set_up(alice)
    user = User.get_by_id(alice.user.id)
    tokens = [second_factor.begin(user) for _ in range(2 * throttle.PER_ORIGIN)]

    def guess(token):
        with database.connection():
            try:
                second_factor.finish(token, "000000", address="192.0.2.1")
            except (second_factor.WrongCode, throttle.TooManyTries) as problem:
                return type(problem)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, tokens))
    assert answers.count(second_factor.WrongCode) <= throttle.PER_ORIGIN


def test_a_code_used_while_the_clock_was_a_day_ahead_keeps_nobody_out(app, alice, later):
    seed, _ = set_up(alice)
    later(days=1)
    ahead = code_of(seed)
    assert begin(app, alice.user).press("Sign in", {"Code": ahead}).title == "This week"
    later(days=-1, minutes=1)
    now_again = code_of(seed)
    assert begin(app, alice.user).press("Sign in", {"Code": now_again}).title == "This week"
    assert begin(app, alice.user).press("Sign in", {"Code": now_again}).status == 422


def test_a_clock_that_goes_back_makes_no_code_good_again(app, alice, later):
    seed, _ = set_up(alice)
    later(minutes=1)
    moment, code = now(), code_of(seed)
    begin(app, alice.user).press("Sign in", {"Code": code})
    later(hours=5)
    begin(app, alice.user).press("Sign in", {"Code": code_of(seed)})
    later(seconds=(moment - now()).total_seconds())
    assert begin(app, alice.user).press("Sign in", {"Code": code}).status == 422


def test_the_code_page_opens_nothing_without_the_password(app, alice):
    set_up(alice)
    stranger = Person(app)
    assert stranger.get("/login/code").title == "Sign in"
    assert stranger.post("/login/code", {"code": "123456"}).title == "Sign in"


def test_the_second_step_waits_ten_minutes(app, alice, later):
    seed, _ = set_up(alice)
    person = begin(app, alice.user)
    later(minutes=11)
    assert "took too long" in person.press("Sign in", {"Code": code_of(seed)}).text


def test_setting_it_up_signs_out_other_devices(app, alice):
    other = Person(app)
    other.sign_in(alice.user.email)
    set_up(alice)
    assert other.get("/people/employees").title == "Sign in"
    assert alice.get("/people/employees").title == "Employee List"


def test_turning_it_off_asks_for_the_password_when_it_is_long_ago(alice, later):
    set_up(alice)
    later(minutes=11)
    alice.get("/account")
    assert alice.press("Turn off").title == "Confirm your password"
    alice.press("Continue", {"Password": PASSWORD})
    assert not User.get_by_id(alice.user.id).has_second_factor


def test_an_organisation_can_require_it_of_its_admins(app, alice, bob, cast, acme):
    set_up(alice)
    alice.get("/settings/users")
    alice.press("Required for Admins")
    ada = Person(app, cast.user(acme, "Ada", "Admin"))
    assert ada.sign_in().title == "Set up two-step sign-in"
    for address in ("/people/employees", "/settings/users", "/settings/add-ons", "/account"):
        assert ada.get(address).title == "Set up two-step sign-in"
    assert bob.get("/people/employees").title == "Employee List"
    set_up(ada)
    assert ada.get("/settings/users").title == "Users"


def test_an_admin_who_must_have_it_cannot_turn_it_off(alice):
    set_up(alice)
    alice.get("/settings/users")
    alice.press("Required for Admins")
    alice.get("/account")
    assert alice.press("Turn off").status == 409
    assert User.get_by_id(alice.user.id).has_second_factor


def test_an_admin_removes_it_for_somebody_who_lost_their_phone(app, alice, bob):
    set_up(bob)
    alice.get(f"/settings/users/{bob.user.id}")
    alice.press("Turn off two-step sign-in")
    assert bob.get("/people/employees").title == "Sign in"
    assert Person(app).sign_in(bob.user.email).title == "Employee List"


def test_a_new_password_by_mail_does_not_take_the_second_factor_away(app, alice, mailbox):
    from tests.auth.conftest import NEW, mailed_reset

    set_up(alice)
    person = Person(app)
    person.get(mailed_reset(app, alice.user, mailbox))
    person.press("Set the password", {"New password": NEW, "New password again": NEW})
    assert Person(app).sign_in(alice.user.email, NEW).title == "Enter the code"

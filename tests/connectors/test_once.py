"""What many threads ask for at the same time is asked for once."""

import threading
from concurrent.futures import ThreadPoolExecutor

from portal.connectors import http
from portal.connectors.errors import BadCredentials, ConnectorError, NotPermitted
from portal.connectors.once import Once


def test_each_thread_has_a_refusal_of_its_own_to_put_into_words():
    once, asked, waits, go_on = Once(), threading.Event(), threading.Event(), threading.Event()

    def question():
        asked.set()
        go_on.wait(10)
        raise BadCredentials("The secret has expired.", code="7000222")

    def ask(name):
        try:
            with http.before_waiting(waits.set):
                once.ask("token", question)
        except ConnectorError as error:
            error.message = f"{name}: {error.message}"
            return error

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(ask, "Ann")
        asked.wait(10)
        second = pool.submit(ask, "Ben")
        waits.wait(10)
        go_on.set()
        errors = {"Ann": first.result(), "Ben": second.result()}
    for name, error in errors.items():
        assert (error.message, error.code) == (f"{name}: The secret has expired.", "7000222")


def test_a_refusal_in_other_words_lasts_no_longer_than_before():
    refusal = NotPermitted("The role was taken away.", permanent=False)
    assert not refusal.worded("Sales: the role was taken away.").permanent
    assert refusal.worded("It will not do that.", kind=NotPermitted).permanent

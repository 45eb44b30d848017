"""A cookie that was checked before is looked at for its age each time, and each request has a session of its own."""

from datetime import timedelta

import pytest
import time_machine
from flask import session
from itsdangerous import BadSignature, SignatureExpired

from portal.database import now
from portal.signing import SIGNING, Sessions, Signer


@pytest.fixture
def sessions():
    return Sessions("a secret", salt="session", signer=Signer, signer_kwargs=SIGNING)


def test_a_cookie_that_was_taken_before_is_refused_once_it_is_too_old(sessions):
    signed = sessions.dumps({"name": "value"})
    for _ in range(2):
        assert sessions.loads(signed, max_age=60) == {"name": "value"}
        with pytest.raises(BadSignature):
            sessions.loads(signed[:-1] + "?", max_age=60)
    for moved in (timedelta(minutes=2), timedelta(minutes=-3)):
        with time_machine.travel(now() + moved), pytest.raises(SignatureExpired):
            sessions.loads(signed, max_age=60)


@pytest.mark.parametrize("held", [{"name": "value"}, {"names": ["value"]}])
def test_what_one_request_writes_into_its_session_is_not_in_that_of_the_next(sessions, held):
    signed = sessions.dumps(held)
    found = sessions.loads(signed)
    found["more"] = True
    for value in found.values():
        if isinstance(value, list):
            value.append("another")
    assert sessions.loads(signed) == held


def test_a_request_that_fails_leaves_no_trace_in_the_session_of_the_same_cookie(app):
    cookie = {"Cookie": f"portal={app.session_interface.get_signing_serializer(app).dumps({'csrf_token': 'a'})}"}
    for _ in range(2):
        with app.test_request_context("/login", headers=cookie):
            assert dict(session) == {"csrf_token": "a"}
            session["csrf_token"] = "b"

"""A cookie whose signature was checked before is looked at for its age each time."""

from datetime import timedelta

import pytest
import time_machine
from itsdangerous import BadSignature, SignatureExpired

from portal.database import now
from portal.signing import SIGNING, Signer


def test_a_cookie_that_was_taken_before_is_refused_once_it_is_too_old():
    signer = Signer("a secret", **SIGNING)
    signed = signer.sign(b"value")
    for _ in range(2):
        assert signer.unsign(signed, max_age=60) == b"value"
        with pytest.raises(BadSignature):
            signer.unsign(signed[:-1] + b"?", max_age=60)
    with time_machine.travel(now() + timedelta(minutes=2)), pytest.raises(SignatureExpired):
        signer.unsign(signed, max_age=60)

"""The admin log, channels that tell of changes, batches, quotas and faults."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.sandbox.google.caller import GRACE

OMAR = "omar.ordinary@acme.example"
LOG = "/admin/reports/v1/activity/users/all/applications/admin"


def test_the_admin_log_tells_who_did_what_to_whom_newest_first(google, call, someone):
    call("POST", "/users", someone())
    google.patch_user(OMAR, suspended=True)
    items = call("GET", LOG).json()["items"]
    told = [(item["events"][0]["name"], item["actor"]["email"]) for item in items]
    assert told == [("SUSPEND_USER", GRACE), ("CREATE_USER", GRACE)]
    assert {"name": "USER_EMAIL", "value": OMAR} in items[0]["events"][0]["parameters"]
    begin = items[0]["id"]["time"]
    assert (
        len(call("GET", f"{LOG}?startTime={begin}&eventName=SUSPEND_USER&filters=USER_EMAIL=={OMAR}").json()["items"])
        == 1
    )


def test_the_admin_log_is_late(google, call):
    google.timing(log=120)
    google.patch_user(OMAR, suspended=True)
    assert "items" not in call("GET", LOG).json()
    google.advance(121)
    assert len(call("GET", LOG).json()["items"]) == 1


def test_a_start_time_after_now_is_refused(call):
    assert call.refused("GET", f"{LOG}?startTime=2999-01-01T00:00:00Z")[:2] == (400, "invalid")


@pytest.fixture
def listener():
    """Somebody who is told: the messages as they come, each a pair of state and address."""
    told, came = [], threading.Semaphore(0)

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            told.append((self.headers["X-Goog-Resource-State"], json.loads(body)["primaryEmail"] if body else "",
                         int(self.headers["X-Goog-Message-Number"]), self.headers["X-Goog-Channel-Token"]))  # fmt: skip
            self.send_response(200)
            self.end_headers()
            came.release()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.told, server.came = told, came
    yield server
    server.shutdown()
    server.server_close()


def test_a_channel_says_sync_then_tells_of_its_event_until_it_is_stopped(google, call, listener):
    body = {"id": "ch-1", "type": "web_hook", "address": f"http://127.0.0.1:{listener.server_port}/", "token": "secret"}
    made = call("POST", "/users/watch?customer=my_customer&event=update", body).json()
    call("PUT", f"/users/{OMAR}", {"suspended": True})
    for _ in range(2):
        assert listener.came.acquire(timeout=10)
    (first, second) = listener.told
    assert (first[0], second[0], second[1], second[3]) == ("sync", "update", OMAR, "secret")
    assert second[2] > first[2]
    stopped = call("POST", "/admin/directory_v1/channels/stop", {"id": "ch-1", "resourceId": made["resourceId"]})
    assert (stopped.status_code, google.channels()) == (204, [])


def test_a_channel_lives_two_days_at_most_and_wants_https(google, call):
    body = {"id": "ch-2", "type": "web_hook", "address": "https://localhost:1/", "params": {"ttl": "999999"}}
    call("POST", "/users/watch?customer=my_customer&event=add", body)
    [channel] = google.channels()
    assert channel["expires"] - google.clock() < 172_802
    plain = {**body, "id": "ch-3", "address": "http://portal.example/"}
    assert call.refused("POST", "/users/watch?customer=my_customer", plain)[0] == 401


def batch(call, *parts, path="/batch/admin/directory_v1"):
    """Each part: (method, path, body or None). Returns (Content-ID, status, JSON) of each."""
    lines = []
    for number, (method, target, body) in enumerate(parts):
        lines += [
            "--b",
            "Content-Type: application/http",
            f"Content-ID: <x + {number}>",
            "",
            f"{method} {target} HTTP/1.1",
        ]
        lines += ["Content-Type: application/json", "", json.dumps(body)] if body is not None else ["", ""]
    text = "\r\n".join([*lines, "--b--", ""])
    answer = call.session.post(call.google.api_url + path, data=text.encode(), headers={
        "Authorization": f"Bearer {call.token}", "Content-Type": 'multipart/mixed; boundary="b"'})  # fmt: skip
    if not answer.headers["Content-Type"].startswith("multipart"):
        return answer
    boundary = answer.headers["Content-Type"].partition("boundary=")[2]
    found = []
    for part in answer.text.split(f"--{boundary}")[1:-1]:
        outer, inner, body = part.split("\r\n\r\n", 2)
        name = outer.partition("Content-ID: ")[2].partition("\r\n")[0]
        found.append((name, int(inner.split()[1]), json.loads(body) if body.strip() else None))
    return found


def test_each_part_of_a_batch_succeeds_or_fails_alone(call, someone):
    users = "/admin/directory/v1/users"
    found = batch(call, ("GET", f"{users}/{OMAR}?fields=id", None), ("POST", users, someone(password="x")),
                  ("PUT", f"{users}/{OMAR}", {"suspended": True}))  # fmt: skip
    assert [(name, status) for name, status, _ in found] == [
        ("<response-x + 0>", 200), ("<response-x + 1>", 400), ("<response-x + 2>", 200),
    ]  # fmt: skip
    assert list(found[0][2]) == ["id"]
    assert found[1][2]["error"]["errors"][0]["message"] == "Invalid Password"


def test_a_batch_stays_within_one_api_and_a_thousand_calls(call):
    one = ("GET", f"/admin/directory/v1/users/{OMAR}", None)
    assert batch(call, one, ("GET", LOG, None), path="/batch").status_code == 400
    assert batch(call, *[one] * 1001).status_code == 400


def test_quotas_are_per_administrator_and_ten_new_users_a_second(google, call, someone):
    google.throttle(queries=3)
    for _ in range(3):
        assert call("GET", f"/users/{OMAR}").status_code == 200
    assert call.refused("GET", f"/users/{OMAR}") == (403, "quotaExceeded", "Request rate higher than configured.")
    # Ten in an hour instead of a second, so that a slow machine tells nothing else.
    google.throttle(create_seconds=3600)
    made = [call("POST", "/users", someone(f"person{number}")).status_code for number in range(11)]
    assert made == [200] * 10 + [403]


def test_a_quota_may_be_said_in_plain_text(google, call):
    google.throttle(queries=1, plain=True)
    call("GET", f"/users/{OMAR}")
    answer = call("GET", f"/users/{OMAR}")
    assert (answer.status_code, answer.text) == (403, "Request rate higher than configured.")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"status": 429}, (429, "rateLimitExceeded")), ({"status": 503}, (503, "backendError")),
        ({"status": 403}, (403, "quotaExceeded")), ({"status": 403, "code": "forbidden"}, (403, "forbidden")),
        ({"status": 409, "code": "conflict"}, (409, "conflict")), ({"kind": "revoked consent"}, (403, "forbidden")),
    ],
)  # fmt: skip
def test_a_fault_speaks_as_google_does(google, call, rule, said):
    google.fault(method="GET", path="/users/", **rule)
    assert call.refused("GET", f"/users/{OMAR}")[:2] == said


def test_a_list_can_be_empty_although_there_are_people(google, call):
    google.fault(path="/users$", kind="empty list")
    answer = call("GET", "/users?customer=my_customer").json()
    assert (answer["kind"], "users" in answer) == ("admin#directory#users", False)


@pytest.mark.parametrize("api", ["admin.googleapis.com"])
def test_an_api_that_nobody_enabled_says_so(google, call, api):
    google.application(disabled_apis=[api])
    assert call.refused("GET", f"/users/{OMAR}")[:2] == (403, "accessNotConfigured")


def test_a_customer_without_api_access_says_so(google, call):
    google.policy(api_access=False)
    assert call.refused("GET", f"/users/{OMAR}") == (403, "domainCannotUseApis", "Domain cannot use apis.")

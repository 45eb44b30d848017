"""A stand-in for Google Workspace: accounts and consent, the Admin SDK's APIs, and a small Admin console.

It imports nothing of the portal and knows nothing of it: any client of Google's APIs can use it. `portal sandbox
--service google-workspace` starts it; all addresses are on one port, those of control on another.

| PORTAL_GOOGLE_…     | of the printed line | what is there                                                          |
| ACCOUNTS_URL        | accounts_url        | /.well-known/openid-configuration, /o/oauth2/v2/auth, /oauth2/v3/certs |
| TOKEN_URL           | token_url           | /token, /revoke, /tokeninfo, /v1/userinfo, /oauth2/v1/certs            |
| API_URL             | api_url             | /admin/directory/v1/…, /admin/reports/v1/…, /batch, /$discovery/rest   |
| LICENSING_URL       | licensing_url       | /apps/licensing/v1/…, /batch                                           |
| ADMIN_CONSOLE_URL   | admin_console_url   | /ac/users, /ac/users/<id>                                              |
| CLIENT_ID, _SECRET  | client_id, _secret  | the registered application; redirects to this machine are all known    |

Issuer of id_tokens is https://accounts.google.com, as Google's clients insist. The sign-in page takes a form with
`pick=<address>` (or `username` and `password`), the consent page `answer=allow` with one `scope` for each ticked box.

In tests the fixture `google` (tests/conftest.py) is a GoogleProcess as new (tests/sandbox/google/process.py): its
addresses as attributes; user(address), users(), make_user, patch_user(address, suspended=True), delete_user,
restore_user, purge_user; consent(authorization_address, pick, untick=("apps.licensing",)) gives the address the
browser comes back to; policy(app="blocked", automatic_licence="", seats={sku: 2}), application(reauth="rapt_required",
policy_comes_back=True), grants(), end_grant(address), narrow_grant(address, *scopes); timing(new_user=5, complete=20,
reads=60, rename=60, search=60, log=120, pictures=60); picture(address), set_picture; fault(...), faults(),
throttle(...), advance(seconds), requests(), events().
Everything that nobody has seen at Google itself is in unverified.py.
"""

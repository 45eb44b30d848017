"""GAM 7, as it is: it believes to talk to Google, through a proxy that leads to the sandbox.

https://github.com/GAM-team/GAM
"""

OMAR = "omar.ordinary@acme.example"


def test_gam_tells_all_about_a_user(gam):
    status, said = gam("info", "user", OMAR)
    assert status == 0, said
    for line in ("Full Name: Omar Ordinary", "Google Org Unit Path: /Sales", "value: mona.manager@acme.example",
                 "All staff: all.staff@acme.example", "1010020028 (Google Workspace Business Standard)"):  # fmt: skip
        assert line in said
    assert "incomplete" not in said
    assert {"admin.googleapis.com:443", "oauth2.googleapis.com:443"} <= set(gam.proxy.asked)


def test_gam_makes_changes_renames_deletes_and_restores_a_user(gam, tls_google):
    for words in (
        "create user ada@acme.example firstname Ada lastname Byron password Correct-Horse-7 ou /Sales",
        "update user ada@acme.example suspended on externalid organization A77",
        "update user ada@acme.example email ada.king@acme.example",
        "delete user ada.king@acme.example",
        "undelete user ada.king@acme.example ou /",
    ):
        status, said = gam(*words.split())
        assert status == 0, said
    ada = tls_google.user("ada.king@acme.example")
    assert (ada.name, ada.suspended, ada.org_unit, ada.deleted) == ("Ada Byron", True, "/", False)
    assert ada.entries("externalIds") == [{"type": "organization", "value": "A77"}]


def test_gam_says_what_was_refused_in_its_own_words(gam):
    status, said = gam(*f"create user {OMAR} firstname X lastname Y password Correct-Horse-7".split())
    assert (status != 0, "Duplicate" in said) == (True, True)
    status, said = gam(*["update", "user", "abe.abused@acme.example", "suspended", "off"])
    assert (status != 0, "Cannot restore a user suspended for abuse" in said) == (True, True)
    status, said = gam(*["update", "user", "nobody@acme.example", "suspended", "on"])
    assert (status != 0, "Does not exist" in said) == (True, True)


def test_gam_gives_licences_and_memberships_and_ends_sessions(gam, tls_google):
    mona = tls_google.user("mona.manager@acme.example")
    for words in (f"user {OMAR} add license Google-Vault", f"update group sales add member {mona.address}",
                  f"user {OMAR} signout"):  # fmt: skip
        status, said = gam(*words.split())
        assert status == 0, said
    omar = tls_google.user(OMAR)
    assert "Google-Vault" in omar.licences
    assert mona.id in tls_google.groups()["sales@acme.example"]
    assert omar.signed_out_at > 0


def test_gam_lists_people_deleted_ones_and_the_admin_log(gam, tls_google):
    status, said = gam("print", "users", "suspended")
    assert (status, "abe.abused@acme.example,True,ABUSE" in said) == (0, True)
    assert said.count("@acme") >= len([user for user in tls_google.users() if not user.deleted])
    assert "dora.deleted@acme.example" in gam("print", "users", "deleted_only")[1]
    tls_google.patch_user(OMAR, suspended=True)
    assert f"SUSPEND_USER,{OMAR}" in gam("report", "admin", "event", "SUSPEND_USER")[1]

"""Laws of `hydroalert account` and `hydroalert key`: the same as over HTTP, and secrets are shown once."""

from tests.cli.conftest import Run


def test_an_account_is_added_changed_and_removed_with_its_password_shown_once(run: Run) -> None:
    first = run("account", "add", "ann", "--role", "admin", "--json")
    assert (first.code, first.json.keys()) == (0, {"name", "role", "password"})
    added = run("account", "add", "ben", "--role", "viewer")
    assert (added.code, added.out.count("password  ")) == (0, 1)
    again = run("account", "add", "ben", "--role", "viewer")
    assert (again.code, "take another name" in again.err) == (1, True)
    assert run("account", "role", "ben", "operator").code == 0
    last = run("account", "disable", "ann")
    assert (last.code, "last administrator" in last.err) == (1, True)
    assert run("account", "role", "ann", "viewer").code == run("account", "remove", "ann", "--yes").code == 1
    assert [run("account", verb, "ben").code for verb in ("disable", "enable", "logout", "password")] == [0] * 4
    assert run("account", "second-factor", "ben", "off", "--yes").code == 0
    unconfirmed = run("account", "remove", "ben")
    assert (unconfirmed.code, "--yes" in unconfirmed.err) == (1, True)
    listed = run("account", "list", "--json").json
    assert [(one["name"], one["role"], one["enabled"], one["must_change"]) for one in listed] == [
        ("ann", "admin", True, True),
        ("ben", "operator", True, True),
    ]
    assert "password" not in listed[0]
    assert run("account", "remove", "ben", "--yes").code == 0
    unknown = run("account", "role", "ben", "viewer")
    assert (unknown.code, "account list" in unknown.err) == (1, True)
    assert run("account", "role", "ann", "king").code == 2
    assert "ann" in run("account", "list").out


def test_a_key_is_made_for_an_account_listed_without_its_secret_and_revoked(run: Run) -> None:
    run("account", "add", "ann", "--role", "viewer")
    made = run("key", "add", "prometheus", "--account", "ann", "--scope", "metrics", "--json")
    assert (made.code, made.json.keys()) == (0, {"code", "key", "expires_at"})
    beyond = run("key", "add", "x", "--account", "ann", "--scope", "audit:read")
    assert (beyond.code, "opens nothing" in beyond.err) == (1, True)
    assert run("key", "add", "x", "--account", "ann", "--scope", "metrics", "--days", "999999999999").code == 1
    assert run("key", "add", "x", "--account", "nobody", "--scope", "metrics").code == 1
    listed = run("key", "list", "--json")
    assert [(one["code"], one["in_force"]) for one in listed.json] == [(made.json["code"], True)]
    assert made.json["key"].rpartition("_")[2] not in listed.out + run("key", "list").out
    assert [run("key", "revoke", made.json["code"]).code for _ in range(2)] == [0, 1]
    assert run("key", "rotate-signing", "--yes").code == run("key", "rotate-signing", "--at-once", "--yes").code == 0

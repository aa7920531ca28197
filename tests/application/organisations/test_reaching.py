"""What a webhook's address must be, as far as it can be seen before any call."""

import pytest

from application.organisations.reaching import is_public, is_web_address


@pytest.mark.parametrize(
    "host",
    [
        "exa%00mple.org",
        "exa%20mple.org",
        "example%2eorg",
        "exa mple.org",
        "[fe80::1%25eth0]",
        "[fe80::1%eth0]",
        "example..org",
        "-a.org",
        f"{'a' * 64}.org",
        f"{'a.' * 127}org",
    ],
)
def test_what_can_never_be_looked_up_is_no_web_address(host: str) -> None:
    assert not is_web_address(f"https://{host}/hook")


@pytest.mark.parametrize(
    "host",
    ["example.org", "example.org.", "教育.中国", "care_hooks", "203.0.113.7", "[2001:db8::1]", "a-b.EXAMPLE"],
)
def test_what_may_be_there_is_one(host: str) -> None:
    assert is_web_address(f"https://{host}:8443/hook")


@pytest.mark.parametrize(
    "address",
    [
        "fec0::1",
        "192.0.0.9",
        "192.88.99.1",
        "::ffff:192.88.99.1",
        "64:ff9b::1.1.1.1",
        "64:ff9b:1::1",
        "2002:101:101::1",
        "2001::1",
        "3fff::1",
        "fec0::1%eth0",
    ],
)
def test_networks_inside_are_named(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_what_is_outside_is_public(address: str) -> None:
    assert is_public(address)

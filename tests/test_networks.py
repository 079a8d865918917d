"""One network counts as one, however its addresses are written."""

import pytest

from app.networks import network


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2002:c000:207::1", "192.0.2.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_an_address_belongs_to_its_network(address: str, whole: str) -> None:
    assert network(address) == whole


def test_neighbours_are_two_networks() -> None:
    assert network("2001:db8:1:2::1") != network("2001:db8:1:3::1")

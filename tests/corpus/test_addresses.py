"""No special-purpose address and no URL off the list passes, in whatever form it comes."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatbot.corpus.network.addresses import check_url, host_name, is_public
from chatbot.errors import FetchError

HOSTS = frozenset({"papers.test", "bücher.test"})

# IANA's registries of special-purpose addresses, with multicast and what is reserved: name and range.
REGISTRIES = [
    ("this network", "0.0.0.0/8"),
    ("private use", "10.0.0.0/8"),
    ("shared address space", "100.64.0.0/10"),
    ("loopback", "127.0.0.0/8"),
    ("link-local", "169.254.0.0/16"),
    ("private use", "172.16.0.0/12"),
    ("protocol assignments", "192.0.0.0/24"),
    ("anycast for port control", "192.0.0.9/32"),
    ("documentation", "192.0.2.0/24"),
    ("AS112", "192.31.196.0/24"),
    ("AMT", "192.52.193.0/24"),
    ("6to4 relay", "192.88.99.0/24"),
    ("private use", "192.168.0.0/16"),
    ("AS112 delegation", "192.175.48.0/24"),
    ("benchmarking", "198.18.0.0/15"),
    ("documentation", "198.51.100.0/24"),
    ("documentation", "203.0.113.0/24"),
    ("multicast", "224.0.0.0/4"),
    ("reserved", "240.0.0.0/4"),
    ("broadcast", "255.255.255.255/32"),
    ("unspecified", "::/128"),
    ("loopback", "::1/128"),
    ("IPv4-compatible", "::/96"),
    ("IPv4-mapped", "::ffff:0:0/96"),
    ("NAT64", "64:ff9b::/96"),
    ("NAT64 of local use", "64:ff9b:1::/48"),
    ("discard-only", "100::/64"),
    ("dummy", "100:0:0:1::/64"),
    ("protocol assignments", "2001::/23"),
    ("Teredo", "2001::/32"),
    ("port control", "2001:1::1/128"),
    ("benchmarking", "2001:2::/48"),
    ("AMT", "2001:3::/32"),
    ("AS112", "2001:4:112::/48"),
    ("ORCHID", "2001:10::/28"),
    ("ORCHIDv2", "2001:20::/28"),
    ("drone identifiers", "2001:30::/28"),
    ("documentation", "2001:db8::/32"),
    ("6to4", "2002::/16"),
    ("AS112 delegation", "2620:4f:8000::/48"),
    ("documentation", "3fff::/20"),
    ("segment routing", "5f00::/16"),
    ("unique local", "fc00::/7"),
    ("link-local", "fe80::/10"),
    ("site-local", "fec0::/10"),
    ("multicast", "ff00::/8"),
]


@pytest.mark.parametrize(("name", "network"), REGISTRIES)
def test_the_ends_of_every_special_range_are_refused(name: str, network: str) -> None:
    ends = ipaddress.ip_network(network)
    assert [is_public(str(a)) for a in (ends[0], ends[-1])] == [False, False], name


@given(st.sampled_from(REGISTRIES).flatmap(lambda row: st.ip_addresses(network=row[1])))
def test_nothing_within_a_special_range_passes(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert not is_public(str(address))
    assert not is_public(address.exploded)


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:{}", "::{}", "64:ff9b::{}", "64:ff9b:1::{}", "::ffff:0:{}"]))
def test_no_ipv4_address_passes_inside_an_ipv6_one(inner: ipaddress.IPv4Address, form: str) -> None:
    assert not is_public(form.format(inner))
    assert not is_public(str(ipaddress.IPv6Address((0x2002 << 112) | (int(inner) << 80) | 1)))


@given(st.ip_addresses())
def test_what_passes_is_in_no_registry(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    special = any(
        address in ipaddress.ip_network(n) for _, n in REGISTRIES if (":" in n) == (address.version == 6)
    ) or (address.version == 6 and address not in ipaddress.ip_network("2000::/3"))
    assert is_public(str(address)) == (not special)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "193.62.193.83", "172.15.255.255", "172.32.0.0", "2606:4700:4700::1111", "2a00:1450::1"]
)
def test_ordinary_addresses_pass(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "text",
    ["", "papers.test", "fe80::1%eth0", "2606:4700::1%1", "010.8.8.8", "8.8.8", "134744072", "0x8080808", "[::1]"],
)
def test_what_is_not_one_plain_address_is_refused(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://papers.test", ("papers.test", "/")),
        ("https://PAPERS.test.:443/A?b=c d&e=%20#f", ("papers.test", "/A?b=c%20d&e=%20")),
        ("HTTPS://papers.test:/x", ("papers.test", "/x")),
        ("https://Bücher.test/ü", ("xn--bcher-kva.test", "/%C3%BC")),
        ("https://xn--bcher-kva.test/", ("xn--bcher-kva.test", "/")),
        ("https://papers。test/", ("papers.test", "/")),
        ("https://papers.test/10.1000/(x)<y>;2-#", ("papers.test", "/10.1000/(x)%3Cy%3E;2-")),
        ("https://papers.test//evil.test/", ("papers.test", "//evil.test/")),
        ("https://papers.test?q=1", ("papers.test", "/?q=1")),
    ],
)
def test_a_permitted_url_has_one_form(url: str, expected: tuple[str, str]) -> None:
    assert check_url(url, HOSTS) == expected


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://papers.test/", "only https is fetched"),
        ("//papers.test/", "only https"),
        ("papers.test/x", "only https"),
        ("file:///etc/passwd", "only https"),
        ("javascript:alert(1)", "only https"),
        ("", "only https"),
        ("https:papers.test/", "is no host name"),
        ("https:///papers.test/", "is no host name"),
        ("https://other.test/", "other.test is not among the permitted hosts"),
        ("https://sub.papers.test/", "not among"),
        ("https://papers.test.evil.test/", "not among"),
        ("https://evilpapers.test/", "not among"),
        ("https://pаpers.test/", "not among"),  # the second letter is Cyrillic
        ("https://localhost/", "not among"),
        ("https://me@papers.test/", "user name or a port"),
        ("https://me:pass@papers.test/", "user name or a port"),
        ("https://@papers.test/", "user name or a port"),
        ("https://papers.test@evil.test/", "user name or a port"),
        ("https://papers.test:8443/", "user name or a port"),
        ("https://papers.test:80/", "user name or a port"),
        ("https://papers.test:0/", "user name or a port"),
        ("https://papers.test:x/", "is no address"),
        ("https://papers.test:99999/", "is no address"),
        ("https://evil.test\\@papers.test/", "user name or a port"),
        ("https://evil.test\\.papers.test/", "is no host name"),
        ("https://papers%2etest/", "is no host name"),
        ("https://pap\ners.test/", "control characters"),
        ("https://papers.test/a\r\nHost: evil.test", "control characters"),
        ("https://papers.test/\x00", "control characters"),
        ("https://papers.test/\ud800", "is no address"),
        ("https://papers.test/" + "a" * 5000, "longer than 4096"),
        ("https://127.0.0.1/", "127.0.0.1 is an IP address"),
        ("https://127.0.0.1./", "is an IP address"),
        ("https://127.1/", "is an IP address"),
        ("https://2130706433/", "is an IP address"),
        ("https://0177.0.0.1/", "is an IP address"),
        ("https://0x7f.0.0.1/", "is an IP address"),
        ("https://0x7f000001/", "is an IP address"),
        ("https://127.0.0.0x1/", "is an IP address"),
        ("https://127。0。0。1/", "is an IP address"),
        ("https://①②⑦.⓪.⓪.①/", "is an IP address"),
        ("https://[::1]/", "is no host name"),
        ("https://[fe80::1%25eth0]/", "is no host name"),
        ("https://[::ffff:127.0.0.1]/", "is no host name"),
        ("https://[papers.test]/", "is no address"),
        ("https://[::1/", "is no address"),
    ],
)
def test_any_other_url_is_refused_with_its_reason(url: str, reason: str) -> None:
    with pytest.raises(FetchError, match=r"; ") as caught:
        check_url(url, HOSTS)
    assert reason in str(caught.value)


def test_an_ip_address_on_the_list_is_refused_all_the_same() -> None:
    with pytest.raises(FetchError, match=r"127\.0\.0\.1 is an IP address; name the host"):
        check_url("https://127.0.0.1/", frozenset({"127.0.0.1"}))


PIECES = [
    "https",
    "http",
    "://",
    ":",
    "/",
    "//",
    "\\",
    "@",
    "papers.test",
    "evil.test",
    "127.0.0.1",
    "[::1]",
    "%",
    "#",
    "?",
    ".",
    "443",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=9).map("".join))
def test_a_url_is_refused_or_leads_to_a_host_on_the_list(url: str) -> None:
    try:
        host, target = check_url(url, HOSTS)
    except FetchError:
        return
    assert host in {"papers.test", "xn--bcher-kva.test"}
    assert target.startswith("/")
    assert target.isascii() and target.isprintable() and " " not in target
    assert check_url(f"https://{host}{target}", HOSTS) == (host, target)


@given(st.text(max_size=80))
def test_a_host_name_is_found_again_in_its_own_form(text: str) -> None:
    try:
        name = host_name(text)
    except FetchError:
        return
    assert host_name(name) == name == host_name(f"{name}.") == host_name(name.upper())

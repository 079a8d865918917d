"""Every address of Shingle at once, met by people who may not, and by machines that send anything: who may come in, what needs a token of the
session, that garbage is answered and never breaks anything, and that another provider's things look like nothing at all."""

import json
import logging
import re
from collections.abc import Iterator
from io import StringIO
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
import structlog
from flask import Flask
from flask_security import hash_password
from html5lib.html5parser import ParseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import clock
from app.browser import FILES
from app.extensions import db
from app.ops import logs
from app.providers.models import Provider
from app.providers.operations import add_guest
from app.reminders import links
from app.services.models import Service
from app.wizard.models import EarlierAnswer
from tests import factories
from tests.strict import StrictClient

PUBLIC, SIGNED_IN, TOKEN, OPERATOR = "public", "signed in", "token", "operator"

#: Who may come in. `TOKEN`: whoever holds what was signed for this purpose. `OPERATOR`: what a setting opens. An endpoint that isn't here fails.
ACCESS = {
    **dict.fromkeys(
        (
            "pages.landing",
            "listing.show",
            "listing.directory",
            "listing.provider",
            "media.public",
            "media.words",
            "sheet",
            "asset",
            "static",
        ),
        PUBLIC,
    ),
    **dict.fromkeys(
        ("crawlers.robots", "crawlers.sitemap", "crawlers.sitemap_page", "health.healthz", "health.readyz"), PUBLIC
    ),
    **dict.fromkeys(("security.login", "security.logout", "security.register", "account.check_mail"), PUBLIC),
    **dict.fromkeys(("security.send_confirmation", "security.forgot_password"), PUBLIC),
    **dict.fromkeys(("security.confirm_email", "security.reset_password", "security.change_email_confirm"), TOKEN),
    **dict.fromkeys(("drafts.link_keep", "drafts.link_delete", "drafts.link_resume", "drafts.link_stop"), TOKEN),
    **dict.fromkeys(("storage.put", "storage.get"), TOKEN),
    **dict.fromkeys(("metrics.show", "outbox.index", "outbox.show", "outbox.html"), OPERATOR),
    **dict.fromkeys(("account.profile", "account.close", "account.sign_out_everywhere"), SIGNED_IN),
    **dict.fromkeys(("security.change_email", "security.change_password", "security.verify"), SIGNED_IN),
    **dict.fromkeys(("drafts.dashboard", "drafts.start", "drafts.resume", "drafts.take_up"), SIGNED_IN),
    **dict.fromkeys(("drafts.discard", "drafts.restore", "drafts.keep", "drafts.purge"), SIGNED_IN),
    **dict.fromkeys(("wizard.step", "wizard.proceed", "wizard.save", "wizard.review", "wizard.publish"), SIGNED_IN),
    **dict.fromkeys(("wizard.preview", "wizard.discard_changes", "wizard.markdown", "copies.compare"), SIGNED_IN),
    **dict.fromkeys(("wizard.earlier", "wizard.earlier_version", "wizard.take_back"), SIGNED_IN),
    "guests.start": PUBLIC,
    "guests.finish": TOKEN,
    **dict.fromkeys(("guests.claim", "guests.link", "guests.leave"), SIGNED_IN),
    **dict.fromkeys(("manage.pause", "manage.resume", "manage.list", "manage.unlist", "manage.archive"), SIGNED_IN),
    **dict.fromkeys(("media.grant", "media.resign", "media.received", "media.show", "media.remove"), SIGNED_IN),
    **dict.fromkeys(("media.restore", "media.direct", "media.private", "media.sign", "media.standing"), SIGNED_IN),
}

#: What changes something without a token of the session, and why that is right.
WITHOUT_TOKEN = {
    "drafts.link_keep": "the signed link is the permission, and mail programs have no session",
    "drafts.link_delete": "the signed link is the permission, and mail programs have no session",
    "drafts.link_resume": "the signed link is the permission; it changes nothing but a count",
    "drafts.link_stop": "one click in a mail program POSTs without cookies (RFC 8058)",
    "storage.put": "the signed address is the permission, and no cookie is read",
}

Asked = tuple[str, str, str]  # endpoint, method, path


@pytest.fixture
def things(app: Flask, ada: Provider) -> dict[str, Any]:
    """One of everything that has an address, all of it Ada's."""
    ada.slug, ada.password = "ada", hash_password("a long sentence of Ada's")
    draft = factories.draft(ada, has_content=True)
    listing = factories.published(ada, slug="haircut", gallery=[])
    assert draft.expires_at is not None
    variant = {"key": "media/x/d-320.jpg", "width": 320, "height": 200, "type": "image/jpeg", "bytes": 3}
    file = factories.media(draft, variants=[variant])
    before = {"number": 1, "typed": {"price_minor": ["45"]}, "kept_at": clock.now()}
    db.session.add(EarlierAnswer(service_id=draft.id, step="price", slot=1, **before))
    db.session.commit()
    guest = add_guest(locale="en", time_zone="UTC", currency="EUR")
    guest.offered_to = links.digest("carla@example.com")
    db.session.commit()
    return {
        "service_id": draft.id,
        "listing_id": listing.id,
        "media_id": file.id,
        "keep": links.for_draft("keep", draft.id, draft.expires_at),
        "delete": links.for_draft("delete", draft.id, draft.expires_at),
        "resume": links.for_draft("resume", draft.id, draft.expires_at),
        "stop": links.for_provider(ada),
        "finish": links.for_guest(guest.id, "carla@example.com"),
    }


def asked(app: Flask, things: dict[str, Any]) -> Iterator[Asked]:
    """Every endpoint with each of its methods, at an address where there is something."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, _path(app, rule, _arguments(rule, things))


def _arguments(rule: Rule, things: dict[str, Any]) -> dict[str, Any]:
    link = rule.endpoint.rpartition("_")[2].rpartition(".")[2]
    service = "listing_id" if rule.rule.startswith("/services/") else "service_id"
    known = {
        "service_id": things[service],
        "media_id": things["media_id"],
        "token": things.get(link, "made-up") if rule.endpoint.startswith(("drafts.", "guests.")) else "made-up",
        "slug": "haircut" if rule.endpoint == "listing.show" else "ada",
        "step_key": "price",
        "number": 1,
        "variant": "320.jpg",
        "name": "320.jpg",
        "language": "en",
        "build": "made-up",
        "filename": "css/base.css",
        "sheet": "frame",
    }
    return {name: known[name] for name in rule.arguments}


def _path(app: Flask, rule: Rule, arguments: dict[str, Any]) -> str:
    built = rule.build(arguments)
    assert built is not None, rule
    return str(built[1])


def test_every_route_says_who_may_come_in(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ACCESS)


def test_what_needs_an_account_sends_a_stranger_to_sign_in(app: Flask, client: StrictClient, things: dict[str, Any]) -> None:
    let_in = []
    for endpoint, method, path in asked(app, things):
        if ACCESS[endpoint] != SIGNED_IN:
            continue
        answer = client.open(path, method=method)
        if answer.status_code != 401 and "/sign-in" not in answer.headers.get("Location", ""):
            let_in.append((endpoint, method, answer.status_code))
    assert not let_in


def test_a_made_up_token_opens_nothing(app: Flask, client: StrictClient, things: dict[str, Any]) -> None:
    made_up = things | dict.fromkeys(("keep", "delete", "resume", "stop", "finish"), "made-up")
    opened = []
    for endpoint, method, path in asked(app, made_up):
        # The pages of mails about the account show the same for every link, and act on the press of their button.
        if ACCESS[endpoint] != TOKEN or (
            method == "GET" and endpoint in ("security.confirm_email", "security.change_email_confirm")
        ):
            continue
        answer = client.open(path, method=method)
        if answer.status_code not in (403, 404) and not answer.headers.get("Location", "").endswith(
            ("/confirm", "/forgotten-password", "/account/email", "/sign-in")
        ):
            opened.append((endpoint, method, answer.status_code, answer.headers.get("Location")))
    assert not opened


@pytest.fixture
def closed_doors() -> dict[str, str]:
    return {"PRODUCTION": "yes", "SMTP_URL": "smtp://127.0.0.1:1", "PASSWORD_MEMORY": "19M"}


def test_what_is_the_operators_does_not_exist_in_production(
    make_app: Any, closed_doors: dict[str, str], things: dict[str, Any]
) -> None:
    app = make_app(**closed_doors)
    client = app.test_client()
    found = []
    for endpoint, method, path in asked(app, things):
        if ACCESS[endpoint] == OPERATOR and client.open(path, method=method).status_code != 404:
            found.append((endpoint, method))
    assert not found


@pytest.mark.parametrize("token", ["", "made-up"])
def test_nothing_changes_without_a_token_of_the_session(
    app: Flask, client: StrictClient, ada: Provider, things: dict[str, Any], token: str
) -> None:
    accepted = []
    for endpoint, method, path in asked(app, things):
        if method == "GET" or endpoint in WITHOUT_TOKEN:
            continue
        client = app.test_client()  # type: ignore[assignment]
        if ACCESS[endpoint] == SIGNED_IN or endpoint == "security.logout":
            client.sign_in(ada)
        body = {"email": "ada@example.com", "password": "a long sentence of Ada's", "new_password": "another long sentence"}
        answer = client.open(path, method=method, data=body, headers={"X-CSRFToken": token})
        # Signing out asks once more: the answer is a page with a button, and nobody is signed out.
        asks_again = endpoint == "security.logout" and client.get("/drafts").status_code == 200
        if answer.status_code != 400 and not asks_again:
            accepted.append((endpoint, method, answer.status_code))
    assert not accepted


def test_what_needs_no_token_of_the_session_is_named_with_the_reason(app: Flask) -> None:
    assert set(WITHOUT_TOKEN) <= set(ACCESS)
    assert {ACCESS[endpoint] for endpoint in WITHOUT_TOKEN} == {TOKEN}


def test_another_providers_things_answer_as_if_they_did_not_exist(
    app: Flask, as_boris: StrictClient, things: dict[str, Any]
) -> None:
    different = []
    for (endpoint, method, path), (_e, _m, nowhere) in zip(
        asked(app, things),
        asked(app, {name: uuid4() if isinstance(value, UUID) else value for name, value in things.items()}),
        strict=True,
    ):
        if path == nowhere:
            continue
        theirs, unknown = as_boris.open(path, method=method), as_boris.open(nowhere, method=method)
        if (theirs.status_code, _plain(theirs)) != (404, _plain(unknown)) or unknown.status_code != 404:
            different.append((endpoint, method, theirs.status_code, unknown.status_code))
    assert not different


def _plain(answer: TestResponse) -> str:
    """A page without what is new on every page."""
    return re.sub(r"value=\"[\w.\-]{30,}\"", "", answer.get_data(as_text=True))


def test_another_providers_ids_in_a_form_answer_as_if_they_did_not_exist(
    as_boris: StrictClient, boris: Provider, things: dict[str, Any]
) -> None:
    own = factories.draft(boris)
    file = {"entity_type": "service", "file_name": "a.jpg", "content_type": "image/jpeg", "size": 10}
    for identity in (things["service_id"], uuid4()):
        assert as_boris.post("/drafts", data={"duplicate_of": str(identity)}).status_code == 404
        assert as_boris.post("/media", json=file | {"entity_id": str(identity)}).status_code == 404
    for identity in (things["media_id"], uuid4()):
        for verb in ("remove", "restore"):
            assert as_boris.post(f"/drafts/{own.id}/media", data={"action": f"media.{verb}.{identity}"}).status_code == 404
        for verb in ("up", "down", "cover"):
            assert as_boris.post(f"/drafts/{own.id}/media", data={"action": f"media.{verb}.{identity}"}).status_code == 422


# What machines send.

DEEP = "[" * 100_000
TEXTS = [
    *(
        "",
        "\x00",
        "a\x00b@example.com",
        "'\"><script>alert(1)</script>",
        "../../../etc/passwd",
        "x\r\nSet-Cookie: a=b",
        "²",
        "٣",
        "-1",
    ),
    *(
        "1e309",
        "NaN",
        "\u202egnp.exe",
        "\uffff",
        "💇" * 50,
        "{{7*7}}",
        "%s%n%x",
        "%ED%A0%80",
        "9" * 5000,
        "//evil.example",
        "/\\evil.example",
        "http://[",
    ),
    *("a@b.example", "true", "None", "0" * 32, "_" * 32, "A" * 10_000),
]
NAMES = [
    *(
        "email",
        "password",
        "new_password",
        "display_name",
        "about",
        "time_zone",
        "locale",
        "currency",
        "has_public_page",
        "remember",
    ),
    *("name", "service_type", "summary", "description", "included", "places", "location", "price_kind", "price_minor"),
    *("duration_minutes", "packages-0-name", "packages-0-price_minor", "packages-²-name", "packages-" + "9" * 5000 + "-name"),
    *("packages--1-name", "mon-opens", "mon-closes", "notice_hours", "capacity", "media", "cover", "alt-x", "alt-"),
    *(
        "version",
        "action",
        "next",
        "duplicate_of",
        "visibility",
        "from",
        "entity_type",
        "entity_id",
        "restore",
        "start",
        "\x00",
        "²",
    ),
]
ACTIONS = [
    *("packages.add", "packages.remove.99", "packages.remove.²", "packages.remove." + "9" * 5000, "packages.up.0", "packages."),
    *(".", "__class__.add", "price_minor.add", "media.up.x", "media.cover." + "0" * 32, "media.remove.\x00", "later"),
]
QUERY = ["q", "type", "after", "before", "undo", "next", "then", "v", "from"]
JSONS = [
    *(
        "",
        "{",
        "null",
        "0",
        "[]",
        '"x"',
        "[1]",
        "true",
        "9" * 5000,
        DEEP,
        '{"a":' * 50_000,
        '{"email": "\\ud800", "password": "\\ud800"}',
    ),
    *('{"email": 1, "password": 2}', '{"email": ["a"], "password": {"a": 1}}', '{"email": null, "password": null}'),
    json.dumps(dict.fromkeys(NAMES, "\ud800\x00") | {"size": 10}),
    json.dumps(
        {"entity_type": "service", "entity_id": [1], "file_name": "\ud800.jpg", "content_type": "image/jpeg", "size": 10**15}
    ),
    json.dumps({"entity_type": [], "entity_id": None, "file_name": 3, "content_type": {}, "size": -1, "sha256": 5}),
]
BODIES = [
    *(("application/json", each.encode()) for each in JSONS),
    ("application/json", b'{"email": "\xff\xfe"}'),
    ("application/json; charset=utf-16", b"{}"),
    ("application/x-www-form-urlencoded", b"%ff=%00&email=%ED%A0%80&password=%FF%FE&name=\xff&=&&&;"),
    ("application/x-www-form-urlencoded; charset=nonsense", b"a=b"),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="\x00\xff.jpg"\r\n\r\n\x00\r\n--x--\r\n',
    ),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="\x00"\r\n\r\n\xff\r\n--x--\r\n'),
    ("application/xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    ("", b"\x00\xff"),
    ("text/plain", b"a=b"),
]
HEADERS = [
    {"HX-Request": "true"},
    {"HX-Request": "true", "HX-History-Restore-Request": "true", "HX-Current-URL": "\x7f"},
    {"Accept": "application/json"},
    {"Accept": "*/*;q=x, ,;;", "Accept-Language": "xx-\xff;q=9,*;;"},
    {"Range": "bytes=9-1,-,a-b", "If-Range": "x", "If-None-Match": 'W/"', "If-Modified-Since": "yesterday"},
    {"Cookie": "session=made.up.entirely; remember_token=x|y; \xff=\xfe"},
    {"Authorization": "Basic \xff", "Authentication-Token": "x"},
    {"Host": "evil.example:99999"},
    {"Host": "a b"},
    {"Referer": "http://[::1", "Origin": "null", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "'; --"},
    {"Content-Length": "nonsense"},
]


def _broken(client: StrictClient, path: str, **sent: Any) -> str:
    """What is wrong with the answer: a 5xx, or a page that is no valid HTML. Empty when nothing is."""
    try:
        answer = client.open(path, **sent)
    except (ParseError, AssertionError) as error:
        return f"{type(error).__name__}: {error}"[:200]
    return str(answer.status_code) if answer.status_code >= 500 else ""


def _reads(path: str) -> Iterator[dict[str, Any]]:
    for text in TEXTS[::2]:
        value = quote(text[:3000], errors="replace")
        yield {"path": path, "query_string": "&".join(f"{name}={value}" for name in QUERY)}


def _writes(path: str) -> Iterator[dict[str, Any]]:
    yield from ({"path": path, "data": dict.fromkeys(NAMES, text)} for text in TEXTS)
    for action in ACTIONS if path.startswith("/drafts/") else []:
        yield {"path": path, "data": {"action": action, "packages-0-name": "x", "version": "0"}}
    for content_type, body in BODIES:
        yield {"path": path, "data": body, "content_type": content_type}


@pytest.fixture(params=["stranger", "owner"])
def visitor(request: pytest.FixtureRequest, client: StrictClient, ada: Provider) -> Any:
    """Signs in again as often as needed: some of what is sent signs out."""
    person = {"stranger": None, "owner": ada}[request.param]

    def come() -> StrictClient:
        return client.sign_in(db.session.merge(person)) if person else client

    return come


def is_stranger(client: StrictClient) -> bool:
    with client.session_transaction() as session:
        return "_user_id" not in session


@pytest.mark.parametrize("way", [_reads, _writes])
def test_no_route_breaks_over_what_it_is_sent(app: Flask, visitor: Any, things: dict[str, Any], way: Any) -> None:
    broken = []
    for endpoint, method, path in asked(app, things):
        if (method == "GET") != (way is _reads):
            continue
        if endpoint in FILES or (ACCESS[endpoint] == SIGNED_IN and is_stranger(visitor())):
            continue
        for sent in way(path):
            if wrong := _broken(visitor(), method=method, **sent):
                broken.append((endpoint, method, str(sent)[len(path) :][:200], wrong))
    assert not broken


def test_no_route_breaks_over_headers_or_methods(app: Flask, visitor: Any, things: dict[str, Any]) -> None:
    broken = []
    for endpoint, method, path in asked(app, things):
        requests: list[dict[str, Any]] = [{"method": method, "headers": headers} for headers in HEADERS]
        requests += [{"method": other} for other in ("HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE", "NONSENSE")]
        for sent in requests:
            if wrong := _broken(visitor(), path, **sent):
                broken.append((endpoint, sent, wrong))
    assert not broken


ANYTHING = st.one_of(st.sampled_from(TEXTS), st.text(max_size=40), st.integers().map(str))
PIECES = (
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
    | st.uuids().map(str)
    | st.sampled_from([text for text in TEXTS if 0 < len(text) < 100])
)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    place=st.integers(0, 10_000),
    pieces=st.lists(PIECES, min_size=4, max_size=4),
    form=st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=10), ANYTHING, max_size=6),
)
def test_no_address_that_can_be_made_up_breaks_anything(
    app: Flask, visitor: Any, things: dict[str, Any], place: int, pieces: list[str], form: dict[str, str]
) -> None:
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ())))
    rule = rules[place % len(rules)]
    given_pieces = iter(pieces)
    path = re.sub(r"<[^>]+>", lambda _found: quote(next(given_pieces), safe=""), rule.rule)
    for method in sorted((rule.methods or set()) - {"OPTIONS"}):
        body = (
            {} if method in ("GET", "HEAD") else {"data": {name: value for name, value in form.items() if name != "csrf_token"}}
        )
        assert not _broken(visitor(), path, method=method, **body)


@pytest.mark.parametrize("number", [2**31, 2**63, 10**4000])
def test_no_address_has_a_number_that_no_column_can_hold(
    app: Flask, as_ada: StrictClient, things: dict[str, Any], number: int
) -> None:
    counted = [rule for rule in app.url_map.iter_rules() if "<int:number>" in rule.rule]
    assert counted
    for rule in counted:
        path = _path(app, rule, _arguments(rule, things)).replace("/1", f"/{number}")
        assert as_ada.get(path).status_code == 404, path


def test_a_draft_survives_all_that(app: Flask, as_ada: StrictClient, things: dict[str, Any]) -> None:
    path = f"/drafts/{things['service_id']}"
    for step in ("basics", "details", "price", "availability", "media"):
        for text in TEXTS:
            assert as_ada.put(f"{path}/{step}", data=dict.fromkeys(NAMES, text) | {"version": "0"}).status_code < 500
            assert as_ada.get(f"{path}/{step}").status_code == 200
    for page in (f"{path}/review", f"{path}/preview", "/drafts"):
        assert as_ada.get(page).status_code == 200
    assert db.session.get(Service, things["service_id"]) is not None


def test_no_cache_keeps_a_page_of_somebody(app: Flask, as_ada: StrictClient, things: dict[str, Any]) -> None:
    kept = []
    for endpoint, method, path in asked(app, things):
        if ACCESS[endpoint] == SIGNED_IN and method == "GET":
            said = as_ada.get(path).headers["Cache-Control"]
            kept += [(endpoint, said)] if "no-store" not in said else []
    assert not kept


@pytest.fixture
def log(app: Flask) -> Iterator[StringIO]:
    """What Shingle and its libraries log, as it is written."""
    stream, before = StringIO(), structlog.get_config()
    handler = logs.handler(stream)
    logging.getLogger().addHandler(handler)
    structlog.configure(**before | {"logger_factory": structlog.PrintLoggerFactory(stream)})
    yield stream
    structlog.configure(**before)
    logging.getLogger().removeHandler(handler)


def test_no_fault_writes_an_address_or_a_token_into_the_log(
    app: Flask, client: StrictClient, things: dict[str, Any], log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = {name: str(things[name]) for name in ("keep", "delete", "resume", "stop", "finish")}
    secrets |= {"address": "carla@example.com", "words": "what somebody typed", "key": str(app.secret_key)}

    def fail(**_values: Any) -> None:
        given = {"address": secrets["address"], "words": secrets["words"], "token": secrets["keep"]}
        try:
            db.session.execute(sql("SELECT :address, :words, :token FROM nowhere"), given)
        except DBAPIError as error:
            raise RuntimeError(f"{secrets['address']} with {secrets['finish']} and {quote(secrets['address'])}") from error

    monkeypatch.setattr(app, "view_functions", dict.fromkeys(app.view_functions, fail))
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    statuses = {client.open(path, method=method).status_code for _endpoint, method, path in asked(app, things)}
    assert 500 in statuses
    found = log.getvalue()
    assert found.count("request failed") > 50
    assert [name for name, secret in secrets.items() if secret in found or quote(secret) in found] == []


@pytest.mark.parametrize(
    "text",
    [
        "Jörg.Müller+x@exämple.de",
        '"a b"@example.com',
        "a@[127.0.0.1]",
        "a%40example.com",
        "ImUxNWY3Ig.aBcD3f.Zx-9_yT1q2w3e4r5t6y7u8i9o0p",
    ],
)
def test_an_address_or_token_goes_from_a_line_of_the_log(text: str) -> None:
    assert text not in logs.redacted(f"refused {text}, again")


def test_the_id_of_a_row_stays_in_a_line_of_the_log() -> None:
    assert logs.redacted(f"purged {UUID(int=2**120 + 7)}") == f"purged {UUID(int=2**120 + 7)}"


def test_every_answer_speaks_to_caches_in_words_that_they_know(
    app: Flask, as_ada: StrictClient, things: dict[str, Any]
) -> None:
    """RFC 9111, 5.2.2, and RFC 8246: which directives there are, and which of them have a number."""
    odd = []
    for endpoint, method, path in asked(app, things):
        said = as_ada.open(path, method=method).headers.get("Cache-Control", "")
        wrong = [
            each
            for each in said.split(", ")
            if not re.fullmatch(r"no-store|no-cache|private|public|immutable|(s-maxage|max-age)=\d+", each)
        ]
        odd += [(endpoint, said)] if wrong else []
    assert not odd


def test_nobody_keeps_a_page_of_signing_in(app: Flask, client: StrictClient, things: dict[str, Any]) -> None:
    kept = []
    for endpoint, method, path in asked(app, things):
        if endpoint.startswith("security.") and method == "GET":
            said = client.get(path).headers["Cache-Control"]
            kept += [(endpoint, said)] if "no-store" not in said.split(", ") else []
    assert not kept


def test_no_cache_keeps_for_everybody_what_holds_a_token_of_one_session(
    app: Flask, client: StrictClient, things: dict[str, Any]
) -> None:
    kept = []
    for endpoint, method, path in asked(app, things):
        if ACCESS[endpoint] in (PUBLIC, TOKEN) and method == "GET":
            answer = app.test_client().get(path)
            said = answer.headers.get("Cache-Control", "")
            kept += (
                [(endpoint, said)] if "csrf_token" in answer.text and "private" not in said and "no-store" not in said else []
            )
    assert not kept

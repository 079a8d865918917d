"""What Flask does once here and not for each request: signatures of cookies, and how a body is handed to the server."""

import pytest
from flask import Flask
from itsdangerous import BadSignature, SignatureExpired
from werkzeug.test import EnvironBuilder

from app.web import Cookies


@pytest.fixture
def cookies() -> Cookies:
    return Cookies("a key")


def test_a_cookie_is_read_anew_each_time(cookies: Cookies) -> None:
    cookie = cookies.dumps({"names": ["Ada"]})
    cookies.loads(cookie)["names"].append("Ben")
    assert cookies.loads(cookie) == {"names": ["Ada"]}


def test_a_cookie_that_was_read_before_grows_old_all_the_same(cookies: Cookies) -> None:
    cookie = cookies.dumps({})
    assert cookies.loads(cookie, max_age=60) == {}
    with pytest.raises(SignatureExpired):
        cookies.loads(cookie, max_age=-1)


def test_a_cookie_that_looks_like_one_that_was_read_is_refused(cookies: Cookies) -> None:
    cookie = str(cookies.dumps({"name": "Ada"}))
    cookies.loads(cookie)
    payload, _, rest = cookie.partition(".")
    with pytest.raises(BadSignature):
        cookies.loads(f"{payload[:-1]}A.{rest}")


def test_a_cookie_is_known_under_a_key_that_was_replaced(cookies: Cookies) -> None:
    assert Cookies(["a key", "a newer key"]).loads(cookies.dumps("kept")) == "kept"


def test_a_whole_body_is_handed_over_as_a_list(app: Flask) -> None:
    body = app.wsgi_app(EnvironBuilder(path="/healthz").get_environ(), lambda *_said: None)
    assert isinstance(body, list), body


def test_what_must_follow_the_body_follows_it(app: Flask) -> None:
    followed: list[str] = []
    response = app.response_class("whole")
    response.call_on_close(lambda: followed.append("closed"))
    body = response(EnvironBuilder().get_environ(), lambda *_said: None)
    assert not followed
    body.close()
    assert followed

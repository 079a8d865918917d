"""Flask as Shingle runs it: without what it would do anew for every request and that never comes out differently here."""

from collections import ChainMap
from collections.abc import Callable, Iterable, MutableMapping
from functools import cached_property, lru_cache
from typing import Any

from flask import Flask, Request, Response, request
from flask.templating import Environment
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.formparser import FormDataParser
from werkzeug.routing import IntegerConverter
from werkzeug.sansio.http import parse_cookie

from app import form_data

#: Cookies that a process knows again, of about 600 bytes each.
COOKIES = 4096
#: PostgreSQL's `integer`.
LARGEST = 2**31 - 1


class Templates(Environment):
    """A template that imports macros compares its globals with theirs each time. Jinja keeps them in a ChainMap, for templates that are loaded with
    globals of their own; ours share the application's, and two plain dicts are compared fifty times as fast."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return ChainMap(d, self.globals) if d else self.globals

    def compile(self, source: Any, name: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """Pages without the lines on which only a tag stood, a thirtieth of their bytes. In a text mail every line is meant."""
        is_page = name is not None and name.endswith(".html")
        return Environment.compile(self._trimming if is_page else self, source, name, *args, **kwargs)

    @cached_property
    def _trimming(self) -> Environment:
        return self.overlay(trim_blocks=True, lstrip_blocks=True)


class Asked(Request):
    """A request."""

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """From the one place where WSGI keeps them. Werkzeug looks through all headers, which a server mixes with its whole environment."""
        found: ImmutableMultiDict[str, str] = parse_cookie(self.environ.get("HTTP_COOKIE"), self.dict_storage_class)  # type: ignore[assignment]
        return found

    def make_form_data_parser(self) -> FormDataParser:
        """A form-encoded body is counted before it is read: Werkzeug's own limit on fields is for the other kind alone."""
        if self.mimetype == "application/x-www-form-urlencoded":
            form_data.count(self.get_data())
        return super().make_form_data_parser()


class Answer(Response):
    """An answer."""

    def get_app_iter(self, environ: dict[str, Any]) -> Iterable[bytes]:
        """A body that is all there goes as a list: Granian sends that at once, and anything else as a stream, piece by piece in a thread."""
        pieces = super().get_app_iter(environ)
        return list(pieces) if self.is_sequence and not self._on_close else pieces


class Cookies(URLSafeTimedSerializer):
    """Signs sessions. A browser sends the same cookie until something in it changes: its signature is computed once, its age and what it holds are
    looked at each time. What is refused is not remembered, so nobody can fill the memory with what we did not sign."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._opened = lru_cache(COOKIES)(self._open)
        self._now = next(iter(self.iter_unsigners())).get_timestamp  # the clock that cookies are signed by

    def loads(  # type: ignore[override]  # as itsdangerous's own timed serializer has it
        self, s: str | bytes, max_age: int | None = None, return_timestamp: bool = False, salt: str | bytes | None = None
    ) -> Any:
        if return_timestamp or salt:
            return super().loads(s, max_age, return_timestamp, salt)
        payload, signed_at = self._opened(s)
        if max_age is not None and not 0 <= self._now() - signed_at <= max_age:
            raise SignatureExpired(f"Signed at {signed_at}", payload=payload)
        return self.load_payload(payload)

    def _open(self, cookie: str | bytes) -> tuple[bytes, int]:
        refusal = BadSignature("No key")
        for signer in self.iter_unsigners():
            try:
                payload, signed_at = signer.unsign(cookie, return_timestamp=True)
                return payload, int(signed_at.timestamp())
            except BadSignature as error:
                refusal = error
        raise refusal


class Number(IntegerConverter):
    """A number in a path that a column of the database can hold; there is no page under a larger one."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{"max": LARGEST} | more)


class Web(Flask):
    """The application. No view or hook is a coroutine, so there is nothing to ask each of them before it is called."""

    jinja_environment = Templates
    request_class, response_class = Asked, Answer

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.url_map.converters["int"] = Number

    def log_exception(self, exc_info: Any) -> None:
        """By the route: a path may hold a token."""
        rule = request.url_rule
        self.logger.error(
            "Exception at %s %s", request.method, rule.rule if rule else "an address without a route", exc_info=exc_info
        )

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func

"""Flask as Shingle runs it: without two things that it would do anew for every request and that never come out differently here."""

from collections import ChainMap
from collections.abc import Callable, MutableMapping
from functools import cached_property
from typing import Any

from flask import Flask
from flask.templating import Environment


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


class Web(Flask):
    """The application. No view or hook is a coroutine, so there is nothing to ask each of them before it is called."""

    jinja_environment = Templates

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func

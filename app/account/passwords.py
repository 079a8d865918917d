"""Which passwords are accepted: any long one that isn't among the first that somebody would try (NIST SP 800-63B section 5.1.1.2)."""

from itertools import pairwise
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from flask_security import PasswordUtil

LONGEST = 128
# The most common passwords of ten characters and more in public leaks, without the ones that `_is_monotonous` finds.
COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text().split())


class Passwords(PasswordUtil):
    """Flask-Security's rules, with a sentence for each refusal."""

    def normalize(self, password: str) -> str:
        """No account has a password of more than `LONGEST`, and argon2's library breaks over one of more than 4,096 bytes."""
        return str(super().normalize(password[: 4 * LONGEST]))

    def validate(self, password: str, is_register: bool, **known: Any) -> tuple[list[str] | None, str]:
        refused, normal = super().validate(password, is_register, **known)
        if len(normal) > LONGEST:
            return [_("Use at most %(number)s characters.", number=LONGEST)], normal
        if refused is None and _is_guessable(normal, _about(known)):
            return [_("This would be among the first guesses. Use a few words that only you would put in a row.")], normal
        return refused, normal


def _about(known: dict[str, Any]) -> list[str]:
    person = known.get("user")
    email = known.get("email") or getattr(person, "email", None) or ""
    name = known.get("display_name") or getattr(person, "display_name", None) or ""
    return [email, email.partition("@")[0], name, name.replace(" ", "")]


def _is_guessable(password: str, about: list[str]) -> bool:
    plain = password.casefold()
    return (
        plain in COMMON
        or _is_monotonous(plain)
        or plain in [each.casefold() for each in about]
        or plain.strip("0123456789!") == "shingle"
    )


def _is_monotonous(plain: str) -> bool:
    """aaaaaaaaaa, 1212121212, 1234567890, abcdefghijkl."""
    steps = {
        (ord(after) - ord(before)) % 10 if before.isdigit() and after.isdigit() else ord(after) - ord(before)
        for before, after in pairwise(plain)
    }
    return len(set(plain)) <= 2 or (len(steps) == 1 and steps <= {-1, 0, 1, 9})

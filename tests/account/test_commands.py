"""`flask providers create`."""

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.providers.models import Provider
from tests.account.conftest import PASSWORD
from tests.strict import StrictClient


def test_an_account_made_on_the_command_line_can_sign_in(app: Flask, client: StrictClient) -> None:
    app.test_cli_runner().invoke(args=["providers", "create", "Eve@example.com", "--password", PASSWORD])
    assert client.post("/sign-in", data={"email": "eve@example.com", "password": PASSWORD}).location == "/drafts"


def test_a_second_account_of_an_address_is_refused(app: Flask, carla: Provider) -> None:
    result = app.test_cli_runner().invoke(args=["providers", "create", carla.email, "--password", PASSWORD])
    assert result.exit_code == 1
    assert "has an account already" in result.output


def test_a_short_password_is_refused(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["providers", "create", "eve@example.com", "--password", "short"])
    assert result.exit_code == 1
    assert db.session.scalar(select(Provider)) is None

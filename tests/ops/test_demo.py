"""The demo account: everything in it came about as it does for a provider."""

from flask import Flask

from app.clock import now
from app.drafts.queries import of_provider
from app.extensions import db
from app.mail import outbox
from app.media.models import Media, State
from app.ops.demo import EMAIL, PASSWORD, demo
from app.providers.models import Provider
from app.services.models import Service
from tests.strict import StrictClient


def test_it_holds_drafts_of_every_age_and_published_services_with_photos(app: Flask, client: StrictClient) -> None:
    before = len(list(outbox().glob("*.eml")))
    answer = app.test_cli_runner().invoke(demo)
    assert answer.output.splitlines()[-1] == f"{EMAIL}, password {PASSWORD}", answer.output
    drafts, published, deleted, *_more = of_provider(db.session.query(Provider).filter_by(email=EMAIL).one().id, now())
    assert [(each.name, each.journey.done) for each in drafts] == [
        ("Wedding hair", 4),
        ("Beard trim", 1),
        ("Braiding workshop for parents", 2),
    ]
    assert [(each.name, len(each.photos), each.service.is_public) for each in published] == [
        ("Hair advice by video", 1, False),
        ("Plant colour", 2, True),
        ("Haircut and styling", 3, True),
    ]
    assert [each.name for each in deleted] == ["Evening updo"]
    assert {each.state for each in db.session.query(Media)} == {State.READY}
    assert len(list(outbox().glob("*.eml"))) == before + 1

    listed = client.get("/services").page.words
    for name in ("Mira Lindqvist", "Yusuf Adeyemi Massage", "Klara Ott, piano", "Lena Brandt Photography"):
        assert name in listed
    assert "Spoke & Chain" in client.get("/p/spoke-chain-tom-whitaker").page.words

    services = db.session.query(Service).count()
    again = app.test_cli_runner().invoke(demo)
    assert again.output.splitlines()[-1] == f"{EMAIL}, password {PASSWORD}"
    assert db.session.query(Service).count() == services

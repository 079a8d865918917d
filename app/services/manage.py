"""The buttons of a published listing. Each is a POST on the listing's own address, and doing it twice is doing it once."""

from uuid import UUID

from flask import Blueprint, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_security import auth_required

from app import htmx
from app.services import operations
from app.services.models import Service

manage = Blueprint("manage", __name__)


@manage.post("/services/<uuid:service_id>/pause")
@auth_required("session")
def pause(service_id: UUID) -> ResponseReturnValue:
    return _done(
        operations.pause(service_id, current_user.id), _("Paused. Visitors don't see this listing until you resume it.")
    )


@manage.post("/services/<uuid:service_id>/resume")
@auth_required("session")
def resume(service_id: UUID) -> ResponseReturnValue:
    return _done(operations.resume(service_id, current_user.id), _("Visitors see this listing again."))


@manage.post("/services/<uuid:service_id>/list", endpoint="list")
@auth_required("session")
def enlist(service_id: UUID) -> ResponseReturnValue:
    return _done(operations.enlist(service_id, current_user.id), _("The directory shows this listing now."))


@manage.post("/services/<uuid:service_id>/unlist")
@auth_required("session")
def unlist(service_id: UUID) -> ResponseReturnValue:
    return _done(operations.unlist(service_id, current_user.id), _("Only people who have the link find this listing now."))


@manage.post("/services/<uuid:service_id>/archive")
@auth_required("session")
def archive(service_id: UUID) -> ResponseReturnValue:
    return _done(
        operations.archive(service_id, current_user.id),
        _("Archived. Visitors are told that this listing is gone. You can publish it again."),
    )


def _done(service: Service, message: str) -> ResponseReturnValue:
    """Back to where the button was: the listing's own page (`from=listing`), or the dashboard."""
    flash(message, "success")
    if request.form.get("from") == "listing":
        return htmx.see_other(url_for("listing.show", slug=service.slug), whole_page=True)
    return htmx.see_other(url_for("drafts.dashboard"), whole_page=True)

"""What the wizard's templates are given: the way through the steps, the words of the save status, and the answers to check."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app import locales
from app.wizard import comparing, history, news, publishing, reconciling, steps, summary
from app.wizard.context import Context
from app.wizard.journey import Journey, Mark
from app.wizard.step_form import StepForm
from app.wizard.steps import Step
from app.wizard.summary import Answer


@dataclass(frozen=True)
class Link:
    """One entry of the navigation. It stands on pages that are neighbours: its key is its address from there."""

    key: str
    number: int
    title: Any
    state: str
    is_current: bool


@dataclass(frozen=True)
class Section:
    """One step on the page that checks the answers."""

    step: Step
    url: str
    answers: list[Answer]
    is_missing: bool


def address(context: Context, key: str, **query: Any) -> str:
    """The page of a step, or of the review."""
    if key == steps.REVIEW:
        return url_for("wizard.review", service_id=context.service.id)
    return url_for("wizard.step", service_id=context.service.id, step_key=key, **query)


def way(context: Context, journey: Journey, current: str, missing: tuple[str, ...] = ()) -> list[Link]:
    """Every step and the review, each with its mark. Until somebody tries to publish, what is not there yet is not called missing."""
    links = [
        Link(
            stop.key,
            number,
            stop.title,
            _state(stop.mark, stop.key in missing),
            stop.key == current,
        )
        for number, stop in enumerate(journey.stops, start=1)
    ]
    review = Link(steps.REVIEW, len(links) + 1, _("Review and publish"), "last", current == steps.REVIEW)
    return [*links, review]


def entry(context: Context, step: Step) -> Link:
    """The entry of one step, which is all of the navigation that saving it can change."""
    mark = publishing.mark(context, step)
    return Link(step.key, steps.STEPS.index(step) + 1, step.title, _state(mark, False), True)


def _state(mark: Mark, is_missing: bool) -> str:
    if is_missing:
        return "missing"
    return {Mark.DONE: "done", Mark.STARTED: "started", Mark.OPTIONAL: "optional"}.get(mark, "")


def step(context: Context, step: Step, form: StepForm, version: int, **more: Any) -> dict[str, Any]:
    """The values of a step's page. `more`: `action` where its form goes, `refused` after a Continue that could not,
    `saved_at` when this text was saved, `problem` a sentence, `typed` the text of the form as it is kept, `disputes` what somebody else changed
    too, `edited` the row that was just changed."""
    journey = publishing.journey(context)
    before = journey.before(step.key)
    typed = more.get("typed")
    return {
        "disputes": None,
        "exact": comparing.words(reconciling.unshown(typed)) if typed else "",
        "base": comparing.words(typed) if typed else "",
        **more,
        **_frame(context, journey, step.key, step.title, more["refused"]),
        "step": step,
        "form": form,
        "version": version,
        "back": address(context, before) if before else None,
        "saved": saved(more.get("saved_at")),
        "problem": more.get("problem"),
        "unasked": news.no_longer_asked(context, step),
        "has_history": history.has_some(context.service, step.key),
    }


def review(context: Context, *, refused: bool, outdated: bool) -> dict[str, Any]:
    """The values of the page that checks the answers; `refused` after an attempt to publish what isn't complete, `outdated` after one to publish or
    discard what a page did not show."""
    forms = publishing.review(context)
    missing = publishing.lacking(context, forms)
    sections = [_section(context, step, form, step.key in missing) for step, form in forms]
    journey = publishing.journey(context)
    return {
        **_frame(context, journey, steps.REVIEW, _("Review and publish"), refused, missing),
        "sections": sections,
        "missing": [section for section in sections if section.is_missing],
        "refused": refused,
        "outdated": outdated,
        "back": address(context, str(journey.before(steps.REVIEW))),
    }


def _section(context: Context, step: Step, form: StepForm, is_missing: bool) -> Section:
    return Section(step, address(context, step.key), summary.of(form), is_missing)


def _frame(
    context: Context, journey: Journey, current: str, title: Any, is_refused: bool, missing: tuple[str, ...] = ()
) -> dict[str, Any]:
    links = way(context, journey, current, missing)
    heading = " · ".join(str(part) for part in (title, context.service.name, _("Shingle")) if part)
    return {
        "context": context,
        "news": news.of(context),
        "service": context.service,
        "links": links,
        "count": len(links),
        "title": title,
        "number": [link.is_current for link in links].index(True) + 1,
        "page_title": _("Error: %(title)s", title=heading) if is_refused else heading,
    }


def everything(form: StepForm) -> list[Answer]:
    """All that a version of a step says."""
    return [*summary.of(form), *summary.unshown(form)]


def differences(mine: StepForm, theirs: StepForm) -> list[tuple[Answer, Answer]]:
    """The answers that are not the same in two versions of a step: (mine, theirs)."""
    for form in (mine, theirs):
        form.validate()
    kept = {answer.question: answer for answer in everything(theirs)}
    pairs = [(answer, kept[answer.question]) for answer in everything(mine) if answer.question in kept]
    return [pair for pair in pairs if pair[0].texts != pair[1].texts]


def saved(moment: datetime | None) -> str:
    """ "Saved 14:02", with the day when it wasn't today, in the provider's zone."""
    if moment is None:
        return ""
    return str(_("Saved %(time)s", time=locales.recent(moment)))


def saved_line(context: Context, moment: datetime) -> Markup:
    """What a save that was made just now says, drawn: when, and until when the draft is kept."""
    service, provider = context.service, context.provider
    kept_until = _minute(service.expires_at) if service.is_draft and service.expires_at else None
    return _saved_line(_minute(moment), kept_until, service.published_at is not None, provider.locale, provider.time_zone)


@lru_cache(maxsize=4096)
def _saved_line(moment: datetime, kept_until: datetime | None, was_published: bool, _locale: str, _time_zone: str) -> Markup:
    """Drawn once a minute for all who read it in one language and zone: it says no more than that, and to draw it costs as much as to save."""
    kept = {"is_draft": kept_until is not None, "expires_at": kept_until, "published_at": was_published}
    return Markup(render_template("wizard/_saved.html", saved=saved(moment), service=kept))  # noqa: S704 drawn by a template, which has escaped it


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def saved_at(answer: Mapping[str, Any]) -> datetime | None:
    """When this answer was saved; None if it never was."""
    return datetime.fromisoformat(answer["saved_at"]) if answer["saved_at"] else None

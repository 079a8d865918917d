"""Any text in any field of any step is in the database as it was typed, character for character, and still is after a reload."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.services.models import Service
from tests import factories
from tests.browser.conftest import Site
from tests.browser.waiting import wait_for

pytestmark = pytest.mark.parametrize("size", ["desktop"], indirect=True)

CONTROLS = "".join(map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA0)])).replace("\n", "").replace("\r", "")
NAUGHTY = [
    CONTROLS,
    "undefined null NULL (null) true NaN -0 1e1000 0x0 08 1/0",
    "'; DROP TABLE service; -- ' OR 1=1 \" ` \\ \\\\ \\0 \\u0000 %00 %0A %s %(x)s $HOME {{ 7*7 }} {% raw %} ${1} #{1}",
    "<script>alert(1)</script> </textarea> <!-- --> ]]> &amp; &#0; &nbsp; a=b&c=d;e+f g",
    "ヽ༼ຈل͜ຈ༽ﾉ 田中さん 사회과학원 𠜎𠜱𠝹 表ポあA鷗ŒéＢ逍Üßªąñ丂㐀𠀀 Ⱥ Ⱦ ﬃ İ ı ẞ",
    "👩🏽‍🔬 👨‍👩‍👧‍👦 🇩🇪🏴󠁧󠁢󠁥󠁮󠁧󠁿 ❤️ 👾 ﷽ \U0010ffff \ufdd0 \ufffe \ufffd",
    "ثم نفس سقطت בְּרֵאשִׁית \u202eabc\u202c \u2066x\u2069 \u200f \u061c Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮̺̪̹̱̤",
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u00a0\u2028\u2029\u3000\u180e",
    "x" * 90_000 + "äöü€😀" * 2_000,
]
ONE_LINE = "".join(NAUGHTY)
LINES = " \n\n \t" + "\n".join(NAUGHTY) + "\n \n"

FILL = """([wanted]) => {
  for (const [name, text] of Object.entries(wanted)) {
    const field = document.getElementById("step-form").elements[name];
    field.focus();
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""


def fields_of(page: Page) -> dict[str, str]:
    """Every field of the step in which one types, and what to put there."""
    found = page.evaluate(
        "() => [...document.getElementById('step-form').elements].filter((each) => each.matches('textarea, input:is([type=text], :not([type]))'))"
        ".map((each) => [each.name, each.tagName])"
    )
    return {name: LINES if tag == "TEXTAREA" else ONE_LINE for name, tag in found}


@pytest.fixture
def draft(ada: Any, site: Site) -> Service:
    factories.service_type()
    draft = factories.draft(ada)
    factories.media(draft)
    return draft


@pytest.mark.parametrize(("key", "count"), [("basics", 2), ("details", 3), ("price", 5), ("availability", 2), ("media", 1)])
def test_any_text_is_kept_as_it_was_typed(
    site: Site, page: Page, sign_in: Callable[..., None], ada: Any, draft: Service, key: str, count: int
) -> None:
    def kept() -> dict[str, list[str]]:
        row = site.rows.get_one(Service, draft.id)
        site.rows.refresh(row, ["answers"])
        found: dict[str, list[str]] = (row.answers or {}).get(key, {"typed": {}})["typed"]
        return found

    sign_in(page, ada)
    page.goto(f"/drafts/{draft.id}/{key}")
    if key == "price":
        page.get_by_role("button", name="Add a package").click()
        expect(page.locator("#packages-0-name")).to_be_focused()
    wanted = fields_of(page)
    assert len(wanted) == count
    page.evaluate(FILL, [wanted])
    wait_for(page, lambda: all(kept().get(name) == [text] for name, text in wanted.items()))

    page.goto(f"/drafts/{draft.id}/{key}")
    last = list(wanted)[-1]
    wanted[last] = "Something else"
    page.evaluate(FILL, [{last: wanted[last]}])
    wait_for(page, lambda: kept().get(last) == [wanted[last]])
    assert {name: kept()[name] for name in wanted} == {name: [text] for name, text in wanted.items()}

// What has to be there before all other scripts, on every page. It is no module, because Firefox paints before modules run.

// Says that scripts run, before the first paint: what they replace must not be seen to go. Where a script of the page can't be
// loaded, the page is shown as it is for people without scripts.
{
  const { classList } = document.documentElement;
  classList.add("js");
  addEventListener("error", ({ target }) => { if (target instanceof HTMLScriptElement) classList.remove("js"); }, true);
}

// Whether a person has done something on this page yet, asked from the first moment on. Before that, words that come into a field are put there by the
// browser, which says so with an `input` of its own that names no kind of input (Firefox, when it opens a closed tab again).
{
  const act = ({ type, isTrusted, inputType }) => { if (type !== "input" || !isTrusted || inputType) globalThis.isActedOn = true; };
  addEventListener("keydown", () => { globalThis.typedAt = performance.now(); }, true); // and when somebody typed last
  for (const type of ["keydown", "pointerdown", "click", "beforeinput", "paste", "drop", "input"]) addEventListener(type, act, true);
}

// What is pressed at a step before its scripts are there waits for them: a link or a button would take words with it that nobody has saved yet. Where
// they do not come, it goes its way as on a page without scripts, once the site answers: else the browser's own page would take the place of the words.
{
  const PATIENCE = 5_000; // ms that a press waits for the scripts, and then for the site
  let isOver = false; // nobody waits for scripts any more
  let isGranted = false; // the press that is met now may go its way
  let isSent = false; // the form is on its way
  const waiting = new Map(); // control that was pressed -> { press, words }: presses it once more, and what the form said then

  const form = () => document.querySelector("form[data-autosave]");
  // With the scripts, one press follows the other (presses.js); without them the last one counts, as on a page that never had any.
  const release = () => {
    isOver = true;
    const dataset = form()?.dataset ?? {};
    for (const { press, words } of [...waiting.values()].slice(globalThis.savesByItself ? 0 : -1)) {
      dataset.held = words; // what was typed later was not meant (presses.js)
      press();
      delete dataset.held;
    }
    waiting.clear();
  };
  // As presses.js tells it.
  const tell = (control) => {
    document.querySelector(".press-status")?.remove();
    const line = document.getElementById("press-words").content.firstElementChild.cloneNode(true);
    line.textContent = line.dataset.failed;
    line.setAttribute("role", "alert");
    const bar = control.closest(".step-actions");
    if (bar) bar.prepend(line);
    else control.after(line);
  };
  const go = async (control, press) => {
    const asked = fetch(location.href, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    const isThere = await asked.then(({ headers }) => headers.has("X-Answered-By"), () => false); // and no proxy without it (request.js)
    if (!isThere) return tell(control);
    isGranted = !globalThis.savesByItself; // they have come meanwhile
    press();
    isGranted = false;
    return undefined;
  };
  const meet = (event, control, press) => {
    if (globalThis.savesByItself || !form()) return;
    event.stopImmediatePropagation(); // htmx, which may be there, would put another step in the place of the words
    if (isGranted) return;
    event.preventDefault();
    if (isOver) return void go(control, press);
    if (!waiting.size) setTimeout(release, PATIENCE);
    if (!waiting.has(control)) waiting.set(control, { press, words: new URLSearchParams(new FormData(form())).toString() });
  };

  addEventListener("submit", (event) => {
    const { target, submitter } = event;
    if (submitter?.formTarget === "_blank") return;
    meet(event, submitter ?? target, () => target.requestSubmit(submitter));
    isSent = isGranted;
  }, true);
  addEventListener("click", (event) => {
    const row = event.target.closest?.("button[name=action][data-hx-post]"); // htmx would send it
    const link = event.target.closest?.("a[href]");
    const isAside = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0 || link?.getAttribute("href").startsWith("#");
    if (row) meet(event, row, () => row.click());
    else if (link && !isAside) meet(event, link, () => link.click());
  }, true);
  // By then all scripts have run, or failed; htmx begins with a timer of its own before this one.
  addEventListener("DOMContentLoaded", () => setTimeout(release));

  const isChanged = ({ options, value, defaultValue = value, checked, defaultChecked, selectedOptions }) =>
    (options ? value !== "" && !selectedOptions[0].defaultSelected : checked !== defaultChecked || value !== defaultValue);
  addEventListener("beforeunload", (event) => {
    if (!globalThis.savesByItself && !isSent && [...form()?.elements ?? []].some(isChanged)) event.preventDefault();
  });
}

// What is pressed on a step before its scripts are there waits for them: a link or a button would take words with it that nobody has saved yet. Where
// they do not come, it goes its way as on a page without scripts. No module, because it has to be there before all others.
{
  const PATIENCE = 5_000; // ms that a press waits
  let isOver = false;
  let again = null; // presses once more what was pressed last

  const hold = (event, press) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!again) setTimeout(release, PATIENCE);
    again = press;
  };
  const release = () => {
    isOver = true;
    again?.();
    again = null;
  };

  addEventListener("submit", (event) => {
    const { target, submitter } = event;
    if (!isOver) hold(event, () => target.requestSubmit(submitter));
  }, true);
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const isAside = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0 || link?.getAttribute("href").startsWith("#");
    if (link && !isAside && !isOver) hold(event, () => link.click());
  }, true);
  // By then all scripts have run, or failed; htmx begins with a timer of its own before this one.
  addEventListener("DOMContentLoaded", () => setTimeout(release));
}

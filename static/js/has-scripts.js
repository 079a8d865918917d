// Says that scripts run, before the first paint: what they replace must not be seen to go. It is no module, because Firefox paints before modules run.
// Where a script of the page can't be loaded, the page is shown as it is for people without scripts.
{
  const { classList } = document.documentElement;
  classList.add("js");
  addEventListener("error", ({ target }) => { if (target instanceof HTMLScriptElement) classList.remove("js"); }, true);
}

// Whether a person has done something on this page yet, asked from the first moment on. Before that, words that come into a field are put there by the
// browser, which says so with an `input` of its own that names no kind of input (Firefox, when it opens a closed tab again).
{
  const act = ({ type, isTrusted, inputType }) => { if (type !== "input" || !isTrusted || inputType) globalThis.isActedOn = true; };
  for (const type of ["keydown", "pointerdown", "beforeinput", "paste", "drop", "input"]) addEventListener(type, act, true);
}

// Says that scripts run, before the first paint: what they replace must not be seen to go. It is no module, because Firefox paints before modules run.
// Where a script of the page can't be loaded, the page is shown as it is for people without scripts.
{
  const { classList } = document.documentElement;
  classList.add("js");
  addEventListener("error", ({ target }) => { if (target instanceof HTMLScriptElement) classList.remove("js"); }, true);
}

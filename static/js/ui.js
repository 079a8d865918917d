// Comforts on top of pages that work without them: menus close when one looks away, and a link to a
// confirmation page opens the same words in a dialog.

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (!dialog || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  dialog.showModal();
});

document.addEventListener("focusin", (event) => closeMenus(event.target));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// One step follows another with a short movement, where the browser has it and the reader wants movement. Refused and conflicting answers,
// and rows that come and go, stand still.
document.addEventListener("htmx:before:swap", ({ detail: { ctx, tasks } }) => {
  if (!document.startViewTransition || document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const isStep = (task) => task.type === "main" && task.target?.id === "wizard" && task.swapSpec.style === "outerHTML";
  if (ctx.response?.status === 200) for (const task of tasks.filter(isStep)) task.swapSpec.transition = true;
});

// The one dialog of a page (templates/base.html), filled with what a server or a template has to ask. It closes by its cross and by Escape. The
// focus goes back to where it was; if that is gone by then, as a line of the save status may be, to the field that had it last.
const dialog = document.getElementById("asking");
const title = dialog.querySelector("h2");
const body = dialog.querySelector("[data-body]");

const FIELDS = "#step-form :is(input, textarea, select):not([type=hidden])";
let last = null;
document.addEventListener("focusin", ({ target }) => { if (target.matches(FIELDS)) last = target; });

// Where one was typing, or the first place to do so.
export const toField = () => (last?.isConnected ? last : document.querySelector(FIELDS))?.focus();

// `content` begins with an element whose `data-title` is the heading.
function fill(content) {
  title.textContent = content.firstElementChild.dataset.title;
  body.replaceChildren(content);
}

const begin = () => body.querySelector("[autofocus], [data-first]")?.focus();

// Shows it, or in the dialog that is open already, what comes next. Done when it is closed: with the value of the button that did so.
export function ask(content, { click, submit } = {}) {
  dialog.onclick = click ?? null;
  dialog.onsubmit = (event) => {
    if (event.target.getAttribute("method") === "dialog") return;
    event.preventDefault();
    submit(event.target);
  };
  fill(content);
  if (dialog.open) {
    begin();
    return Promise.resolve();
  }
  const before = document.activeElement;
  dialog.returnValue = "";
  dialog.showModal();
  begin();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      if (!before?.isConnected) toField();
      body.replaceChildren();
      resolve(dialog.returnValue);
    }, { once: true });
  });
}

export const isAsking = () => dialog.open;
export const close = () => dialog.close();

// What went wrong, in the dialog itself: nothing that was typed into it goes away.
export function complain(sentence = dialog.dataset.problem) {
  body.querySelector(".form-problem").textContent = sentence;
}

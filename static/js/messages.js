// What is wrong with a field goes once the server has saved it without fault, or says the newer fault. Only messages change: no input, no
// focus, and none of the space that they took, so that nothing moves under the cursor. Messages that were not shown wait for Continue.
const SHOWN = ".error[id]";

function setDescription(control, id, isWanted) {
  const ids = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((each) => each && each !== id);
  if (isWanted) ids.push(id);
  if (ids.length) control.setAttribute("aria-describedby", ids.join(" "));
  else control.removeAttribute("aria-describedby");
}

function renewField(message, said) {
  const words = message.lastElementChild;
  if (said && words.textContent !== said) words.textContent = said;
  message.classList.toggle("is-mended", !said);
  const control = document.getElementById(message.id.replace(/-error$/, ""));
  if (!control) return;
  setDescription(control, message.id, said);
  if (control.tagName === "FIELDSET") return;
  if (said) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

function renewSummary(summary, faults) {
  const links = [...summary.querySelectorAll("li > a")];
  for (const link of links) {
    const id = link.hash.slice(1);
    const said = faults.get(id) ?? faults.get(id.replace(/-0$/, ""));
    if (said && link.textContent !== said) link.textContent = said;
    link.parentElement.classList.toggle("is-mended", !said);
  }
  const isMended = links.length > 0 && links.every((link) => link.parentElement.matches(".is-mended"));
  const heading = summary.querySelector("h2");
  heading.dataset.broken ??= heading.textContent;
  const title = isMended ? summary.dataset.mended : heading.dataset.broken;
  if (heading.textContent !== title) heading.textContent = title;
  summary.classList.toggle("is-mended", isMended);
}

document.addEventListener("shingle:saved", ({ detail: { text: { form } } }) => {
  const answer = document.getElementById("faults");
  if (!answer) return;
  const faults = new Map([...answer.content.querySelectorAll("[data-field]")].map((each) => [each.dataset.field, each.textContent]));
  for (const message of form.querySelectorAll(SHOWN)) renewField(message, faults.get(message.id.replace(/-error$/, "")));
  for (const box of form.querySelectorAll(".has-error, .had-error")) {
    const isBroken = box.querySelector(`${SHOWN}:not(.is-mended)`) !== null;
    box.classList.toggle("has-error", isBroken);
    box.classList.toggle("had-error", !isBroken);
  }
  const summary = form.parentElement.querySelector(".error-summary");
  if (summary) renewSummary(summary, faults);
});

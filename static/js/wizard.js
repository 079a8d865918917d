// What happens on a step's page, and what becomes of it: typing saves, Continue and links wait for the save, and nobody leaves unsaved words
// without being asked. Saving itself: saver.js.
import { choose, undecided } from "./merge.js";
import { OPEN, SENT, WAITING, attach, present } from "./saver.js";
import "./tabs.js";
import { wordsOf } from "./words.js";

// A time that was no time stands in a text field; once it is one, or gone, and the field is left, the field tells the time again.
function tellTime(field) {
  const typed = field.value.trim();
  if (typed !== "" && !/^([01]?[0-9]|2[0-3]):[0-5][0-9]$/.test(typed)) return;
  field.type = "time";
  field.value = typed && typed.padStart(5, "0");
  field.removeAttribute("data-time");
}

function noteTyping(event) {
  const form = event.target.form;
  if (event.type === "change" && event.target.matches("[data-time]")) tellTime(event.target);
  if (event.target.id === "currency") {
    for (const sign of document.querySelectorAll("[data-currency]")) sign.textContent = event.target.value;
  }
  if (!form || form !== present()?.form) return;
  form.dispatchEvent(new CustomEvent("shingle:typed", { bubbles: true }));
  const dispute = event.target.closest(".dispute");
  if (dispute) return event.type === "change" && decide(dispute, event.target);
  present().schedule(event.type === "change" ? 0 : undefined);
}

function decide(dispute, chosen) {
  choose(present().form, dispute, chosen);
  present().decide();
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

// Continue, and the buttons of rows, go out once nothing else is under way, with the newest version, and once.
function pass(event, saver, again) {
  if (saver.gate === WAITING || saver.gate === SENT) return stop(event);
  const [dispute] = undecided(saver.form);
  if (dispute) {
    saver.gate = OPEN;
    stop(event);
    return dispute.querySelector("[type=radio]").focus();
  }
  if (saver.gate === OPEN && (saver.mustWait || saver.isUnsaved)) {
    stop(event);
    // A form that is being submitted can't be submitted: once this event is over.
    saver.settle().then(() => setTimeout(again));
  } else {
    saver.gate = SENT;
    saver.carry();
  }
}

document.addEventListener("submit", (event) => {
  const saver = present();
  if (saver?.form === event.target && event.submitter?.formTarget !== "_blank") pass(event, saver, () => event.target.requestSubmit(event.submitter));
}, true);

document.addEventListener("click", (event) => {
  const saver = present();
  if (!saver) return;
  const row = event.target.closest("button[name=action][data-hx-post]");
  const link = event.target.closest("a[href]");
  if (row?.form === saver.form) pass(event, saver, () => row.click());
  else if (link && saver.isUnsaved && saver.gate !== SENT && isPlain(event, link)) {
    stop(event);
    saver.flush().then(() => (saver.isUnsaved ? location.assign(link.href) : link.click()));
  }
}, true);

function isPlain(event, link) {
  const aside = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0;
  return !aside && !link.target && link.origin === location.origin && !link.getAttribute("href").startsWith("#");
}

// 400, 409 and 422 are the wizard's own statuses, and their answers take its place. One that is not the wizard's (a commit that came too late)
// would leave nothing there: it is told above the form, which stays.
document.addEventListener("htmx:after:request", (event) => {
  const { response, text } = event.detail.ctx;
  const problem = document.getElementById("problem");
  if (!problem || ![400, 409, 422].includes(response?.status)) return;
  const { content } = Object.assign(document.createElement("template"), { innerHTML: text });
  if (content.querySelector("#wizard")) return;
  event.preventDefault();
  problem.replaceChildren(...content.querySelectorAll(".notice"));
  problem.scrollIntoView({ block: "nearest" });
});

// The step's own answers bring a new form. After any other answer, or none, this one goes on saving.
document.addEventListener("htmx:finally:request", (event) => {
  const saver = present();
  const { request, response, hx } = event.detail.ctx;
  if (saver?.gate !== SENT || request.method !== "POST" || hx?.redirect) return;
  saver.resume(response ? undefined : wordsOf(request.body));
});

// Back and forward bring another step into this page: what was typed a moment ago goes to the server first. If it can't, the browser asks.
document.addEventListener("htmx:before:history:restore", (event) => {
  const saver = present();
  if (!saver?.isUnsaved || saver.gate === SENT) return;
  event.preventDefault();
  saver.flush().then(() => location.reload());
});

// Rows from elsewhere wait until nobody works in those that are here.
document.addEventListener("focusout", () => setTimeout(() => { if (present()?.isBehind) present().catchUp(); }));
document.addEventListener("input", noteTyping);
document.addEventListener("change", noteTyping);
document.addEventListener("htmx:after:process", attach);
document.addEventListener("visibilitychange", () => { if (present()?.isUnsaved) present().flush(); });
window.addEventListener("pagehide", () => { if (present()?.isUnsaved) present().flush(); });
window.addEventListener("online", () => present()?.flush());
window.addEventListener("beforeunload", (event) => {
  const saver = present();
  const isUndecided = document.querySelector("form[data-unsaved]:not([data-autosave])");
  if (isUndecided || (saver?.isUnsaved && saver.gate !== SENT)) event.preventDefault();
});
attach();

// What happens on a step's page, and what becomes of it: typing saves, Continue and links wait for the save, and no other page takes this one's place
// while it holds words that the server has not got. What is unsaved, and what may be done then, is told by unsaved-text.js.
import { holdsUnwritten, offer, offerRestored, putAside } from "./local-copy.js";
import { choose } from "./merge.js";
import { SLOW, allIsSaved, answered, follow, giveUp, halfTyped, pass, pressNext, rename, save, stop, tellBeside, turnAway, unanswered, wasAtPress } from "./presses.js";
import { account, parsed, patience, renewToken, request, token } from "./request.js";
import "./tabs.js";
import { all, attach, pathOf, present } from "./unsaved-text.js";

const { build } = document.getElementById("local").dataset;
let arriving = null; // { text, rows, action, version, focus }: what an answer is about to replace, and what is known of it
let latest = null; // the request of which the answer is to be shown
let shown = {}; // { text, page, address }

// A time that was no time stands in a text field; once it is one, or gone, and the field is left, the field tells the time again.
function tellTime(field) {
  const typed = field.value.trim();
  if (typed !== "" && !/^([01]?[0-9]|2[0-3]):[0-5][0-9]$/.test(typed)) return;
  field.type = "time";
  field.value = typed && typed.padStart(5, "0");
  field.removeAttribute("data-time");
}

function noteTyping(event) {
  const { target, type } = event;
  const text = present();
  if (type === "change" && target.matches("[data-time]")) tellTime(target);
  if (target.id === "currency") for (const sign of document.querySelectorAll("[data-currency]")) sign.textContent = target.value;
  if (!text || target.form !== text.form || target.type === "file") return;
  const dispute = target.closest(".dispute");
  if (event.isTrusted && !globalThis.isActedOn) {
    offerRestored(text);
  } else if (isPutBack(event)) {
    offerRestored(text, target);
  } else if (!dispute) {
    text.typed(type === "change" ? 0 : undefined);
  } else if (type === "change") {
    choose(text.form, dispute, target);
    text.decide();
  }
}

// Whether the browser itself puts words into a field in which nobody is, as it may a moment after somebody has begun in another one.
function isPutBack({ type, target, isTrusted, inputType }) {
  return type === "input" && isTrusted && !inputType && target.matches("textarea, input[type=text]") && target !== document.activeElement;
}

document.addEventListener("submit", (event) => {
  const text = present();
  const { target, submitter } = event;
  if (text?.form === target && submitter?.formTarget !== "_blank") pass(event, text, submitter);
}, true);

document.addEventListener("click", (event) => {
  const text = present();
  if (!text) return;
  const row = event.target.closest("button[name=action][data-hx-post]");
  const link = event.target.closest("a[href]");
  if (row?.form === text.form) pass(event, text, row);
  else if (link && (text.isUnsaved || halfTyped(text.form)) && isPlain(event, link)) {
    stop(event);
    follow(link, text);
  }
}, true);

function isPlain(event, link) {
  const aside = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0;
  return !aside && !link.target && link.origin === location.origin && !link.getAttribute("href").startsWith("#");
}

// Each request of htmx says for which account the page is and with which scripts it was loaded: after a deploy the next step is a whole page. It has
// the page's token, and an end.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const { body, headers } = ctx.request;
  Object.assign(headers, { "X-Account": account, "X-Build": build });
  if (body?.has("csrf_token")) body.set("csrf_token", token());
  if (isPress(ctx) && present().state === "leaving") present().address(body);
  ctx.request.timeout = patience(new URLSearchParams(body).toString());
});

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (isOfPage(ctx)) latest = ctx;
  if (!isPressed(ctx)) return;
  tellBeside();
  ctx.slow = setTimeout(() => tellBeside(controlOf(ctx), "waiting"), SLOW);
});

// Whether the answer takes the place of the step or of its rows. Of two under way, the one that was asked for last is shown.
const isOfPage = (ctx) => ctx.target === "#wizard" || ctx.target?.matches?.("#wizard, [data-rows]"); // as a refusal names it (_step.html)

// Whether somebody waits for the answer: not for the preview that follows the typing.
const isPressed = (ctx) => ctx.sourceEvent?.type !== "input";
const controlOf = (ctx) => ctx.request?.submitter ?? ctx.sourceElement;
const isPress = (ctx) => ctx.request?.method === "POST" && new URL(ctx.request.action, location.href).pathname === present()?.path;

// An answer of the wizard has the wizard in it, whatever its status. Any other changes nothing here: a refusal of Shingle's is told above the form,
// which stays; what a proxy says, or a network that asks for something first, is no answer.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const content = parsed(ctx.text);
  ctx.hasWizard = content.querySelector("#wizard") !== null;
  renewToken(content);
  if (ctx.hx.redirect && !mayLeave(present())) {
    event.preventDefault();
    leave(ctx, () => location.assign(ctx.hx.redirect));
  } else if (!ctx.hx.redirect && !ctx.hasWizard && (isOfPage(ctx) || ctx.response.status >= 400)) {
    event.preventDefault();
    if (!isOfPage(ctx)) return undefined; // the preview says nothing
    const notices = ctx.response.status >= 400 && ctx.response.status < 500 ? content.querySelectorAll(".notice") : [];
    const problem = document.getElementById("problem");
    ctx.isLost = !notices.length;
    if (ctx.isLost || !problem) return tellBeside(controlOf(ctx), "failed");
    problem.replaceChildren(...notices);
    problem.scrollIntoView({ block: "nearest" });
  }
  return undefined;
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => { if (ctx) ctx.isLost = ctx.text === undefined; });

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  clearTimeout(ctx.slow);
  if (!isPressed(ctx)) return undefined;
  if (!isTaken(ctx) && latest === ctx) keepAddress();
  if (ctx.isLost) tellBeside(controlOf(ctx), "failed");
  else if (document.querySelector(".press-status.is-waiting")) tellBeside();
  answered(isTaken(ctx));
  // Its own answer brings a new form, and the text has heard of it. After any other answer, or none, this form goes on saving.
  const text = all().find((each) => each.state === "leaving");
  if (!text || ctx.request.method !== "POST" || new URL(ctx.request.action, location.href).pathname !== text.path) return undefined;
  if (!ctx.isLost && ctx.response) return text.answered(ctx.response.status < 400);
  text.unanswered(ctx.response ? "failed" : "offline");
  return unanswered();
});

// Whether what was pressed is done. Rows come with a 409 where another device changed them too; it is a question only if there is one to decide.
function isTaken({ isLost, response, hasWizard }) {
  if (isLost || !response) return false;
  return response.status < 400 || (response.status === 409 && hasWizard && !present()?.isUndecided);
}

// Whether another page may take the place of the form: everything in it is saved.
const mayLeave = (text) => !text || text.isSafe || (text.state === "leaving" && !text.isUnsaved);

// The next page is there, but words were typed while it travelled: they are saved first.
async function leave(ctx, go) {
  const text = present();
  const control = controlOf(ctx);
  if (isPress(ctx)) text.answered(true);
  if (await save(text, control)) {
    await go();
    return pressNext();
  }
  giveUp();
  keepAddress();
  return tellBeside(control, "unsaved");
}

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  const text = present();
  const main = tasks.find(({ type }) => type === "main");
  if (isOfPage(ctx) && latest !== ctx) return void event.preventDefault();
  arriving = null;
  if (!text || !main?.target?.contains) return;
  const step = main.fragment.querySelector("form[data-autosave]");
  const isWhole = main.target.contains(text.form);
  if (isWhole && (!step || pathOf(step) !== text.path)) {
    if (mayLeave(text)) return;
    event.preventDefault();
    leave(ctx, () => htmx.swap(ctx));
  } else if (isWhole || (text.form.contains(main.target) && main.target.matches("[data-rows]"))) {
    const version = parsed(ctx.text).querySelector("[name=version]")?.value;
    arriving = { text, rows: isWhole ? null : main.target, action: ctx.response?.status === 422 ? "" : ctx.request?.body?.get?.("action") ?? "", version, focus: focusIn(text) };
    // Who types goes on typing: no message takes the focus away.
    if (arriving.focus) for (const { fragment } of tasks) for (const each of fragment.querySelectorAll("[autofocus]")) each.removeAttribute("autofocus");
  }
});

// The field in which somebody has gone on typing since the press, and where in it.
function focusIn(text) {
  const here = document.activeElement;
  if (here?.form !== text.form || !here.name || (!text.isTypedSince && wasAtPress(here)) || here.matches("button")) return null;
  return { name: here.name, start: here.selectionStart, end: here.selectionEnd };
}

// The answer is in the page: before anything else happens there, it gets what was typed meanwhile.
document.addEventListener("htmx:before:settle", ({ detail: { task } }) => {
  if (task.type !== "main" || !arriving) return;
  const { text, rows, action, version } = arriving;
  const carried = rows ? text.adoptRows(rows, task.target, action, version) : attach(action).carried;
  if (!carried) return;
  rename(carried.rename);
  refocus(carried);
  if (carried.gone.length) putAside(text, carried);
});

function refocus(carried) {
  const { focus, text } = arriving;
  const control = focus && text.form.elements[carried.rename(focus.name)];
  if (!control?.focus) return;
  control.focus({ preventScroll: true });
  if (typeof focus.start === "number" && control.setSelectionRange) control.setSelectionRange(focus.start, focus.end);
}

document.addEventListener("htmx:after:swap", () => {
  if (arriving?.rows) arriving.text.makeExact();
  arriving = null;
});

// Back and forward: what was typed a moment ago goes to the server first, and then the step of the address is shown like that of any link. Who goes
// back twice gets the last one.
document.addEventListener("htmx:before:history:restore", async (event) => {
  event.preventDefault();
  const text = present();
  const address = location.pathname + location.search;
  turnAway();
  keepFocus();
  const ctx = { swap: "outerHTML show:top", select: "#wizard", target: document.getElementById("wizard"), sourceElement: document.body };
  latest = ctx;
  const isSaved = !text || (await save(text, null));
  const headers = { "HX-History-Restore-Request": "true" };
  const answer = isSaved && latest === ctx && (await request(address, { headers }));
  if (latest !== ctx) return undefined;
  if (answer?.status === 200) {
    await htmx.swap(Object.assign(ctx, { text: answer.text, target: document.getElementById("wizard") }));
    return pressNext();
  }
  giveUp();
  keepAddress();
  return tellBeside(null, isSaved ? "failed" : "unsaved");
});

// At the end of its way back, the browser takes the focus to the start of the page, also from under who types.
async function keepFocus() {
  const here = document.activeElement;
  await globalThis.navigation?.transition?.finished.catch(() => {});
  if (here?.isConnected && document.activeElement === document.body) here.focus({ preventScroll: true });
}

// The address is that of the page, also where going back did not work.
function keepAddress() {
  if (location.pathname + location.search !== shown.address) history.pushState({ htmx: true }, "", shown.address);
}

function arrive() {
  const page = document.getElementById("wizard");
  const { text } = attach();
  if (text && text !== shown.text) offer(text);
  shown = { text, page, address: page === shown.page ? shown.address : location.pathname + location.search };
}

// A step that is not shown any more could not be saved, or was.
function tellElsewhere({ type, detail: { text } }) {
  document.getElementById(`unsaved-${text.step}`)?.remove();
  if (text.isShown || type === "shingle:saved") return;
  const line = document.getElementById("say-elsewhere").content.firstElementChild.cloneNode(true);
  const textContent = document.querySelector(`#way-${text.step} .step-title`)?.textContent;
  line.id = `unsaved-${text.step}`;
  line.setAttribute("role", "alert");
  line.querySelector("[data-links]").replaceChildren(Object.assign(document.createElement("a"), { href: text.url, textContent }));
  document.getElementById("way")?.append(line);
}

// What was said about a press is over once everything is saved: that is said in its place, for the status may be off the screen.
function tellThatItWorks({ detail: { text } }) {
  if (!text.isShown || !text.isSafe) return;
  allIsSaved();
  document.getElementById("problem").replaceChildren();
  const line = document.querySelector(".press-status:not(.is-waiting, .is-over)");
  if (!line) return;
  line.textContent = document.querySelector("#save-status .save-status").textContent.trim();
  line.classList.add("is-over");
}

const saveAll = () => { for (const text of all()) if (text.isUnsaved) text.flush(); };

// Rows from elsewhere wait until nobody works in those that are here.
document.addEventListener("focusout", () => setTimeout(() => { if (present()?.isBehind) present().catchUp(); }));
document.addEventListener("input", noteTyping);
document.addEventListener("change", noteTyping);
document.addEventListener("htmx:after:process", arrive);
document.addEventListener("shingle:saved", tellElsewhere);
document.addEventListener("shingle:saved", tellThatItWorks);
document.addEventListener("shingle:unsaved", tellElsewhere);
document.addEventListener("visibilitychange", saveAll);
window.addEventListener("pagehide", () => { for (const text of all()) text.leave(); });
window.addEventListener("online", () => { saveAll(); if (present()) offer(present()); });
// What a browser puts back without a word is there by now.
window.addEventListener("pageshow", () => { if (present()?.isUnsaved && !globalThis.isActedOn) offerRestored(present()); });
window.addEventListener("beforeunload", (event) => { if ((holdsUnwritten() && !document.documentElement.dataset.leaving) || all().some((text) => text.isUnsaved && text.form.matches("[data-autosave]"))) event.preventDefault(); });
arrive();
globalThis.savesByItself = true; // early.js has nothing more to guard

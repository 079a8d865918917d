// Keeps what is typed in a step in this browser until the server has it (copies.js), and when somebody comes back to a step of which
// something was kept, shows it beside what is saved before anything is put back.
//
// A page that keeps a record holds a lock of its name: what a page that still lives is about to save itself is nobody else's to offer.
import { alone, remove } from "./copies.js";
import { ask, close, complain, isAsking, parsed } from "./dialogs.js";
import { account, compare as compared, copies as opening, inherited, send } from "./local.js";
import { present } from "./saver.js";
import { wordsOf } from "./words.js";

export { account };
const page = crypto.randomUUID?.() ?? String(Math.random());

let copies = opening;
let form = null; // the step that is shown, and where it stands
let place = null;
let release = null; // lets go of the lock of the record that is being kept
let isDue = false;
let isPaused = false;
let running = null;

const formNow = () => document.getElementById("step-form");

function placeOf(shown) {
  const [draft, step] = new URL(shown.getAttribute("action"), location.href).pathname.split("/").slice(-2);
  return { draft, step, page };
}

const name = (where) => [account, where.draft, where.step, where.page].join("/");

// What is not saved of the step that is shown: `null` when all of it is. A comparison that waits for a decision counts as unsaved.
function unsaved() {
  const saver = present();
  if (saver && saver.form === form) return saver.isUnsaved ? { base: saver.saved } : null;
  return "unsaved" in form.dataset ? { base: null } : null;
}

function note() {
  isDue = true;
  running ??= settle().catch(() => {}).finally(() => { running = null; });
  return running;
}

// One at a time, the last state wins; so a record is never written after the save that made it needless.
async function settle() {
  const store = await copies;
  while (store && isDue && form && !isPaused) {
    isDue = false;
    const found = unsaved();
    if (!found) await drop(place);
    else {
      await hold(place);
      const version = form.elements.version.value;
      await store.put({ ...place, version }, { words: wordsOf(form), base: found.base, title: document.title });
    }
  }
}

async function drop(where) {
  await remove(name(where));
  release?.();
  release = null;
}

function hold(where) {
  if (release) return undefined;
  return new Promise((resolve) => {
    navigator.locks.request(name(where), () => new Promise((done) => { release = done; resolve(); })).catch(resolve);
  });
}

// Another step took the place of the one before, which the server took with it: every way from one to the next saves first.
async function arrive() {
  const shown = formNow();
  if (shown === form) return;
  const before = place;
  form = shown;
  place = form && placeOf(form);
  if (before && before.step !== place?.step) {
    await running;
    await drop(before).catch(() => {});
  }
  if (!form) return;
  note();
  if (before?.step !== place.step) offer();
}

async function offer() {
  await inherited;
  const store = await copies;
  if (!store) return;
  const { draft, step } = place;
  for (const record of await store.list()) {
    if (record.draft !== draft || record.step !== step || record.page === page) continue;
    await alone(record, async () => {
      const content = await store.read(record);
      if (content && form && place.step === step) await compare(record, content);
    });
  }
}

async function compare(record, content) {
  if (content.words === wordsOf(form)) return remove(record.id);
  const answer = await compared(record, content);
  if (answer?.status === 204) {
    await remove(record.id);
    // All of it is saved, and yet this page shows other words: a reload overtook the last save of the page before.
    if (!present()?.isUnsaved) location.reload();
    return;
  }
  return answer?.ok && answer.text ? decide(record, answer.text) : undefined;
}

// Done once it was decided, or put off.
async function decide(record, text) {
  if (isAsking()) return;
  const click = async ({ target }) => {
    if (target.closest("[data-drop]")) await remove(record.id);
    if (target.closest("[data-drop], [data-later]")) close();
  };
  const submit = (choice) => restore(record, choice, { click, submit });
  await ask(parsed(text), { click, submit });
}

async function restore(record, choice, acts) {
  const body = new FormData(choice);
  await present()?.flush();
  const answer = await send(record, body);
  if (answer?.status === 204) {
    await remove(record.id);
    location.reload();
  } else if (answer?.status === 409 && answer.text.includes("kept-choice")) {
    ask(parsed(answer.text), acts);
  } else {
    complain();
  }
}

// Keep nothing for a while: the account is about to leave this browser.
export function pause(isLeaving) {
  isPaused = isLeaving;
  if (form && !isLeaving) note();
}

// Keep nothing any more, and forget the key. Tells whether anything could be kept at all.
export async function stop() {
  const store = await copies;
  copies = Promise.resolve(null);
  return store !== null;
}

// Write down what is there now; done once it is written.
export const keepNow = () => note();

document.addEventListener("input", ({ target }) => { if (target.form && target.form === form) note(); });
document.addEventListener("change", ({ target }) => { if (target.form && target.form === form) note(); });
document.addEventListener("shingle:saved", () => { if (form) note(); });
document.addEventListener("htmx:after:process", arrive);
window.addEventListener("pagehide", () => { if (form) note(); });
arrive();

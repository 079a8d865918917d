// Keeps what is typed in this browser until the server has it (copies.js), and when somebody comes back to a step of which something was kept, shows
// it beside what is saved before anything is put back.
//
// A page that keeps a record holds a lock of its name, which tells others that the page is open and saves its text itself. It does not wait for the
// lock before it writes, and the others hold it for no longer than it takes to see that it is free.
import { compare, copies as opening, inherited, send } from "./account-copies.js";
import { isAbandoned, remove } from "./copies.js";
import { ask, close, complain, isAsking } from "./dialogs.js";
import { openUnits } from "./merge.js";
import { account } from "./request.js";
import { all, listen, present } from "./unsaved-text.js";
import { wordsOf } from "./words.js";

const LATER = 60_000; // ms until one is asked for again that was put off, of words that could not be written down
const CALM = 3_000; // ms without a key before a question takes the focus away from who types
const AGAIN = 5_000; // ms until a comparison that can't be made or shown now is asked for again
const page = crypto.randomUUID?.() ?? String(Math.random());

let copies = opening;
let isPaused = false;
let running = null;
const due = new Set(); // texts of which the record may not be as it should
const held = new Map(); // text -> lets go of the lock of its record
const written = new WeakMap(); // text -> the words in its record
const unwritten = new Map(); // record -> words that were put aside and could not be written down: they are in this page alone
const pursued = new Set(); // names of records that are being asked about, or are to be asked about again

const forget = (record) => {
  unwritten.delete(record);
  return record.id ? remove(record.id) : undefined;
};
const idOf = ({ draft, step }) => [account, draft, step, page].join("/");

function note(text) {
  due.add(text);
  if (!isPaused) running ??= settle().catch(() => {}).finally(() => { running = null; if (due.size) note([...due][0]); });
  return running;
}

// One at a time, the last state wins; so a record is never written after the save that made it needless, and none is deleted that is still needed.
async function settle() {
  const store = await copies;
  if (!store) due.clear();
  while (due.size && !isPaused) {
    const [text] = due;
    due.delete(text);
    if (text.isUnsaved) await write(store, text);
    else if (held.has(text)) await drop(text);
    if (held.has(text) && !all().includes(text)) letGo(text);
  }
}

async function write(store, text) {
  if (!held.has(text)) hold(text);
  const content = { words: wordsOf(text.form), base: text.saved, undecided: openUnits(text.form), title: document.title };
  await store.put({ draft: text.draft, step: text.step, page, version: text.version }, content);
  written.set(text, content.words);
}

async function drop(text) {
  written.delete(text);
  await remove(idOf(text));
  if (text.isUnsaved) due.add(text); // typed meanwhile (to wait for `note` would be to wait for oneself)
  else letGo(text);
}

function letGo(text) {
  held.get(text)();
  held.delete(text);
}

function hold(text) {
  const until = new Promise((done) => { held.set(text, done); });
  navigator.locks?.request(idOf(text), () => until).catch(() => {});
}

// Show what was kept of a step that has just come into the page; nothing where the browser's database does not answer.
export const offer = (text) => offerAll(text).catch(() => {});

async function offerAll(text) {
  await inherited;
  const store = await copies;
  for (const record of (await store?.list().catch(() => [])) ?? []) {
    const isOfHere = record.draft === text.draft && record.step === text.step && record.page !== page;
    if (isOfHere && !pursued.has(record.id)) await pursue(record, text, async () => (await isAbandoned(record)) && store.read(record));
  }
  for (const [record, content] of unwritten) {
    if (record.draft === text.draft && record.step === text.step && !pursued.has(record)) await pursue(record, text, async () => content);
  }
}

// Ask about a record, and again as long as it can't be asked now; about each one at a time.
async function pursue(record, text, read) {
  const key = record.id ?? record;
  pursued.add(key);
  const content = await read().catch(() => null);
  const delay = content && present() === text ? await question(record, content, text).catch(() => 0) : 0;
  if (!delay && present() === text) unwritten.delete(record);
  const goOn = () => {
    pursued.delete(key);
    if (delay && present()?.path === text.path) offer(present()); // the step may have been left, and come back to
  };
  if (delay) setTimeout(goOn, delay);
  else goOn();
}

// Returns the milliseconds until it is to be asked about again; 0 where that is done.
async function question(record, content, text) {
  if (content.words === wordsOf(text.form)) {
    await forget(record);
    return 0;
  }
  const answer = await compare(record, content);
  if (answer.status === 204) {
    await forget(record);
    // All of it is saved, and yet this page shows other words: a reload overtook the last save of the page before.
    if (present() === text && text.isSafe) location.reload();
  } else if (answer.status === 200 && performance.now() - globalThis.typedAt < CALM) {
    if (record.id) tellPutOff(record);
    return CALM;
  } else if (answer.status === 200 && present() === text && !isAsking()) {
    const isDropped = await decide(record, answer.content);
    if (isDropped) return 0;
    if (!record.id) return LATER; // it could not be written down, and is asked about from here
    tellPutOff(record);
  } else if (!record.id || answer.status !== 401) {
    return AGAIN; // else once somebody has signed in (sign-in.js)
  }
  return 0;
}

const tellPutOff = (record) => document.dispatchEvent(new CustomEvent("shingle:put-off", { detail: { record } }));

// Done once it was decided, or put off. Whether the kept text was deleted.
async function decide(record, content) {
  let isDropped = false;
  const click = async ({ target }) => {
    isDropped = target.closest("[data-drop]") !== null;
    if (isDropped) await forget(record);
    if (target.closest("[data-drop], [data-later]")) close();
  };
  const submit = (choice) => restore(record, choice, { click, submit });
  await ask(content, { click, submit });
  return isDropped;
}

async function restore(record, choice, acts) {
  const body = new FormData(choice);
  await present()?.settle();
  const answer = await send(record, body);
  if (answer.status === 204) {
    await forget(record);
    location.reload();
  } else if ([409, 422].includes(answer.status) && answer.content.querySelector(".kept-choice")) {
    ask(answer.content, acts);
  } else if (answer.status === 401) {
    close();
    const { open } = await import("./sign-in.js");
    open();
  } else {
    complain();
  }
}

const ownRecord = ({ draft, step }) => ({ draft, step, page: crypto.randomUUID?.() ?? String(Math.random()), version: "", at: Date.now() });

// The browser has put words back into a field, or into a step before anybody acted: they are offered like kept text, and never saved by themselves.
export const offerRestored = (text, field) => putAside(text, { typed: text.takeOut(field), before: null });

// Words whose field is gone are kept in this browser, and shown beside what is saved.
export const putAside = (text, words) => keepAside(text, words).catch(() => {});

async function keepAside(text, { typed, before }) {
  const record = ownRecord(text);
  const content = { words: typed, base: before, title: document.title };
  const id = await copies.then((store) => store?.put(record, content)).catch(() => null);
  await text.settle();
  const mine = { ...record, id };
  if (id === null) unwritten.set(mine, content);
  await pursue(mine, text, async () => content);
}

// Keep nothing for a while: the account is about to leave this browser.
export function pause(isLeaving) {
  isPaused = isLeaving;
  if (!isLeaving) keepNow();
}

// Keep nothing any more, forget the key, and leave what is kept to the pages that are opened next. Tells whether anything could be kept at all.
export async function stop() {
  const store = await copies;
  copies = Promise.resolve(null);
  for (const text of [...held.keys()]) letGo(text);
  return store !== null;
}

// Write down what is there now; done once it is written, or could not be.
export function keepNow() {
  for (const text of all()) note(text);
  return running;
}

// Whether this browser has every word that the server has not.
export const isAllKept = () => all().every((text) => !text.isUnsaved || written.get(text) === wordsOf(text.form));
export const holdsUnwritten = () => unwritten.size > 0;
export const canKeep = async () => (await copies) !== null;

listen(note);
window.addEventListener("pagehide", keepNow);

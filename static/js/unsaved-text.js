// The owner of unsaved text: what of a step the server does not have yet, and what becomes of it. One `UnsavedText` for each step that was typed in,
// known by draft and step; it outlives the form on the screen until the server has every word. All other modules ask it or tell it. Its states and
// what each allows: unsaved-states.js. What may take words away, and what guards them then: the table in docs/architecture.md.
//
// One save is in flight at a time and carries the version that the one before it brought home. The answer is only ever the save status. A save whose
// answer was lost is sent again word for word before anything newer: the server takes the same words twice, but would take newer words under an old
// version for somebody else's. Where somebody else saved meanwhile, the same words go again for that version, with those that they grew out of
// (`base`), and the server puts both together (merge.js).
//
// The document hears `shingle:saved` { text, version, words } and `shingle:unsaved` { text, why }: offline, failed, signed-out, other (account),
// unasked (the step is gone), gone, large or stale; and `shingle:brought` { names } of fields that others have changed.
import { carry, carryRows } from "./carry.js";
import { ask, bring, bringExact, bringRows, openUnits, ownWords, show, theirSides, undecided } from "./merge.js";
import { request } from "./request.js";
import { STATES, follow } from "./unsaved-states.js";
import { changes, exactly, params, partOf, withPart, wordsAtFirst, wordsOf } from "./words.js";

const PAUSE = 600; // ms without a key before a save
const LONGEST = 5000; // ms of typing without a pause before a save
const SLOW = 1000; // ms after which "Saving…" is shown
const RETRIES = [2_000, 5_000, 10_000, 20_000, 40_000, 60_000];
const CALM = 30_000; // ms between two announcements of "Saved"
const KEEPALIVE = 64_000; // bytes of all requests together that may outlive the page
const SMALL = 15_000; // bytes of a save that may: the rest is for the last one
const STALE = "-1"; // a version that no step has

export class UnsavedText {
  state = "clean";
  #sent = null; // words that were sent and not answered
  #older = null; // the same, of a request before that one
  #isLost = false; // no answer came to what was sent: it may be saved or not
  #refused = null; // words that the server does not take
  #pressed = null; // the words that Continue or the button of a row carries
  #meant = null; // the words when it was pressed, which may have been earlier
  #running = null;
  #version;
  #known; // the last version that was not STALE
  #isBehind = false; // the server has words that this form does not show yet; saves are put together with them there
  #gone = null; // done when the state is no longer "leaving"
  #left = null;
  #isChosen = false; // somebody chose between two texts, and no request has said so: the history is to have the other one
  #asks = null; // the line that tells of a question which is still open
  #calm = null; // the line that says that all is saved
  #met = 0; // how often this form met words of the server
  #since = null; // when typing began that no save has been sent of
  #timer;
  #retry = 0;
  #announced = -Infinity;

  constructor(form) {
    this.path = pathOf(form);
    [, , this.draft, this.step] = this.path.split("/");
    this.#show(form);
    this.typed(0);
  }

  get version() { return this.#version; }
  set version(version) {
    this.#version = version;
    if (version !== STALE) this.#known = version;
  }

  // What is not decided is as the server has it; what stands in the form is asked about.
  get words() { return withParts(wordsOf(this.form), openUnits(this.form), this.saved); }
  get isSafe() { return STATES[this.state].isSafe; }
  get isUnsaved() { return !this.isSafe && (this.state !== "leaving" || this.words !== this.saved || this.#sent !== null); }
  get isUndecided() { return undecided(this.form).length > 0; }
  get isBehind() { return this.#isBehind; }
  get isShown() { return this.form.isConnected; }

  #rest() {
    if (this.#sent !== null) return "lost";
    const { words } = this;
    if (words !== this.saved) return words === this.#refused ? "refused" : "dirty";
    return this.isUndecided ? "conflict" : "clean";
  }

  #move(event) {
    this.state = follow(this.state, event, () => this.#rest());
    if (this.state === "clean") this.#put(this.#calm);
    if (this.isSafe && !this.isShown) texts.delete(this.path);
    if (this.state !== "leaving") this.#left?.();
    for (const listener of listeners) listener(this);
  }

  // The form as the page brought it: what the server has. What was typed into it since is not saved.
  #show(form) {
    this.form = form;
    this.url = form.getAttribute("action"); // form.action is the buttons of that name
    // Text that the browser puts back after a reload would be older than what the server has.
    for (const each of [form, ...form.querySelectorAll("textarea, select")]) each.autocomplete = "off";
    this.version = form.elements.version.value;
    this.#isBehind = false;
    this.saved = exactly(form, wordsAtFirst(form));
    bringExact(form);
    for (const dispute of form.querySelectorAll(".dispute")) this.saved = withPart(this.saved, dispute.dataset.unit, ownWords(dispute));
    if ("unsaved" in form.dataset) this.saved = null;
    this.#claim();
    this.#asks = this.isUndecided ? this.#line.cloneNode(true) : null;
  }

  // The page says that Continue saves. With this module here, it saves by itself.
  #claim() {
    const { on } = this.#box.dataset;
    if (on) this.#line.lastElementChild.textContent = on;
    if (!this.#line.matches("[role=alert]")) this.#calm = this.#line.cloneNode(true);
  }

  // Somebody typed, or something else may have changed the words.
  typed(delay = PAUSE) {
    this.#move("typed");
    if (this.state === "leaving" && this.isUnsaved) this.#say("saving");
    this.#since = this.state === "dirty" ? this.#since ?? performance.now() : null;
    if (this.state !== "dirty" && STATES[this.state].sends && this.#timer) return; // the next try has its time
    this.schedule(this.#since === null ? delay : Math.min(delay, Math.max(0, this.#since + LONGEST - performance.now())));
  }

  schedule(delay = PAUSE) {
    this.#timer = clearTimeout(this.#timer);
    if (STATES[this.state].sends) this.#timer = setTimeout(() => this.flush(), delay);
  }

  // Save what is not saved; done when all of it is, or when a save failed.
  flush() {
    this.#timer = clearTimeout(this.#timer);
    this.#running ??= this.#saveAll().finally(() => { this.#running = null; });
    return this.#running;
  }

  // Whether everything is saved now, typed meanwhile or not: before it, no other page takes this one's place.
  async settle() {
    await this.#gone;
    do await this.flush(); while (this.state === "dirty");
    return this.isSafe;
  }

  // Continue or the button of a row goes out. `meant`: the words when it was pressed.
  press(meant) {
    this.#timer = clearTimeout(this.#timer);
    this.#gone = new Promise((done) => { this.#left = done; });
    [this.#pressed, this.#meant] = [wordsOf(this.form), meant];
    this.#move("pressed");
  }

  // What its request says besides: the words that its own grew out of. Everything is saved as a rule, so they are its own words, and a request that
  // comes late takes nothing back.
  address(body) {
    body.set("version", this.version);
    body.delete("base");
    if (this.words === this.saved) body.set("base", this.saved);
    this.#tellSent(body);
    if (this.#isChosen) body.set("chosen", "yes");
  }

  // The words of requests that got no answer, the latest first: the server looks whether they were saved.
  #tellSent(body) {
    for (const words of [this.#sent, this.#older]) if (words !== null) body.append("sent", words);
    body.set("since", this.#known);
  }

  // What was typed since Continue or the button of a row went out.
  get isTypedSince() { return this.#pressed !== null && wordsOf(this.form) !== this.#pressed; }

  // Its answer left the form in place: another step that is to be shown, which comes when the words are saved, or a refusal that is not the step's own.
  answered(isSaved) {
    if (isSaved) {
      this.saved = withParts(this.#pressed, openUnits(this.form), this.saved);
      this.#forget();
    }
    this.#pressed = null;
    this.#move("answered");
    this.schedule(0);
  }

  // It got no answer: its words may have arrived or not.
  unanswered(why) {
    [this.#older, this.#sent, this.#pressed, this.#isLost] = [this.#sent ?? this.#older, this.#pressed, null, true];
    bringExact(this.form); // the words that are sent again say what was sent
    this.#move("noAnswer");
    this.#say(why);
    this.schedule(RETRIES[0]);
  }

  // The answer is this step anew: what was typed while it travelled goes into the form that it brought. One that was asked for before the last save is
  // older than that: all that it lacks goes into it. Returns what `carry` tells.
  adopt(form, action) {
    const [typed, saved, version] = [wordsOf(this.form), this.saved, this.version];
    this.#show(form);
    const isOlder = this.#pressed === null && Number(this.version) < Number(version);
    const carried = carry(form, (isOlder ? this.saved : this.#pressed ?? saved) ?? "", typed, action);
    if (isOlder) [this.saved, this.version] = [saved, version];
    return this.#carried(carried);
  }

  // The same for an answer that brings rows alone, in the place of `old` ones.
  adoptRows(old, rows, action, version) {
    const before = this.#pressed ?? this.saved;
    const brought = carryRows(this.form, before, old, rows, action);
    [this.saved, this.version] = [brought.saved, version];
    return this.#carried(brought);
  }

  // Where the words of others came into a field that was typed in, the server is told what the typed words grew out of, and asks.
  #carried(carried) {
    const { met, gone, rename } = carried;
    // A row that was removed took along what was typed there while the press waited. (A photo that is removed keeps its words, and comes back with them.)
    const late = this.#pressed === null ? [] : changes(this.#meant, this.#pressed).filter((name) => rename(name) === null);
    if (late.length) Object.assign(carried, { gone: [...gone, ...late], before: this.#meant });
    for (const [name, text] of met) this.saved = withPart(this.saved ?? "", name, text);
    if (met.length) this.version = STALE;
    this.#pressed = null;
    if (this.state !== "sending") this.#forget();
    this.#move("answered");
    this.schedule();
    return carried;
  }

  // The page that came shows what became of all that was sent.
  #forget() { [this.#sent, this.#older, this.#isLost, this.#isChosen] = [null, null, false, false]; }

  // Rows were drawn: control characters, which no page can show, come into them too.
  makeExact() {
    this.#claim();
    bringExact(this.form);
    this.typed();
  }

  // Another tab of this browser has saved this step.
  hear({ version, words }) {
    if (!["clean", "dirty", "conflict", "refused"].includes(this.state) || this.#isBehind) return;
    if (version <= Number(this.version)) return;
    this.#meet(words, version, this.saved);
    this.typed();
    if (this.#isBehind) this.catchUp();
  }

  // See what rows there are elsewhere, once nobody works in those that are here. What was asked for before the last save is older than that.
  async catchUp() {
    const met = this.#met;
    const { status, content } = await request(this.url);
    const fresh = status === 200 && content.querySelector("#step-form");
    if (!fresh || !["clean", "dirty", "conflict"].includes(this.state) || !this.#isBehind || !this.isShown) return;
    if (met !== this.#met) return this.catchUp();
    const [words, { value }] = [exactly(fresh, wordsAtFirst(fresh)), fresh.elements.version];
    bringRows(this.form, fresh, this.saved);
    this.#meet(words, value, this.saved);
    return this.typed();
  }

  // All is said about a dispute: what was chosen is saved, or told to be.
  decide() {
    this.#isChosen = true;
    if (!this.isUndecided && this.words === this.saved) {
      this.#sent ??= this.words;
      this.#move("again");
    }
    this.typed(0);
  }

  // Words that the browser put back into one field, or before anybody acted: what the server has stands there again. Returns the words with them.
  takeOut(field) {
    const words = wordsOf(this.form);
    if (field) show(this.form, field.name, params(this.saved).getAll(field.name));
    else {
      this.form.reset();
      this.#show(this.form);
    }
    this.#move("typed");
    return field ? withPart(this.saved, field.name, partOf(words, field.name)) : words;
  }

  // The page is being left, and nobody will be there to hear of an answer: everything goes in one request that the server can put together with what
  // others saved meanwhile. `sent`: words of a request that is still on its way. Where both are too much, they count for more than the base: if they
  // arrived, these words grew out of them, and would be in dispute with them else.
  leave() {
    if (!this.isUnsaved || this.saved === null) return this.flush();
    const room = KEEPALIVE - SMALL;
    const body = this.#body({ last: "yes", base: this.saved }, this.words);
    if (this.#pressed !== null) body.append("sent", this.#pressed);
    this.#tellSent(body);
    const fits = () => body.toString().length < room;
    if (!fits() && body.has("sent")) body.delete("base");
    if (!fits()) {
      body.set("base", this.saved);
      body.delete("sent");
    }
    if (!fits()) return this.flush();
    return request(this.url, { method: "PUT", body, keepalive: true });
  }

  #body(more, words) {
    const body = new URLSearchParams(words);
    body.set("version", this.version);
    body.set("asked", this.form.elements.asked.value);
    if (this.#isChosen) body.set("chosen", "yes");
    for (const [name, value] of Object.entries(more)) body.set(name, value);
    return body;
  }

  async #saveAll() {
    let again = {}; // what the answer asked for
    this.#since = null;
    while (again && STATES[this.state].sends) {
      const { form } = this;
      const words = this.#sent ?? this.words;
      this.#sent = words;
      this.#move("sent");
      again = await this.#send(words, again).catch(() => this.#later("noAnswer", "failed"));
      if (!again && this.form !== form) this.#sent = null; // the step came anew meanwhile, and these words went into it
    }
  }

  // Returns what the next save must say besides, or null where it has to wait.
  async #send(words, again) {
    const body = this.#body(again, words);
    if (again.base !== undefined && this.#isLost) this.#tellSent(body);
    const isTold = this.#isChosen;
    const base = again.base ?? this.saved ?? ""; // out of which they grew, whatever comes into the page meanwhile
    const slow = setTimeout(() => this.#say("saving"), SLOW);
    const answer = await request(this.url, { method: "PUT", body, headers: this.#headers, keepalive: body.toString().length < SMALL });
    clearTimeout(slow);
    return this.#take(answer, words, { ...again, base, isTold });
  }

  async #take({ status, text, content, isReached }, words, { base, version: last, isTold }) {
    const merged = content.querySelector("#merged");
    const version = content.querySelector("[name=version]")?.value;
    if (version && (status === 200 || merged)) return this.#accept(content, text, words, merged, isTold);
    if (status === 409 && version && version !== last) {
      this.#move("again");
      return { base, version };
    }
    const isPassing = status === 0 || status >= 500 || status === 429 || status === 409; // others saved all the time
    if (isPassing) return this.#later("noAnswer", isReached ? "failed" : "offline");
    if (status !== 413 && status !== 422) return this.#later("barred", { 400: "failed", 401: "signed-out", 403: "other", 410: "unasked" }[status] ?? "gone");
    [this.#sent, this.#refused] = [null, words];
    this.#move("refused");
    if (version) this.#put(content.querySelector(".save-status"));
    else this.#say("large");
    if (version) this.#tell("unsaved", { why: "large" });
    return this.state === "dirty" ? {} : null; // mended meanwhile
  }

  #later(event, why) {
    this.#isLost ||= event === "noAnswer";
    this.#move(event);
    this.#say(why);
    this.schedule(RETRIES[Math.min(this.#retry++, RETRIES.length - 1)]);
    return null;
  }

  async #accept(content, text, words, merged, isTold) {
    const failed = this.#line?.matches("[role=alert]");
    const { value: version } = content.querySelector("[name=version]");
    [this.#sent, this.#older, this.#isLost, this.#retry] = [null, null, false, 0];
    if (isTold) this.#isChosen = false;
    const asked = merged ? theirSides(merged.content) : [];
    if (merged) ask(this.form, merged.content);
    const kept = merged ? wordsOf(merged.dataset.words) : words;
    const line = content.querySelector(".save-status");
    if (line.matches("[role=alert]")) this.#asks = line;
    else this.#calm = line;
    if (this.isUndecided) this.#put(this.#asks);
    else if (this.isShown) htmx.swap({ text, target: this.#box, sourceElement: this.#box, swap: "innerHTML" });
    this.#meet(kept, version, asked.reduce((line, [unit, theirs]) => withPart(line, unit, theirs), words));
    if (this.isUndecided && !this.isShown) texts.delete(this.path); // nobody can be asked here: its copy is shown when the step is opened again
    this.#move("saved");
    if (this.isUndecided) this.#tell("unsaved", { why: "stale" });
    else this.#tell("saved", { version: Number(version), words: kept });
    this.#announce(failed);
    if (this.#isBehind) setTimeout(() => this.catchUp());
    return {};
  }

  // The server has `words` under `version`; the form and they grew out of `before`. They come into the form where nobody has changed it. If it can't
  // show all of them, the next save says that it does not know this version: the server then puts both together.
  #meet(words, version, before) {
    this.#met += 1;
    this.#tell("brought", { names: changes(before ?? "", words) });
    this.#isBehind = !bring(this.form, before, words);
    this.saved = this.#isBehind ? before : withParts(words, openUnits(this.form), before);
    this.#known = version;
    this.version = this.saved === words ? version : STALE; // under which the server puts both together
  }

  // Only a page that shows messages asks what they are by now: a plain save costs the server less.
  get #headers() { return this.form.querySelector(".error[id]") ? { "X-Shows-Faults": "yes" } : {}; }

  // Of this form: another one on the screen is none of this text's business.
  get #box() { return this.form.querySelector("#save-status"); }
  get #line() { return this.#box?.querySelector(".save-status"); }

  #say(what) {
    const failed = document.getElementById("say-failed");
    const line = (document.getElementById(`say-${what}`) ?? failed)?.content.firstElementChild.cloneNode(true);
    if (line && what in failed.dataset) line.lastElementChild.textContent = failed.dataset[what];
    this.#put(line);
    if (what !== "saving") this.#tell("unsaved", { why: what });
  }

  #tell(what, detail) { document.dispatchEvent(new CustomEvent(`shingle:${what}`, { detail: { text: this, ...detail } })); }

  // The same alert twice would be read out twice.
  #put(line) {
    if (line && this.isShown && line.textContent !== this.#line.textContent) this.#line.replaceWith(line.cloneNode(true));
  }

  #announce(always) {
    if (!this.isShown || (!always && performance.now() - this.#announced < CALM)) return;
    this.#announced = performance.now();
    document.getElementById("save-announcement").textContent = this.#line.textContent;
  }
}

// The words with some units as they are in others.
const withParts = (words, units, others) => units.reduce((line, unit) => withPart(line, unit, partOf(others ?? "", unit)), words);

export const pathOf = (form) => new URL(form.getAttribute("action"), location.href).pathname;

const texts = new Map(); // path of a step -> UnsavedText
const listeners = [];

// Be told whenever the state of a text may have changed.
export const listen = (listener) => { listeners.push(listener); };
export const all = () => [...texts.values()];
const formNow = () => document.querySelector("form[data-autosave]");
// The text of the step that is shown, if it saves by itself.
export const present = () => all().find((each) => each.form === formNow());

// A step came into the page. Returns its text, and what was carried into it if that was there before (`carry`).
export function attach(action) {
  const form = formNow();
  if (!form || present()) return { text: present() };
  const before = texts.get(pathOf(form));
  if (before) return { text: before, carried: before.adopt(form, action) };
  const text = new UnsavedText(form);
  texts.set(text.path, text);
  // What was typed in the step before while this one was being shown.
  for (const each of all()) if (!each.isShown) each.typed(0);
  return { text };
}

// Saves a step while one types, and keeps what was typed until the server has it.
//
// One save is in flight at a time and carries the version that the one before it brought home. The answer is only ever the save status.
// A save whose answer was lost is sent again word for word before anything newer: the server takes the same words twice, but would take
// newer words under an old version for somebody else's.
//
// Where somebody else saved the step meanwhile, the same words go again for that version, with those that they grew out of (`base`), and the
// server puts both together: what only the others changed comes into the form, what both changed is asked (merge.js).
//
// The form tells its page how it goes: `shingle:saved` { version, words }, and `shingle:unsaved` { why }, why being offline, failed,
// signed-out, other (account), unasked (the step is gone), gone, large or stale.
import { ask, bring, bringExact, bringRows, ownWords, undecided } from "./merge.js";
import { exactly, partOf, withPart, wordsAtFirst, wordsOf } from "./words.js";

const PAUSE = 600; // ms without a key before a save
const SLOW = 1000; // ms after which "Saving…" is shown
const PATIENCE = 30_000; // ms that a save may take
const RETRIES = [2_000, 5_000, 10_000, 20_000, 40_000, 60_000];
const CALM = 30_000; // ms between two announcements of "Saved"
const KEEPALIVE = 60_000; // bytes: browsers let 64 KB outlive the page
const STALE = "-1"; // a version that no step has
// Continue passes an open gate, shuts it behind itself, and opens it again if the answer leaves this form in place.
export const [OPEN, WAITING, READY, SENT] = ["open", "waiting", "ready", "sent"];

class Saver {
  #lost = null; // words that were sent and never answered
  #running = null;
  #timer;
  #retry = 0;
  #announced = 0;
  #refused = null; // words that the server will not take
  #isBehind = false; // the server keeps words that this form does not show yet: what is saved until then is put together there

  constructor(form) {
    this.form = form;
    this.url = form.getAttribute("action"); // form.action is the buttons of that name
    this.account = document.getElementById("local").dataset.account; // for which the page was made
    this.gate = OPEN;
    // Text that the browser puts back after a reload would be older than what the server keeps.
    form.autocomplete = "off";
    // On a slow connection somebody has typed before this script is there: what differs from the page as it was sent is not saved.
    const shown = wordsAtFirst(form);
    this.saved = exactly(form, shown);
    bringExact(form);
    for (const dispute of form.querySelectorAll(".dispute")) this.saved = withPart(this.saved, dispute.dataset.unit, ownWords(dispute));
    if ("unsaved" in form.dataset) this.saved = null;
    if (this.isUnsaved) this.schedule(0);
  }

  // What is not decided is as the server has it; what stands in the form is asked about.
  get words() { return this.#undecidedAs(this.saved, wordsOf(this.form)); }

  get version() { return this.form.elements.version.value; }
  get isUnsaved() { return this.#lost !== null || this.#isChanged || this.isUndecided; }
  get isUndecided() { return undecided(this.form).length > 0; }
  get isBehind() { return this.#isBehind; }
  get mustWait() { return this.#running !== null || this.#lost !== null; }
  get #isChanged() { return this.words !== this.saved; }
  get #hasWork() { return this.#lost !== null || ((this.gate === OPEN || this.gate === WAITING) && this.#isChanged); }

  schedule(delay = PAUSE) {
    clearTimeout(this.#timer);
    if (this.gate === OPEN) this.#timer = setTimeout(() => this.flush(), delay);
  }

  // After a Continue that got no answer, or one that is not this step's: `sent` may or may not have arrived.
  resume(sent) {
    this.gate = OPEN;
    if (sent !== undefined) {
      this.#lost = sent;
      this.#say("offline");
      this.#box.scrollIntoView({ block: "nearest" });
    }
    bringExact(this.form);
    this.schedule();
  }

  // Save what is not saved; done when all of it is, or when a save failed.
  flush() {
    clearTimeout(this.#timer);
    this.#running ??= this.#saveAll().finally(() => { this.#running = null; });
    return this.#running;
  }

  // What a Continue waits for: all is saved, or could not be. So it seldom meets the words of others, and brings none that came late.
  async settle() {
    this.gate = WAITING;
    if (this.#running) await this.#running;
    if (this.isUnsaved) await this.flush();
    this.gate = READY;
  }

  // Another tab of this browser has saved this step.
  hear({ version, words }) {
    if (this.mustWait || this.#isBehind || this.gate !== OPEN || !this.form.isConnected || version <= Number(this.version)) return;
    this.#meet(words, version, this.saved);
    if (this.#isBehind) this.catchUp();
  }

  // See what rows there are elsewhere, once nobody works in those that are here.
  async catchUp() {
    const response = await fetch(this.url, { headers: { "HX-Request": "true" } }).catch(() => null);
    const fresh = response?.ok && contentOf(await response.text()).querySelector("#step-form");
    if (!fresh || this.mustWait || !this.#isBehind || this.gate !== OPEN || !this.form.isConnected) return;
    const [words, { value }] = [exactly(fresh, wordsAtFirst(fresh)), fresh.elements.version];
    bringRows(this.form, fresh, this.saved);
    this.#meet(words, value, this.saved);
  }

  // All is said about a dispute: what was chosen is saved, or told to be.
  decide() {
    if (!this.isUndecided) this.#lost ??= this.words;
    this.flush();
  }

  // Continue says what its words grew out of: they are those words, unless saving failed or rows from elsewhere can't be shown yet. One that comes
  // late then takes nothing back.
  carry() {
    for (const old of this.form.querySelectorAll("[name=base]")) old.remove();
    if (this.#isChanged && !this.#isBehind) return;
    this.form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "base", value: this.saved }));
  }

  async #saveAll() {
    let again = {}; // what the answer asked for
    while (this.#hasWork && this.form.isConnected) {
      const words = this.#lost ?? this.words;
      if (words === this.#refused) return;
      const outcome = await this.#send(words, again);
      if (outcome === "later") this.schedule(RETRIES[Math.min(this.#retry++, RETRIES.length - 1)]);
      if (outcome === "refused") this.#refused = words;
      if (outcome === "later" || outcome === "refused") return;
      again = outcome;
    }
  }

  async #send(words, again) {
    const body = new URLSearchParams(words);
    for (const name of ["csrf_token", "version", "asked"]) body.set(name, this.form.elements[name].value);
    for (const [name, value] of Object.entries(again)) body.set(name, value);
    this.#lost = words;
    const slow = setTimeout(() => this.#say("saving"), SLOW);
    try {
      const response = await fetch(this.url, {
        method: "PUT", body, redirect: "manual", headers: this.#headers,
        keepalive: body.toString().length < KEEPALIVE, signal: AbortSignal.timeout(PATIENCE),
      });
      const text = await response.text();
      return await this.#take(response.status, text, words, again);
    } catch {
      this.#say("offline");
      return "later";
    } finally {
      clearTimeout(slow);
    }
  }

  async #take(status, text, words, again) {
    if (status >= 500 || status === 429) { this.#say("failed"); return "later"; }
    const content = contentOf(text);
    const merged = content.querySelector("#merged");
    if (status === 200 || merged) return this.#accept(content, text, words, merged);
    if ([400, 409, 422].includes(status)) {
      const token = content.querySelector("[name=csrf_token]");
      if (!token) { this.#say("failed"); return "later"; } // not this step's answer: another save or a fault was in the way
      const { value: version } = content.querySelector("[name=version]");
      this.form.elements.csrf_token.value = token.value;
      if (status === 400 && !again.csrf_token) return { ...again, csrf_token: token.value };
      if (status === 409 && version !== again.version) return { base: this.saved ?? "", version };
      this.#lost = null;
      this.#put(content.querySelector(".save-status"));
      this.#tell("unsaved", { why: status === 422 ? "large" : "failed" });
    } else {
      this.#lost = null;
      this.#say({ 401: "signed-out", 403: "other", 410: "unasked", 413: "large" }[status] ?? "gone");
    }
    return status === 401 ? "later" : "refused";
  }

  async #accept(content, text, words, merged) {
    const failed = this.#line.matches("[role=alert]");
    const version = content.querySelector("[name=version]").value;
    this.#lost = null;
    this.#retry = 0;
    if (merged) ask(this.form, merged.content);
    const kept = merged ? wordsOf(merged.dataset.words) : words;
    if (this.isUndecided) this.#put(content.querySelector(".save-status[role=alert]"));
    else await htmx.swap({ text, target: this.#box, sourceElement: this.#box, swap: "innerHTML" });
    this.#meet(kept, version, this.#undecidedAs(kept, words));
    if (this.isUndecided) this.#tell("unsaved", { why: "stale" });
    else this.#tell("saved", { version: Number(version), words: kept });
    this.#announce(failed);
    if (this.#isBehind) setTimeout(() => this.catchUp());
    return {};
  }

  #undecidedAs(kept, words) {
    const units = undecided(this.form).map((each) => each.dataset.unit);
    return units.reduce((changed, unit) => withPart(changed, unit, partOf(kept, unit)), words);
  }

  // The server keeps `words` under `version`; `before` is what this form and they have in common.
  #meet(words, version, before) {
    this.#isBehind = !bring(this.form, before, words);
    this.saved = this.#isBehind ? before : words;
    this.form.elements.version.value = this.#isBehind ? STALE : version;
  }

  // Only a page that shows messages asks what they are by now: a plain save costs the server less.
  get #headers() {
    const asks = this.form.querySelector(".error[id]") ? { "X-Shows-Faults": "yes" } : {};
    return { "HX-Request": "true", Accept: "text/html", "X-Account": this.account, ...asks };
  }

  get #box() { return document.getElementById("save-status"); }
  get #line() { return this.#box.querySelector(".save-status"); }

  #say(what) {
    const failed = document.getElementById("say-failed");
    const line = (document.getElementById(`say-${what}`) ?? failed).content.firstElementChild.cloneNode(true);
    if (what in failed.dataset) line.lastElementChild.textContent = failed.dataset[what];
    this.#put(line);
    if (what !== "saving") this.#tell("unsaved", { why: what });
  }

  #tell(what, detail) { this.form.dispatchEvent(new CustomEvent(`shingle:${what}`, { bubbles: true, detail })); }

  // The same alert twice would be read out twice.
  #put(line) {
    if (line && this.form.isConnected && line.textContent !== this.#line.textContent) this.#line.replaceWith(line);
  }

  #announce(always) {
    if (!always && Date.now() - this.#announced < CALM) return;
    this.#announced = Date.now();
    document.getElementById("save-announcement").textContent = this.#line.textContent;
  }
}

const contentOf = (text) => Object.assign(document.createElement("template"), { innerHTML: text }).content;

const savers = new WeakMap(); // form -> Saver

export function attach() {
  const form = document.querySelector("form[data-autosave]");
  if (form && !savers.has(form)) savers.set(form, new Saver(form));
}

// The saver of the step that is shown, if it saves by itself.
export const present = () => savers.get(document.querySelector("form[data-autosave]"));

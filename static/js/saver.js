// Saves a step while one types, and keeps what was typed until the server has it.
//
// One save is in flight at a time and carries the version that the one before it brought home. The answer is only ever the save status.
// A save whose answer was lost is sent again word for word before anything newer: the server takes the same words twice, but would take
// newer words under an old version for somebody else's.
//
// The form tells its page how it goes: `shingle:saved` { version, words } and `shingle:unsaved` { why }, why being offline, failed,
// signed-out, gone, large or stale.
import { wasTyped, wordsOf } from "./words.js";

const PAUSE = 600; // ms without a key before a save
const SLOW = 1000; // ms after which "Saving…" is shown
const PATIENCE = 30_000; // ms that a save may take
const RETRIES = [2_000, 5_000, 10_000, 20_000, 40_000, 60_000];
const CALM = 30_000; // ms between two announcements of "Saved"
const KEEPALIVE = 60_000; // bytes: browsers let 64 KB outlive the page
// Continue passes an open gate, shuts it behind itself, and opens it again if the answer leaves this form in place.
export const [OPEN, WAITING, READY, SENT] = ["open", "waiting", "ready", "sent"];

class Saver {
  #lost = null; // words that were sent and never answered
  #running = null;
  #timer;
  #retry = 0;
  #announced = 0;
  #refused = null; // words that the server will not take
  #isStale = false; // another tab was faster: Continue shows both texts, and only then one of them is saved

  constructor(form) {
    this.form = form;
    this.url = form.getAttribute("action"); // form.action is the buttons of that name
    // On a slow connection somebody has typed before this script is there: what differs from the page as it was sent is not saved.
    this.saved = "unsaved" in form.dataset || [...form.elements].some(wasTyped) ? null : this.words;
    this.gate = OPEN;
    // Text that the browser puts back after a reload would be older than what the server keeps.
    form.autocomplete = "off";
    if (this.isUnsaved) this.schedule(0);
  }

  get words() { return wordsOf(this.form); }
  get isUnsaved() { return this.#lost !== null || this.words !== this.saved; }
  get mustWait() { return this.#running !== null || this.#lost !== null; }
  get #hasWork() { return this.#lost !== null || (this.gate === OPEN && this.words !== this.saved); }

  schedule(delay = PAUSE) {
    clearTimeout(this.#timer);
    if (this.gate === OPEN && !this.#isStale) this.#timer = setTimeout(() => this.flush(), delay);
  }

  // After a Continue that got no answer, or one that is not this step's: `sent` may or may not have arrived.
  resume(sent) {
    this.gate = OPEN;
    if (sent !== undefined) {
      this.#lost = sent;
      this.#say("offline");
      this.#box.scrollIntoView({ block: "nearest" });
    }
    this.schedule();
  }

  // Save what is not saved; done when all of it is, or when a save failed.
  flush() {
    clearTimeout(this.#timer);
    this.#running ??= this.#saveAll().finally(() => { this.#running = null; });
    return this.#running;
  }

  // What a Continue has to wait for: the save in flight, and one whose answer was lost.
  async settle() {
    this.gate = WAITING;
    clearTimeout(this.#timer);
    if (this.#running) await this.#running;
    if (this.#lost !== null) await this.flush();
    this.gate = READY;
  }

  async #saveAll() {
    let hasNewToken = false;
    while (this.#hasWork && !this.#isStale && this.form.isConnected) {
      const words = this.#lost ?? this.words;
      if (words === this.#refused) return;
      const outcome = await this.#send(words, hasNewToken);
      if (outcome === "later") this.schedule(RETRIES[Math.min(this.#retry++, RETRIES.length - 1)]);
      if (outcome === "refused") this.#refused = words;
      if (outcome === "later" || outcome === "refused") return;
      hasNewToken = outcome === "token";
    }
  }

  async #send(words, hasNewToken) {
    const body = new URLSearchParams(words);
    for (const name of ["csrf_token", "version"]) body.set(name, this.form.elements[name].value);
    this.#lost = words;
    const slow = setTimeout(() => this.#say("saving"), SLOW);
    try {
      const response = await fetch(this.url, {
        method: "PUT", body, redirect: "manual", headers: this.#headers,
        keepalive: words.length < KEEPALIVE, signal: AbortSignal.timeout(PATIENCE),
      });
      const text = await response.text();
      return await this.#take(response.status, text, words, hasNewToken);
    } catch {
      this.#say("offline");
      return "later";
    } finally {
      clearTimeout(slow);
    }
  }

  async #take(status, text, words, hasNewToken) {
    if (status >= 500 || status === 429) { this.#say("failed"); return "later"; }
    this.#lost = null;
    if (status === 200) {
      const failed = this.#line.matches("[role=alert]");
      this.saved = words;
      this.#retry = 0;
      await htmx.swap({ text, target: this.#box, sourceElement: this.#box, swap: "innerHTML" });
      this.#tell("saved", { version: Number(this.form.elements.version.value), words });
      this.#announce(failed);
      return "saved";
    }
    if ([400, 409, 422].includes(status)) {
      const { content } = Object.assign(document.createElement("template"), { innerHTML: text });
      const token = content.querySelector("[name=csrf_token]");
      if (!token) { this.#say("failed"); return "later"; } // not this step's answer: another save or a fault was in the way
      this.form.elements.csrf_token.value = token.value;
      if (status === 400 && !hasNewToken) return "token";
      this.#isStale = status === 409;
      this.#put(content.querySelector(".save-status"));
      this.#tell("unsaved", { why: { 409: "stale", 422: "large" }[status] ?? "failed" });
    } else {
      this.#say({ 401: "signed-out", 413: "large" }[status] ?? "gone");
    }
    return status === 401 ? "later" : "refused";
  }

  // Only a page that shows messages asks what they are by now: a plain save costs the server less.
  get #headers() {
    const asks = this.form.querySelector(".error[id]") ? { "X-Shows-Faults": "yes" } : {};
    return { "HX-Request": "true", Accept: "text/html", ...asks };
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

const savers = new WeakMap(); // form -> Saver

export function attach() {
  const form = document.querySelector("form[data-autosave]");
  if (form && !savers.has(form)) savers.set(form, new Saver(form));
}

// The saver of the step that is shown, if it saves by itself.
export const present = () => savers.get(document.querySelector("form[data-autosave]"));

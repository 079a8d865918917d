// Saves a step while one types, and keeps what was typed until the server has it.
//
// One save is in flight at a time and carries the version that the one before it brought home. The answer is only ever the save status.
// A save whose answer was lost is sent again word for word before anything newer: the server takes the same words twice, but would take
// newer words under an old version for somebody else's.
const PAUSE = 600; // ms without a key before a save
const SLOW = 1000; // ms after which "Saving…" is shown
const PATIENCE = 30_000; // ms that a save may take
const RETRIES = [2_000, 5_000, 10_000, 20_000, 40_000, 60_000];
const CALM = 30_000; // ms between two announcements of "Saved"
const KEEPALIVE = 60_000; // bytes: browsers let 64 KB outlive the page
// Continue passes an open gate, shuts it behind itself, and opens it again if the answer leaves this form in place.
const [OPEN, WAITING, READY, SENT] = ["open", "waiting", "ready", "sent"];
const STEERING = ["csrf_token", "version", "action"];

function wasTyped(field) {
  if (STEERING.includes(field.name) || !field.willValidate) return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  // A time field shows nothing for a text that is no time: that alone is nobody's typing.
  return field.value !== "" && "defaultValue" in field && field.value !== field.defaultValue;
}

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

  get words() {
    const values = new URLSearchParams(new FormData(this.form));
    for (const name of STEERING) values.delete(name);
    return values.toString();
  }

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
      this.form.dispatchEvent(new CustomEvent("shingle:saved", { bubbles: true }));
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
  }

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

const savers = new WeakMap();

function attach() {
  const form = document.querySelector("form[data-autosave]");
  if (form && !savers.has(form)) savers.set(form, new Saver(form));
}

const present = () => savers.get(document.querySelector("form[data-autosave]"));

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
  savers.get(form)?.schedule(event.type === "change" ? 0 : PAUSE);
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

// Continue, and the buttons of rows, go out once nothing else is under way, with the newest version, and once.
function pass(event, saver, again) {
  if (saver.gate === WAITING || saver.gate === SENT) return stop(event);
  if (saver.gate === OPEN && saver.mustWait) {
    stop(event);
    saver.settle().then(again);
  } else {
    saver.gate = SENT;
  }
}

document.addEventListener("submit", (event) => {
  const saver = savers.get(event.target);
  if (saver && event.submitter?.formTarget !== "_blank") pass(event, saver, () => event.target.requestSubmit(event.submitter));
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
  const sent = new URLSearchParams(request.body);
  for (const name of STEERING) sent.delete(name);
  saver.resume(response ? undefined : sent.toString());
});

// Back and forward bring another step into this page: what was typed a moment ago goes to the server first. If it can't, the browser asks.
document.addEventListener("htmx:before:history:restore", (event) => {
  const saver = present();
  if (!saver?.isUnsaved || saver.gate === SENT) return;
  event.preventDefault();
  saver.flush().then(() => location.reload());
});

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

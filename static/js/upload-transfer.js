// One file on its way: granted by the app, sent to the store (a large one in parts), received by the app, which looks for itself.
// After a failure the app is asked first: perhaps only the answer got lost. Uploads go on while one moves between steps.
import { Answer, Pace, ask, digest, fill, fingerprint, inSlot, part, put, timeInWords } from "./upload-wire.js";

const AT_ONCE = 3; // files
const IN_FLIGHT = 4; // parts of a file
const BATCH = 16; // addresses that the app signs at once
const TRIES = 10; // of each part, with pauses of 1, 2, 4 … 60 s, half of each by chance: four minutes
const LONGEST = 60_000; // ms
const STALL = 30_000; // ms without progress
const [PAUSED, OFFLINE, CANCELLED] = ["paused", "offline", "cancelled"];
const REFUSED = [404, 409, 413, 422, 429];
const UNREADABLE = -1; // the file was moved or changed

export const uploads = new Set(); // what is on its way, waits, or failed and can be tried again
export const finished = { count: 0, bytes: 0 }; // since there was nothing to do
export const wakes = new Set(); // ends the pauses before another try
const waiting = [];
let running = 0;

export class Upload {
  // `tile`: of a file that was granted before this page was opened, and is chosen again.
  constructor(panel, file, type, tile) {
    Object.assign(this, { panel, file, type, id: tile?.dataset.media, pace: new Pace() });
    this.forget();
    this.box = panel.transfer(this);
    this.tile = tile ?? panel.local(this);
    if (tile) panel.mount(this, tile);
    uploads.add(this);
    this.queue();
  }

  forget() { Object.assign(this, { size: null, count: null, done: new Set(), doubted: [], etags: {}, loaded: new Map(), urls: new Map() }); }

  queue() {
    this.stop = new AbortController();
    this.loaded.clear();
    this.set("waiting");
    waiting.push(this);
    pump();
  }

  async run() {
    const { stop } = this;
    try {
      await this.insist(() => (this.id ? this.recall() : this.grant()));
      this.set("sending");
      await this.deliver();
    } catch (error) {
      stop.abort(error); // the other parts in flight
      if (this.stop !== stop || error === CANCELLED) return; // it was queued again meanwhile
      this.loaded.clear();
      if (error === PAUSED || error === OFFLINE) this.set(error);
      else this.fail(error);
    }
  }

  halt(why) {
    const place = waiting.indexOf(this);
    this.stop.abort(why);
    if (place < 0) return;
    waiting.splice(place, 1);
    if (why !== CANCELLED) this.set(why);
  }

  pause() { this.halt(PAUSED); }
  offline() { if (["waiting", "sending", "again"].includes(this.state)) this.halt(OFFLINE); }
  online() { if (this.state === OFFLINE || this.isPassing) this.queue(); }

  cancel() {
    this.halt(CANCELLED);
    this.gone();
    this.tile.remove();
    // The step is saved once the file is gone: what was written about it goes into the history then.
    const removed = this.id ? ask(this.panel, `/${this.id}/remove`).catch(() => {}) : Promise.resolve();
    removed.then(() => this.panel.arranged());
  }

  gone() {
    uploads.delete(this);
    this.panel.overall();
    if (!uploads.size) Object.assign(finished, { count: 0, bytes: 0 });
  }

  async grant() {
    const { file, type, panel } = this;
    const asked = { entity_type: panel.entityType, entity_id: panel.entityId, file_name: file.name, content_type: type, size: file.size, again: this.isAsked };
    this.isAsked = true;
    // Not to be broken off: a row is there from now on.
    const granted = await ask(panel, "", { json: { ...asked, sha256: await digest(file), fingerprint: await fingerprint(file) } });
    this.id = granted.id;
    this.know(granted);
    this.take(granted.urls ?? { 1: granted }, granted.until);
    if (this.stop.signal.reason === CANCELLED) ask(panel, `/${this.id}/remove`).catch(() => {});
    else panel.granted(this, granted.tile);
    this.stop.signal.throwIfAborted();
  }

  // What is there of a file that was begun before this page was opened.
  async recall() {
    if (!this.count) this.know(await ask(this.panel, `/${this.id}/upload`, { method: "GET", signal: this.stop.signal }));
  }

  know({ part_bytes: size, parts: count = 1, done = [] }) { Object.assign(this, { size, count, done: new Set(done) }); }

  bytes(number) { return this.size ? this.file.slice((number - 1) * this.size, number * this.size) : this.file; }
  length(number) { return this.size ? Math.min(this.size, this.file.size - (number - 1) * this.size) : this.file.size; }

  take(urls, until) { for (const each in urls) this.urls.set(Number(each), { ...urls[each], until }); }

  // Where a part goes; null when there is nothing to send. `isAgain`: nobody knows what became of it.
  async address(number, isAgain) {
    const known = this.urls.get(number);
    if (!isAgain && known?.until > performance.now()) return known;
    this.urls.delete(number);
    try {
      if (this.size) await this.sign(number);
      else if (!isAgain || (await this.receive())) this.urls.set(1, await ask(this.panel, `/${this.id}/url`, { signal: this.stop.signal }));
    } catch (error) {
      if (error.status !== 409) throw error; // it has arrived
    }
    return this.done.has(number) ? null : (this.urls.get(number) ?? null);
  }

  async sign(number) {
    while (this.asking) await this.asking.catch(() => {});
    if (this.urls.has(number) || this.done.has(number)) return;
    const next = this.left.filter((each) => !(this.urls.get(each)?.until > performance.now()));
    const json = { numbers: [number, ...next].slice(0, BATCH) };
    this.asking = ask(this.panel, `/${this.id}/parts`, { json, signal: this.stop.signal });
    try {
      const { parts, done, until } = await this.asking;
      for (const each of done) if (!this.doubted.includes(each.number)) this.done.add(each.number);
      this.take(parts, until);
    } finally {
      this.asking = null;
    }
  }

  // The parts that are missing; null when the file has arrived.
  async receive() {
    try {
      this.received = await ask(this.panel, `/${this.id}/received`, { json: { etags: this.etags }, signal: this.stop.signal });
      return null;
    } catch (error) {
      if (error.status !== 410) throw error;
      return error.body?.missing ?? [1];
    }
  }

  async deliver() {
    for (let round = 0; round < TRIES; round += 1) {
      this.left = Array.from({ length: this.count }, (_each, place) => place + 1).filter((number) => !this.done.has(number));
      await Promise.all(Array.from({ length: IN_FLIGHT }, () => this.work()));
      const missing = this.received ? null : await this.insist(() => this.receive());
      if (!missing) return this.arrive();
      for (const number of missing) { this.done.delete(number); delete this.etags[number]; }
      this.doubted = missing; // also if the store has them: it may have other bytes
    }
    throw new Answer(0);
  }

  arrive() {
    finished.count += 1;
    finished.bytes += this.file.size;
    this.panel.arrived(this, this.received);
    this.gone();
  }

  async work() {
    while (this.left.length) await this.send(this.left.shift());
  }

  async send(number) {
    const { signal } = this.stop;
    const body = this.bytes(number);
    for (let tries = 0; !this.done.has(number); tries += 1) {
      const to = await this.insist(() => this.address(number, tries > 0));
      if (!to) break;
      const progress = (loaded) => { this.loaded.set(number, Math.min(loaded, body.size)); this.set("sending"); };
      const { status, etag } = await inSlot(signal, () => put(to, body, { signal, stall: this.panel.number("stall", STALL), progress }));
      this.loaded.delete(number);
      if (status >= 200 && status < 300) {
        if (etag) this.etags[number] = etag;
        break;
      }
      await this.rest(tries, status);
    }
    this.done.add(number);
    this.show();
  }

  async insist(act) {
    for (let tries = 0; ; tries += 1) {
      try {
        return await act();
      } catch (error) {
        if (!error.isPassing) throw error;
        await this.rest(tries, error.status);
      }
    }
  }

  async rest(tries, status) {
    const { signal } = this.stop;
    if (!navigator.onLine) throw OFFLINE;
    await this.file.slice(0, 1).arrayBuffer().catch(() => { throw new Answer(UNREADABLE); });
    if (tries + 1 >= TRIES) throw new Answer(status);
    // S3 answers 403 to an address that expired, R2 400: a fresh one will do.
    if (!tries && (status === 403 || status === 400)) return;
    this.set("again");
    const pause = Math.min(this.panel.number("pause", 1000) * 2 ** tries, LONGEST) * (0.5 + Math.random() / 2);
    await new Promise((done) => {
      const wake = () => { wakes.delete(wake); done(); };
      wakes.add(wake);
      signal.addEventListener("abort", wake, { once: true });
      setTimeout(wake, pause);
    });
    signal.throwIfAborted();
  }

  fail(error) {
    const { words } = this.panel;
    const status = error instanceof DOMException ? UNREADABLE : error.status;
    if (!status && !(error instanceof Answer)) console.error(error);
    if (REFUSED.includes(status) && !this.id) return this.panel.refuse(this, error.message || words.failed);
    const known = { [UNREADABLE]: words.unreadable, 0: words.failed, 401: words.signedOut, 404: words.lost, 503: words.refused };
    this.why = known[status] ?? (error.message && status ? error.message : words.failed);
    if (status === 404) { this.id = null; this.forget(); }
    this.isPassing = error.isPassing;
    this.set("failed");
    return this.panel.announce(`${this.file.name}: ${this.why}`);
  }

  get sent() {
    let sent = 0;
    for (const number of this.done) sent += this.length(number);
    for (const loaded of this.loaded.values()) sent += loaded;
    return Math.min(sent, this.file.size);
  }

  set(state) {
    this.state = state;
    if (state !== "failed") this.isPassing = false;
    this.show();
  }

  show() {
    const { box, state, sent, panel: { words } } = this;
    const percent = Math.floor((sent / this.file.size) * 100);
    if (state === "sending") this.pace.note(sent); else this.pace.samples = [];
    const seconds = this.pace.remaining(this.file.size - sent);
    const text = state === "failed" ? this.why : words[state !== "sending" ? state : percent === 100 ? "landing" : seconds ? "remaining" : state];
    box.dataset.state = state;
    part(box, "words").textContent = fill(text, { percent, time: timeInWords(seconds) });
    box.querySelector("progress").value = percent;
    part(this.tools, "act").dataset.do = { paused: "go", offline: "retry", failed: "retry" }[state] ?? "pause";
    this.panel.overall();
  }
}

function pump() {
  while (running < AT_ONCE && waiting.length) {
    running += 1;
    waiting.shift().run().finally(() => { running -= 1; pump(); });
  }
}

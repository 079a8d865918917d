// What goes over the wire, how fast it goes, and knowing a file again.
const HASHED = 32 * 2 ** 20; // bytes: larger files would have to be in memory twice
const EDGE = 2 ** 16; // bytes of either end of a file, by which it is known again
const SLOTS = 4; // PUTs in flight: of six connections that a browser opens, some are for the app
const PATIENCE = 60_000; // ms for an answer of the app
const WINDOW = 15_000; // ms that a speed is taken from
const SETTLED = 2_000; // ms before it means anything
const EACH = 400; // ms between two samples
const MARGIN = 30_000; // ms before its end when an address is not used any more

export const part = (element, name) => element.querySelector(`[data-part="${name}"]`);
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

export class Answer extends Error {
  constructor(status, body) { super(body?.message ?? ""); Object.assign(this, { status, body }); }
  // Trying again may help: the network, the app or the store did not do their part.
  get isPassing() { return !this.status || this.status >= 500 || this.status === 408; }
}

// An answer and what it says; both are empty when none came in time, or `signal` ended the waiting.
async function request(url, asked, signal) {
  const stop = new AbortController();
  const end = () => stop.abort();
  const timer = setTimeout(end, PATIENCE);
  signal?.addEventListener("abort", end);
  if (signal?.aborted) end();
  try {
    const response = await fetch(url, { ...asked, signal: stop.signal });
    return { response, body: await response.json().catch(() => null) };
  } catch {
    return {};
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
}

export async function ask(panel, path, { method = "POST", json, signal } = {}, isAgain = false) {
  const headers = { Accept: "application/json", "X-CSRFToken": panel.token };
  if (json) headers["Content-Type"] = "application/json";
  const { response, body } = await request(panel.base + path, { method, headers, body: json && JSON.stringify(json) }, signal);
  signal?.throwIfAborted();
  if (body?.error === "csrf" && !isAgain) {
    // Somebody signed in again in another tab: every page has the token of the new session.
    const page = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE) }).then((answer) => answer.text(), () => "");
    panel.token = /name="csrf_token" value="([^"]+)"/.exec(page)?.[1];
    return ask(panel, path, { method, json, signal }, true);
  }
  if (!response?.ok || !body) throw new Answer(response?.ok ? 0 : response?.status ?? 0, body);
  // By the app's clock: the one of this device may be wrong.
  if (body.expires_at) body.until = performance.now() + Date.parse(body.expires_at) - Date.parse(response.headers.get("Date")) - MARGIN;
  return body;
}

// Resolves to the HTTP status and the ETag: 0 when a page may not read it, or nothing moved for `stall` ms.
export function put(to, body, { signal, stall, progress }) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    let timer;
    const wait = (ms) => { clearTimeout(timer); timer = setTimeout(stop, ms); };
    request.open("PUT", to.url);
    for (const [name, value] of Object.entries(to.headers)) request.setRequestHeader(name, value);
    // When all is sent, the store may still have to write it.
    request.upload.onprogress = ({ loaded }) => { progress(loaded); wait(loaded < body.size ? stall : 3 * stall); };
    request.onloadend = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      if (signal.aborted) return fail(signal.reason);
      // Asking for a header that is not exposed would be an error in the console.
      return done({ status: request.status, etag: /^etag:\s*(\S+)/im.exec(request.getAllResponseHeaders())?.[1] });
    };
    signal.addEventListener("abort", stop);
    wait(stall);
    request.send(body);
  });
}

const line = [];
let taken = 0;

async function turn(signal) {
  let go;
  await new Promise((done) => {
    line.push(go = done);
    signal.addEventListener("abort", done, { once: true });
  });
  if (line.includes(go)) line.splice(line.indexOf(go), 1);
  else if (signal.aborted) line.shift()?.(); // it was its turn, but it is not wanted any more
}

export async function inSlot(signal, act) {
  while (taken >= SLOTS && !signal.aborted) await turn(signal);
  signal.throwIfAborted();
  taken += 1;
  try {
    return await act();
  } finally {
    taken -= 1;
    line.shift()?.();
  }
}

async function sha256(buffer) {
  if (!globalThis.crypto?.subtle) return undefined; // a page that did not come over https
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", buffer));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const digest = async (file) => (file.size > HASHED ? undefined : sha256(await file.arrayBuffer()));

// Of its name, size, time and both ends.
export const fingerprint = async (file) =>
  sha256(await new Blob([JSON.stringify([file.name, file.size, file.lastModified]), file.slice(0, EDGE), file.slice(-EDGE)]).arrayBuffer());

export class Pace {
  samples = [];

  note(sent) {
    const now = performance.now();
    const last = this.samples.at(-1);
    if (last && sent < last.sent) this.samples = []; // something has to be sent again
    else if (last && now - last.at < EACH) return;
    this.samples.push({ at: now, sent });
    while (now - this.samples[0].at > WINDOW) this.samples.shift();
  }

  // Seconds until `left` bytes are sent; null while nobody knows.
  remaining(left) {
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    if (!first || last.at - first.at < SETTLED || last.sent <= first.sent) return null;
    return (left * (last.at - first.at)) / (last.sent - first.sent) / 1000;
  }
}

const unit = (count, name) => new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: name, unitDisplay: "long" }).format(count);

// Coarser the further away the end is: a number that changes every second is not read.
export function timeInWords(seconds) {
  if (seconds < 55) return unit(Math.max(5, Math.ceil(seconds / 5) * 5), "second");
  return seconds < 3_600 ? unit(Math.ceil(seconds / 60), "minute") : unit(Math.ceil(seconds / 360) / 10, "hour");
}

// What goes over the wire: asking the app, sending bytes to the store, and knowing a file again.
const HASHED = 32 * 2 ** 20; // bytes: larger files would have to be in memory twice
const EDGE = 2 ** 16; // bytes of either end of a file, by which it is known again
const SLOTS = 4; // PUTs in flight, of all files together: a browser opens six connections to a host, and the app has to stay within reach
const PATIENCE = 60_000; // ms for an answer of the app
const MARGIN = 30_000; // ms before its end when an address is not used any more

export const part = (element, name) => element.querySelector(`[data-part="${name}"]`);
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

export class Answer extends Error {
  constructor(status, body) { super(body?.message ?? ""); Object.assign(this, { status, body }); }
  // Trying again may help: the network, the app or the store did not do their part.
  get isPassing() { return !this.status || this.status >= 500 || this.status === 408; }
}

export async function ask(panel, path, { method = "POST", json, signal } = {}) {
  const headers = { Accept: "application/json", "X-CSRFToken": panel.token };
  if (json) headers["Content-Type"] = "application/json";
  const patience = AbortSignal.timeout(PATIENCE);
  const asked = { method, headers, body: json && JSON.stringify(json), signal: signal ? AbortSignal.any([signal, patience]) : patience };
  const response = await fetch(panel.base + path, asked).catch(() => null);
  const body = await response?.json().catch(() => null);
  signal?.throwIfAborted();
  if (!response?.ok || !body) throw new Answer(response?.ok ? 0 : response?.status ?? 0, body);
  // By the app's clock: the one of this device may be wrong.
  if (body.expires_at) body.until = performance.now() + Date.parse(body.expires_at) - Date.parse(response.headers.get("Date")) - MARGIN;
  return body;
}

// Resolves to the HTTP status and the ETag: 0 when there was no status that a page may read, or nothing moved for `stall` ms.
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
      // Asking for a header that the store does not expose would be an error in the console.
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

// The same for the same file when it is chosen again: its name, size, time, and both of its ends.
export const fingerprint = async (file) =>
  sha256(await new Blob([JSON.stringify([file.name, file.size, file.lastModified]), file.slice(0, EDGE), file.slice(-EDGE)]).arrayBuffer());

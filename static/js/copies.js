// Where this browser keeps text that has not reached the server: IndexedDB, which survives a crash, one record for each page that types in a
// step. Words are encrypted with a key that only signed-in pages of the account are told (app/providers/local.py); whose a record is, and of
// which step, is not. Without a secure context the browser has no encryption, and nothing is kept.
const STORE = "copies";
const MOST = 200; // records: the oldest beyond go. The clock of a device may be wrong, so none goes for its age
const PATIENCE = 3_000; // ms for the database, and for a page to let go of the lock of its record
const BYTES = 12; // of an initialisation vector for AES-GCM

let opening = null;

function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("shingle", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => {
      request.result.onversionchange = () => { request.result.close(); opening = null; };
      request.result.onclose = () => { opening = null; };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  opening.catch(() => { opening = null; });
  return opening;
}

const ask = (mode, question) => inTime(answerOf(mode, question));

async function answerOf(mode, question) {
  const transaction = (await database()).transaction(STORE, mode);
  const request = question(transaction.objectStore(STORE));
  // A page that goes away now would take a transaction along that waits to be finished by itself.
  if (mode === "readwrite") transaction.commit?.();
  return new Promise((resolve, reject) => {
    request.onsuccess = () => { if (mode === "readonly") resolve(request.result); };
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

// The database of a browser in trouble may never answer.
const inTime = (answer) => Promise.race([answer, new Promise((_done, fail) => { setTimeout(() => fail(new Error("no answer")), PATIENCE); })]);

// Whether something is kept of an account, as a page can know without waiting: signing out asks it (account.js).
const flag = (account) => `shingle kept ${account}`;

export async function remove(id) {
  await ask("readwrite", (store) => store.delete(id));
  const [account] = id.split("/");
  const left = await ask("readonly", (store) => store.getAllKeys());
  if (!left.some((each) => each.startsWith(`${account}/`))) localStorage.removeItem(flag(account));
}

const all = () => ask("readonly", (store) => store.getAll());

// The records of an account, the newest first.
export async function kept(account) {
  const found = (await all()).sort((one, two) => two.at - one.at);
  for (const each of found.splice(MOST)) await remove(each.id);
  return found.filter((each) => each.account === account);
}

// Everything of an account, when it leaves this browser.
export async function forget(account) {
  for (const each of await kept(account)) await remove(each.id);
}

// Whether no living page keeps a record. A page that is being left takes a moment to let go of its lock.
export async function isAbandoned(record) {
  try {
    return await navigator.locks.request(record.id, { signal: AbortSignal.timeout(PATIENCE) }, () => true);
  } catch {
    return false;
  }
}

// What a guest kept belongs to the account that took the guest's drafts along: it is sealed anew with the account's key. What a page keeps that
// still lives stays for the next time.
export async function inherit(heir, guest) {
  const take = async (record) => {
    const content = (await isAbandoned(record)) && (await guest.read(record));
    if (!content) return;
    await heir.put(record, content);
    await remove(record.id);
  };
  await Promise.all((await guest.list()).map(take));
}

const isPossible = () => globalThis.isSecureContext && "indexedDB" in globalThis && crypto.subtle !== undefined;

// The copies of one account: `null` where none can be kept.
export async function open(account, key) {
  if (!isPossible()) return null;
  const bytes = Uint8Array.from(atob(key), (each) => each.charCodeAt(0));
  const secret = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
  return new Copies(account, secret);
}

class Copies {
  #account;
  #secret;

  constructor(account, secret) {
    this.#account = account;
    this.#secret = secret;
  }

  list() { return kept(this.#account); }

  // `where`: { draft, step, page, version }, and `at` where that is not now; `content`: anything that JSON can say. A record can't be moved to another place: its name is sealed in.
  async put(where, content) {
    const id = [this.#account, where.draft, where.step, where.page].join("/");
    const iv = crypto.getRandomValues(new Uint8Array(BYTES));
    const text = new TextEncoder().encode(JSON.stringify(content));
    const sealed = await crypto.subtle.encrypt(this.#method(id, iv), this.#secret, text);
    localStorage.setItem(flag(this.#account), "yes");
    await ask("readwrite", (store) => store.put({ ...where, id, account: this.#account, at: where.at ?? Date.now(), iv, sealed }));
    return id;
  }

  // What a record holds; `null`, and the record is gone, when the key doesn't fit any more.
  async read(record) {
    try {
      const text = await crypto.subtle.decrypt(this.#method(record.id, record.iv), this.#secret, record.sealed);
      return JSON.parse(new TextDecoder().decode(text));
    } catch {
      await remove(record.id);
      return null;
    }
  }

  #method(id, iv) { return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(id) }; }
}

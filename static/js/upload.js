// Sends files straight from here to the store, and keeps the tiles of `templates/media/_uploads.html` in order.
//
// A file is granted by the app, put into the store, and then the app is told, which looks for itself. After a PUT that failed in any way the app is
// asked first: the file may have arrived and only the answer got lost, and then sending it again would be refused. Uploads belong to this module
// and not to the page: they go on while one moves between steps, and a tile that comes back finds its upload again.
const AT_ONCE = 3;
const HASHED = 32 * 2 ** 20; // bytes: larger files would have to be in memory twice
const PAUSES = [1_000, 3_000, 8_000, 20_000]; // ms before a file is sent again
const LOOKS = [700, 1_000, 1_500, 2_000, 3_000, 5_000, 8_000, 10_000]; // ms between two looks at a file that is being checked
const EDGE = 80; // px from the edge of the screen where dragging scrolls

const panels = new WeakMap(); // section -> Panel
const uploads = new Set(); // what is on its way, or failed and can be tried again
const waiting = [];
let running = 0;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const part = (element, name) => element.querySelector(`[data-part="${name}"]`);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const element = (html) => {
  const box = document.createElement("template");
  box.innerHTML = html.trim();
  return box.content.firstElementChild;
};

class Answer extends Error {
  constructor(status, body) { super(body?.message ?? ""); this.status = status; }
}

async function post(panel, path, json) {
  const headers = { Accept: "application/json", "X-CSRFToken": panel.token };
  if (json) headers["Content-Type"] = "application/json";
  const response = await fetch(panel.base + path, { method: "POST", headers, body: json && JSON.stringify(json) });
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Answer(response.status, body);
  return body;
}

// Resolves to the HTTP status, or to 0 when there was none that a page may read.
function put(upload, to) {
  return new Promise((done) => {
    const request = upload.request = new XMLHttpRequest();
    request.open("PUT", to.url);
    for (const [name, value] of Object.entries(to.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => upload.progress(event.loaded / event.total);
    request.onload = () => done(request.status);
    request.onerror = request.onabort = () => done(0);
    request.send(upload.file);
  });
}

async function sha256(file) {
  if (!globalThis.crypto?.subtle || file.size > HASHED) return undefined;
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

class Upload {
  constructor(panel, file, type) {
    Object.assign(this, { panel, file, type, id: null, isCancelled: false, isFailed: false });
    this.tile = panel.local(this);
    uploads.add(this);
    this.queue();
  }

  get transfer() { return part(this.tile, "transfer"); }

  say(words, canRetry = false) {
    const place = this.transfer;
    if (!place) return;
    part(place, "words").textContent = words;
    place.querySelector("[data-do=retry]").hidden = !canRetry;
    place.querySelector("progress").hidden = canRetry;
  }

  progress(share) {
    const bar = this.transfer?.querySelector("progress");
    if (!bar) return;
    bar.value = share * 100;
    this.say(share < 1 ? fill(this.panel.words.sending, { percent: Math.floor(share * 100) }) : this.panel.words.landing);
  }

  queue() {
    this.isFailed = false;
    this.say(this.panel.words.waiting);
    waiting.push(this);
    pump();
  }

  async run() {
    try {
      if (!this.id) await this.grant();
      if (!this.isCancelled) await this.deliver();
    } catch (error) {
      if (!this.isCancelled) this.fail(error);
    }
  }

  async grant() {
    const { file, type, panel } = this;
    const asked = { entity_type: panel.entityType, entity_id: panel.entityId, file_name: file.name, content_type: type, size: file.size, sha256: await sha256(file) };
    const granted = await post(panel, "", asked);
    this.id = granted.id;
    this.to = granted;
    if (this.isCancelled) return void post(panel, `/${this.id}/remove`).catch(() => {});
    const tile = element(granted.tile);
    part(tile, "thumb").replaceWith(part(this.tile, "thumb"));
    part(tile, "status").replaceWith(this.transfer);
    this.tile.replaceWith(tile);
    this.tile = tile;
    panel.arranged();
  }

  async deliver() {
    for (const pause of [0, ...PAUSES]) {
      if (pause) await sleep(pause * (0.5 + Math.random() / 2));
      if (this.isCancelled) return;
      this.progress(0);
      const status = await put(this, this.to);
      if (this.isCancelled) return;
      const received = await this.ask(status);
      if (received) return this.panel.arrived(this, received);
      if (!navigator.onLine) break;
      // S3 answers 403 to a URL that expired, R2 400.
      if (status === 403 || status === 400) this.to = await post(this.panel, `/${this.id}/url`);
    }
    throw new Answer(0);
  }

  // Whether the file is there. Only a clear "no" sends it again; a store or an app that does not answer is asked again.
  async ask(status) {
    for (const pause of [...PAUSES, 0]) {
      try {
        return await post(this.panel, `/${this.id}/received`);
      } catch (error) {
        if (error.status === 410) return null;
        if (error.status && error.status !== 503) throw error;
        if (!pause || (!status && !navigator.onLine)) throw error;
        await sleep(pause);
      }
    }
    return null;
  }

  fail(error) {
    const { words } = this.panel;
    const isRefused = [404, 409, 413, 422, 429].includes(error.status);
    if (isRefused && !this.id) return this.panel.refuse(this, error.message);
    this.isFailed = true;
    const why = { 401: words.signedOut, 503: words.refused }[error.status] ?? (error.status ? error.message || words.failed : navigator.onLine ? words.failed : words.offline);
    this.say(why, true);
    this.panel.announce(`${this.file.name}: ${why}`);
  }

  cancel() {
    this.isCancelled = true;
    this.request?.abort();
    this.gone();
    if (this.id) post(this.panel, `/${this.id}/remove`).catch(() => {});
    this.tile.remove();
    this.panel.arranged();
  }

  gone() {
    uploads.delete(this);
    const place = waiting.indexOf(this);
    if (place >= 0) waiting.splice(place, 1);
  }
}

function pump() {
  while (running < AT_ONCE && waiting.length) {
    running += 1;
    waiting.shift().run().finally(() => { running -= 1; pump(); });
  }
}

class Panel {
  constructor(section) {
    this.section = section;
    this.tiles = part(section, "tiles");
    this.problems = part(section, "problems");
    this.words = part(section, "words").dataset;
    this.rules = JSON.parse(section.dataset.rules);
    this.base = section.dataset.url;
    this.token = section.dataset.token;
    this.entityType = section.dataset.entityType;
    this.entityId = section.dataset.entityId;
    section.addEventListener("click", (event) => this.act(event));
    section.addEventListener("change", (event) => this.picked(event));
    section.addEventListener("pointerdown", (event) => this.grab(event));
    for (const tile of this.all) if (part(tile, "state").dataset.state === "received") this.follow(tile);
    for (const upload of uploads) if (upload.panel.entityId === this.entityId) this.adopt(upload);
  }

  get all() { return [...this.tiles.children].filter((tile) => !tile.matches(".is-removed")); }
  get zone() { return this.section.querySelector("[data-dropzone]"); }

  announce(words) { part(this.section, "live").textContent = words; }

  // --- adding -------------------------------------------------------------------------------------------------------------------------

  picked(event) {
    if (event.target.type !== "file") return;
    // It is not the step's field; autosave need not hear of it.
    event.stopPropagation();
    this.add([...event.target.files]);
    event.target.value = "";
  }

  add(files) {
    this.problems.replaceChildren();
    const good = files.filter((file) => this.check(file));
    for (const file of good) new Upload(this, file, this.typeOf(file));
    if (good.length) this.announce(fill(this.words.started, { count: good.length }));
  }

  typeOf(file) {
    const known = this.rules.endings[file.name.split(".").pop().toLowerCase()];
    return file.type in this.rules.types ? file.type : file.type && !/octet-stream/.test(file.type) ? file.type : (known ?? "");
  }

  check(file) {
    const type = this.typeOf(file);
    const most = this.rules.types[type];
    const { unknown, empty, large } = this.rules;
    const problem = !most ? unknown : !file.size ? empty : file.size > most ? large[type.split("/")[0]] ?? large.document : null;
    if (problem) this.problem(file.name, problem);
    return !problem;
  }

  problem(name, sentence) {
    const line = document.createElement("p");
    line.className = "error";
    line.append(document.createElement("span"));
    line.firstChild.append(Object.assign(document.createElement("bdi"), { textContent: name }), `: ${sentence}`);
    this.problems.append(line);
  }

  refuse(upload, sentence) {
    upload.gone();
    upload.tile.remove();
    this.problem(upload.file.name, sentence);
  }

  // The tile of a file that nobody has granted yet: shown at once, with the picture itself.
  local(upload) {
    const tile = part(this.section, "local").content.firstElementChild.cloneNode(true);
    part(tile, "name").textContent = upload.file.name;
    part(tile, "size").textContent = sizeInWords(upload.file.size);
    if (upload.type.startsWith("image/")) {
      const image = Object.assign(new Image(), { alt: "", src: URL.createObjectURL(upload.file) });
      const icon = part(tile, "thumb").firstElementChild;
      image.onerror = () => image.replaceWith(icon);
      icon.replaceWith(image);
    }
    this.tiles.append(tile);
    return tile;
  }

  // One came back to this step while a file was on its way: its tile is the server's, its progress is here.
  adopt(upload) {
    const tile = upload.id ? document.getElementById(`media-${upload.id}`) : null;
    const { transfer } = upload;
    upload.panel = this;
    if (tile && transfer) {
      part(tile, "thumb").replaceWith(part(upload.tile, "thumb"));
      part(tile, "status").replaceWith(transfer);
      upload.tile = tile;
    } else if (!upload.id) {
      this.tiles.append(upload.tile);
    }
  }

  arrived(upload, received) {
    upload.gone();
    this.announce(fill(this.words.arrived, { name: upload.file.name }));
    this.show(upload.tile, received.tile);
    if (received.state === "received") this.follow(upload.tile);
  }

  // --- being checked ------------------------------------------------------------------------------------------------------------------

  show(tile, html) {
    const before = part(tile, "state");
    const after = element(html);
    const picture = before.querySelector("img[src^='blob:']");
    if (picture && after.querySelector("img")) URL.revokeObjectURL(picture.src);
    else if (picture && after.dataset.state !== "rejected") part(after, "thumb").replaceChildren(picture);
    before.replaceWith(after);
  }

  async follow(tile) {
    const id = tile.dataset.media;
    for (let look = 0; ; look += 1) {
      await sleep(LOOKS[Math.min(look, LOOKS.length - 1)]);
      if (!tile.isConnected) return;
      const response = await fetch(`${this.base}/${id}/tile`, { headers: { Accept: "text/html", "HX-Request": "true" } }).catch(() => null);
      if (response?.status === 404) return;
      if (!response?.ok) continue;
      const html = await response.text();
      const { state } = element(html).dataset;
      if (state === "received") continue;
      this.show(tile, html);
      if (state === "rejected") this.damn(tile);
      const reason = state === "rejected" ? part(tile, "status").textContent.trim() : "";
      this.announce(fill(this.words[state] ?? "", { name: tile.dataset.name, reason }));
      return;
    }
  }

  // Nobody will see it: there is nothing to say about it, and it can't be the cover.
  damn(tile) {
    for (const field of tile.querySelectorAll("[data-part=about] input")) field.closest("div").remove();
    this.arranged();
  }

  // --- buttons ------------------------------------------------------------------------------------------------------------------------

  act(event) {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    event.preventDefault();
    const tile = button.closest(".tile");
    const upload = [...uploads].find((each) => each.tile === tile);
    const acts = {
      earlier: () => this.move(tile, -1, button),
      later: () => this.move(tile, 1, button),
      remove: () => (upload ? this.drop(upload) : this.remove(tile)),
      undo: () => this.undo(tile),
      restore: () => this.restore(button),
      retry: () => upload?.queue(),
      cancel: () => this.drop(upload),
    };
    acts[button.dataset.do]?.();
  }

  drop(upload) {
    const next = upload.tile.nextElementSibling ?? upload.tile.previousElementSibling;
    upload.cancel();
    this.focus(next);
  }

  focus(tile) { (tile?.querySelector("button:not([hidden])") ?? this.section.querySelector("input[type=file]")).focus(); }

  async remove(tile) {
    try {
      await post(this, `/${tile.dataset.media}/remove`);
    } catch (error) {
      return this.problem(tile.dataset.name, error.message || this.words.failed);
    }
    const words = fill(this.words.removed, { name: tile.dataset.name });
    if (part(tile, "state").dataset.state === "granted") return this.vanish(tile, words);
    const note = part(this.section, "undo").content.firstElementChild.cloneNode(true);
    part(note, "words").textContent = words;
    this.close(tile, true);
    tile.append(note);
    note.querySelector("button").focus();
    this.announce(words);
    return this.arranged();
  }

  // It never arrived: there is nothing to bring back.
  vanish(tile, words) {
    const next = tile.nextElementSibling ?? tile.previousElementSibling;
    tile.remove();
    this.focus(next);
    this.announce(words);
    this.arranged();
  }

  async undo(tile) {
    try {
      await post(this, `/${tile.dataset.media}/restore`);
    } catch (error) {
      return this.problem(tile.dataset.name, error.message || this.words.failed);
    }
    tile.querySelector(".tile-undo").remove();
    this.close(tile, false);
    tile.querySelector("[data-do=remove]").focus();
    this.announce(fill(this.words.restored, { name: tile.dataset.name }));
    return this.arranged();
  }

  close(tile, isRemoved) {
    tile.classList.toggle("is-removed", isRemoved);
    for (const child of tile.children) child.hidden = isRemoved;
    for (const field of tile.querySelectorAll("input")) field.disabled = isRemoved;
  }

  // One that was removed before this page was opened: the page knows nothing of it but its name.
  async restore(button) {
    await post(this, `/${button.dataset.media}/restore`).catch(() => {});
    location.reload();
  }

  // --- order --------------------------------------------------------------------------------------------------------------------------

  move(tile, by, button) {
    const before = this.all;
    const place = before.indexOf(tile) + by;
    if (place >= 0 && place < before.length) {
      this.put(tile, by < 0 ? before[place] : before[place].nextElementSibling);
      // At either end the button is not there any more; its counterpart is.
      const isThere = button.checkVisibility({ visibilityProperty: true });
      (isThere ? button : button.parentNode.querySelector(`[data-do=${by < 0 ? "later" : "earlier"}]`)).focus();
      tile.scrollIntoView({ block: "nearest" });
    }
    this.tell(tile);
    this.arranged();
  }

  // `moveBefore` keeps the focus and pictures as they are, where there is one.
  put(tile, before) { this.tiles[this.tiles.moveBefore ? "moveBefore" : "insertBefore"](tile, before); }

  tell(tile) {
    const { all } = this;
    this.announce(fill(this.words.moved, { name: tile.dataset.name, place: all.indexOf(tile) + 1, count: all.length }));
  }

  grab(event) {
    const tile = event.target.closest("[data-part=handle]")?.closest(".tile");
    if (!tile || event.button) return;
    event.preventDefault();
    const before = this.all.indexOf(tile);
    const drag = (moved) => this.drag(tile, moved);
    const drop = () => {
      tile.classList.remove("is-dragged");
      document.removeEventListener("pointermove", drag);
      for (const end of ["pointerup", "pointercancel"]) document.removeEventListener(end, drop);
      if (this.all.indexOf(tile) === before) return;
      this.tell(tile);
      this.arranged();
    };
    tile.classList.add("is-dragged");
    document.addEventListener("pointermove", drag);
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, drop);
  }

  drag(tile, { clientX, clientY }) {
    if (clientY < EDGE) scrollBy(0, -EDGE / 5);
    if (clientY > innerHeight - EDGE) scrollBy(0, EDGE / 5);
    const over = document.elementFromPoint(clientX, clientY)?.closest(".tile");
    if (!over || over === tile || over.parentNode !== this.tiles) return;
    const isLater = tile.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
    this.put(tile, isLater ? over.nextElementSibling : over);
  }

  // The order, the cover or the number of files changed: there is always a cover, and the step saves itself.
  arranged() {
    const covers = [...this.tiles.querySelectorAll("input[name=cover]:not(:disabled)")];
    const isComing = this.tiles.firstElementChild?.matches("[data-local]"); // it will be the first, and the cover
    if (covers.length && !isComing && !covers.some((each) => each.checked)) covers[0].checked = true;
    const form = this.section.closest("form");
    form?.elements[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function sizeInWords(size) {
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const [unit, power] = [["GB", 30], ["MB", 20], ["KB", 10]].find(([, each]) => size >= 2 ** each) ?? ["B", 0];
  return `${number.format(size / 2 ** power)} ${unit}`;
}

function present() {
  const section = document.querySelector("[data-upload]");
  if (!section) return null;
  if (!panels.has(section)) panels.set(section, new Panel(section));
  return panels.get(section);
}

const holdsFiles = (transfer) => transfer?.types.includes("Files");

document.addEventListener("dragover", (event) => {
  const panel = holdsFiles(event.dataTransfer) && present();
  if (!panel) return;
  // Without this a file that misses the zone would take the page's place.
  event.preventDefault();
  panel.zone.classList.toggle("is-over", panel.section.contains(event.target));
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) present()?.zone.classList.remove("is-over"); });
document.addEventListener("drop", (event) => {
  const panel = holdsFiles(event.dataTransfer) && present();
  if (!panel) return;
  event.preventDefault();
  panel.zone.classList.remove("is-over");
  if (panel.section.contains(event.target)) panel.add([...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  const panel = files.length && present();
  if (!panel) return;
  event.preventDefault();
  panel.add(files);
});
window.addEventListener("online", () => { for (const upload of uploads) if (upload.isFailed) upload.queue(); });
window.addEventListener("beforeunload", (event) => { if (uploads.size) event.preventDefault(); });
document.addEventListener("htmx:after:process", present);
present();

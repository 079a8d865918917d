// What a person sees and does of uploads: the tiles of `templates/media/_uploads.html`, their buttons and order, and what is said aloud.
import { Pace, ask, fill, fingerprint, part, timeInWords } from "./upload-wire.js";
import { Upload, finished, uploads, wakes } from "./upload-transfer.js";
import { all, present } from "./unsaved-text.js";

const { rules, words } = await import(`/media/words/${document.documentElement.lang}.js`); // app/media/views.py

const MILESTONES = [75, 50, 25]; // percent that are said aloud
const LONG = 4 * 2 ** 20; // bytes: less is sent before anybody could listen to milestones
const SOON = 10_000; // ms for what a button does
const SAVED = 3_000; // ms for what is typed to be saved before its file goes
const EDGE = 80; // px from the edge of the screen where dragging scrolls

const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });
const element = (html) => Object.assign(document.createElement("template"), { innerHTML: html.trim() }).content.firstElementChild;
const stateOf = (tile) => part(tile, "state").dataset.state;
const pace = new Pace(); // of all files together
let milestone = 0;

class Panel {
  constructor(section) {
    const { url: base, entityType, entityId } = section.dataset;
    const token = document.querySelector("[name=csrf_token]").value;
    Object.assign(this, { section, base, token, entityType, entityId, rules, words });
    for (const name of ["tiles", "problems"]) this[name] = part(section, name);
    section.addEventListener("click", (event) => this.act(event));
    section.addEventListener("change", (event) => this.picked(event));
    section.addEventListener("pointerdown", (event) => grab(this.tiles, event, (tile) => this.ordered(tile)));
    for (const upload of uploads) if (upload.panel.entityId === this.entityId) this.adopt(upload);
    for (const tile of inOrder(this.tiles)) this.takeUp(tile);
    this.overall();
    // Files that were chosen before this script was there wait in their fields.
    for (const field of section.querySelectorAll("[type=file]")) field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  get zone() { return this.section.querySelector("[data-dropzone]"); }
  number(name, otherwise) { return Number(this.section.dataset[name]) || otherwise; }
  announce(words) { part(this.section, "live").textContent = words; }
  uploadOf(tile) { return [...uploads].find((each) => each.tile === tile); }

  picked(event) {
    const { target } = event;
    if (target.type !== "file") return;
    // Autosave need not hear of it.
    event.stopPropagation();
    this.add([...target.files], target.closest(".tile"));
    target.value = "";
  }

  // `tile`: the one whose file was asked for again.
  add(files, tile) {
    this.problems.replaceChildren();
    const good = files.filter((file) => this.check(file));
    for (const file of good) this.begin(file, tile);
    if (good.length && !tile) this.announce(fill(this.words[good[1] ? "started" : "startedOne"], { count: good.length, name: good[0].name }));
  }

  // A file that was begun before and never finished goes on where it stopped.
  async begin(file, asked) {
    const same = inOrder(this.tiles).filter((tile) => Number(tile.dataset.bytes) === file.size && tile.dataset.fingerprint);
    const mark = same.length ? await fingerprint(file) : null;
    const tile = same.find((each) => each.dataset.fingerprint === mark && stateOf(each) === "granted" && !this.uploadOf(each));
    if (asked && tile !== asked) return this.problem(file.name, fill(this.words.other, asked.dataset));
    return new Upload(this, file, this.typeOf(file), tile);
  }

  typeOf(file) {
    const { type, name } = file;
    return type && !/octet-stream/.test(type) ? type : (this.rules.endings[name.split(".").pop().toLowerCase()] ?? "");
  }

  check(file) {
    const type = this.typeOf(file);
    const most = this.rules.types[type];
    const { unknown, empty, large } = this.rules;
    const problem = !most ? unknown : !file.size ? empty : file.size > most ? large[type.split("/")[0]] ?? large.document : null;
    if (problem) this.problem(file.name, problem);
    return !problem;
  }

  problem(name, sentence) { this.tell(name, sentence); }

  // A line about a file, which is returned.
  tell(name, sentence) {
    const line = this.copy("problem");
    part(line, "name").textContent = name;
    part(line, "why").textContent = sentence;
    this.problems.append(line);
    return line;
  }

  refuse(upload, sentence) {
    upload.gone();
    upload.tile.remove();
    this.problem(upload.file.name, sentence);
  }

  copy(name) { return part(this.section, name).content.firstElementChild.cloneNode(true); }

  transfer(upload) {
    const box = this.copy("sending");
    for (const of of box.querySelectorAll("[data-part=of]")) of.textContent = ` ${upload.file.name}`;
    box.querySelector("progress").setAttribute("aria-label", upload.file.name);
    upload.tools = part(box, "tools");
    return box;
  }

  // The tile of a file that nobody has granted yet: shown at once, with the picture itself.
  local(upload) {
    const tile = this.copy("local");
    part(tile, "name").textContent = upload.file.name;
    part(tile, "state").append(upload.box);
    if (upload.type.startsWith("image/")) tile.dataset.kind = "image";
    this.picture(upload, tile);
    this.tiles.append(tile);
    return tile;
  }

  picture(upload, tile) {
    if (!upload.type.startsWith("image/")) return;
    const image = Object.assign(new Image(), { alt: "", src: URL.createObjectURL(upload.file) });
    const icon = part(tile, "thumb").firstElementChild;
    image.onerror = () => image.replaceWith(icon);
    icon.replaceWith(image);
  }

  granted(upload, html) {
    const before = upload.tile;
    this.mount(upload, element(html));
    const [old, about] = [before, upload.tile].map(description);
    if (old && about) about.value = old.value; // it was given up in the meantime, and is sent from the start
    const isHere = old && old === document.activeElement;
    before.replaceWith(upload.tile);
    if (isHere) about.focus();
    this.arranged();
  }

  // From now on this tile, which the app made, shows how the upload goes.
  mount(upload, tile) {
    const focused = upload.tools.contains(document.activeElement) && document.activeElement;
    const picture = upload.tile?.querySelector("img");
    if (picture) part(tile, "thumb").replaceChildren(picture); else if (!upload.tile) this.picture(upload, tile);
    part(tile, "status").replaceWith(upload.box);
    part(tile, "body").append(upload.tools); // behind its fields, also for the keyboard
    upload.tile = tile;
    if (focused) queueMicrotask(() => focused.focus());
  }

  // One came back to this step: the tile is the server's, its progress is here.
  adopt(upload) {
    const tile = upload.id ? document.getElementById(`media-${upload.id}`) : null;
    upload.panel = this;
    if (tile && part(tile, "status")) this.mount(upload, tile);
    else if (!upload.id) this.tiles.append(upload.tile);
  }

  takeUp(tile) {
    if (stateOf(tile) === "received") this.follow(tile);
    if (stateOf(tile) === "granted" && !this.uploadOf(tile)) this.offer(tile);
  }

  // Its upload was cut off. All of it may be there; if not, whoever has the file can go on.
  async offer(tile) {
    const path = `/${tile.dataset.media}`;
    const { parts, done } = await ask(this, `${path}/upload`, { method: "GET" }).catch(() => ({ done: [] }));
    if (!done.length || !tile.isConnected || this.uploadOf(tile)) return;
    if (done.length < parts) part(tile, "kept").textContent = fill(this.words.kept, { percent: Math.floor((done.length / parts) * 100) });
    else await ask(this, `${path}/received`).then((received) => this.landed(tile, received), () => {});
  }

  arrived(upload, received) {
    this.announce(fill(this.words.arrived, { name: upload.file.name }));
    this.landed(upload.tile, received);
  }

  landed(tile, received) {
    this.show(tile, received.tile);
    if (received.state === "received") this.follow(tile);
  }

  overall() {
    const all = [...uploads];
    const sum = (value) => all.reduce((total, each) => total + value(each), finished.bytes);
    const [sent, size, count, done] = [sum((each) => each.sent), sum((each) => each.file.size), all.length + finished.count, finished.count];
    const percent = size ? Math.floor((sent / size) * 100) : 0;
    const isMoving = all.some((each) => each.state === "sending");
    if (isMoving) pace.note(sent); else pace.samples = [];
    const seconds = pace.remaining(size - sent);
    const line = part(this.section, "total");
    line.classList.toggle("is-idle", !all.length || count < 2);
    line.querySelector("progress").value = percent;
    part(line, "total-words").textContent = fill(this.words[seconds ? "totalRemaining" : "total"], { done, count, percent, time: timeInWords(seconds) });
    const reached = MILESTONES.find((each) => percent >= each && isMoving && size > LONG) ?? 0;
    if (reached > milestone) this.announce(fill(this.words[count > 1 ? "milestoneAll" : "milestone"], { name: all[0].file.name, percent: reached }));
    milestone = all.length ? Math.max(milestone, reached) : 0;
  }

  show(tile, html) {
    const before = part(tile, "state");
    const after = element(html);
    const picture = before.querySelector("img[src^='blob:']");
    if (picture && after.querySelector("img")) URL.revokeObjectURL(picture.src);
    else if (picture && after.dataset.state !== "rejected") part(after, "thumb").replaceChildren(picture);
    before.replaceWith(after);
    part(tile, "tools")?.remove();
  }

  async follow(tile) {
    const id = tile.dataset.media;
    for (let look = 0; ; look += 1) {
      await sleep(Math.min(10_000, 700 * 1.4 ** look));
      if (!tile.isConnected) return;
      const response = await fetch(`${this.base}/${id}/tile`, { headers: { Accept: "text/html", "HX-Request": "true" }, signal: AbortSignal.timeout(10_000) }).catch(() => null);
      if (response?.status === 404) return;
      if (!response?.ok) continue;
      const html = await response.text();
      const { state } = element(html).dataset;
      if (state === "received") continue;
      if (state === "rejected") this.damn(tile);
      this.show(tile, html);
      const reason = state === "rejected" ? part(tile, "status").textContent.trim() : "";
      this.announce(fill(this.words[state] ?? "", { name: tile.dataset.name, reason }));
      return;
    }
  }

  // Nobody will see it, and it can't be the cover. What somebody wrote about it stays to be copied.
  damn(tile) {
    keepHeight(tile);
    const about = part(tile, "about");
    const field = about?.querySelector("[name^=alt-]");
    if (field?.value) {
      field.readOnly = true;
      about.querySelector(".choice")?.remove();
    } else {
      about?.remove();
    }
    this.arranged();
  }

  act(event) {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    event.preventDefault();
    const tile = button.closest(".tile");
    const upload = this.uploadOf(tile);
    const acts = {
      earlier: () => this.move(tile, -1, button),
      later: () => this.move(tile, 1, button),
      remove: () => (upload ? this.drop(upload) : this.remove(tile)),
      undo: () => this.undo(tile),
      restore: () => this.restore(button),
      pause: () => upload?.pause(),
      go: () => upload?.queue(),
      retry: () => upload?.queue(),
      cancel: () => this.drop(upload),
    };
    acts[button.dataset.do]?.();
  }

  async drop(upload) {
    const next = upload.tile.nextElementSibling ?? upload.tile.previousElementSibling;
    if (!(await this.setAside(upload.tile, upload.file.name))) return;
    upload.cancel();
    this.focus(next);
  }

  // A file that never arrived can't be put back. What was typed about it has to be saved before it goes: then it is among the earlier versions.
  async setAside(tile, name) {
    if (!description(tile)?.value.trim()) return true;
    tile.inert = true;
    const isSaved = await Promise.race([present()?.settle(), new Promise((done) => { setTimeout(done, SAVED, false); })]);
    tile.inert = false;
    const line = this.tell(name, this.words[isSaved ? "setAside" : "undescribed"]);
    if (isSaved) line.className = "hint"; // no fault of anybody's
    return isSaved;
  }

  focus(tile) { (tile?.querySelector("button:not([hidden])") ?? this.section.querySelector("input[type=file]")).focus(); }

  async remove(tile) {
    if (stateOf(tile) === "granted" && !(await this.setAside(tile, tile.dataset.name))) return undefined;
    tile.inert = true; // what is typed into it from now on would go with it
    const isRemoved = await this.told(tile, "remove");
    tile.inert = false;
    if (!isRemoved) return tile.querySelector("[data-do=remove]").focus();
    const words = fill(this.words.removed, tile.dataset);
    this.announce(words);
    if (stateOf(tile) === "granted") {
      // It never arrived: there is nothing to bring back.
      const next = tile.nextElementSibling ?? tile.previousElementSibling;
      tile.remove();
      this.focus(next);
    } else {
      const note = this.copy("undo");
      part(note, "words").textContent = words;
      this.close(tile, true);
      tile.append(note);
      note.querySelector("button").focus();
    }
    return this.arranged();
  }

  async undo(tile) {
    if (!(await this.told(tile, "restore"))) return;
    tile.querySelector(".tile-undo").remove();
    this.close(tile, false);
    tile.querySelector("[data-do=remove]").focus();
    this.announce(fill(this.words.restored, tile.dataset));
    this.arranged();
  }

  // Whether the app has done it; if not, why is said.
  told(tile, verb) {
    const isAnswer = (error) => error.status && error.message;
    return ask(this, `/${tile.dataset.media}/${verb}`, { signal: AbortSignal.timeout(SOON) })
      .catch((error) => this.problem(tile.dataset.name, isAnswer(error) ? error.message : this.words.failed));
  }

  close(tile, isRemoved) {
    keepHeight(tile, isRemoved);
    tile.classList.toggle("is-removed", isRemoved);
    for (const child of tile.children) child.hidden = isRemoved;
    // What it shows is kept with it, should it come back.
    for (const field of tile.querySelectorAll("input:not([name^=alt-])")) field.disabled = isRemoved;
  }

  // One that was removed before this page was opened.
  async restore(button) {
    const { media, name = "" } = button.dataset;
    const isRestored = await ask(this, `/${media}/restore`).catch((error) => this.problem(name, error.message || this.words.failed));
    await Promise.all(all().map((text) => text.settle()));
    if (isRestored) location.reload();
  }

  move(tile, by, button) {
    step(this.tiles, tile, by, button);
    this.ordered(tile);
  }

  ordered(tile) {
    const all = inOrder(this.tiles);
    this.announce(fill(this.words.moved, { name: tile.dataset.name, place: all.indexOf(tile) + 1, count: all.length }));
    this.arranged();
  }

  // The order, the cover or the number changed: there is a cover, and the step saves itself.
  arranged() {
    const covers = [...this.tiles.querySelectorAll("input[name=cover]:not(:disabled)")];
    const isComing = this.tiles.firstElementChild?.matches("[data-local]"); // it will be the first, and the cover
    if (covers.length && !isComing && !covers.some((each) => each.checked)) covers[0].checked = true;
    const form = this.section.closest("form");
    form?.elements[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

const description = (tile) => tile.querySelector("input[name^=alt-]");

// With less in it a tile keeps its height: nothing moves under the thumb.
const keepHeight = (tile, isKept = true) => { tile.style.minBlockSize = isKept ? `${tile.offsetHeight}px` : ""; };
const inOrder = (tiles) => [...tiles.children].filter((tile) => !tile.matches(".is-removed"));

// `moveBefore` keeps the focus and pictures as they are, where there is one.
const place = (tiles, tile, before) => tiles[tiles.moveBefore ? "moveBefore" : "insertBefore"](tile, before);

// One place earlier (-1) or later (1). Whether it moved.
function step(tiles, tile, by, button) {
  const before = inOrder(tiles);
  const target = before.indexOf(tile) + by;
  if (target < 0 || target >= before.length) return false;
  place(tiles, tile, by < 0 ? before[target] : before[target].nextElementSibling);
  // At either end only its counterpart is there.
  const isThere = getComputedStyle(button).visibility === "visible";
  (isThere ? button : button.parentNode.querySelector(`[data-do=${by < 0 ? "later" : "earlier"}]`)).focus();
  tile.scrollIntoView({ block: "nearest" });
  return true;
}

// `dropped(tile)`: it was let go elsewhere than it was taken.
function grab(tiles, event, dropped) {
  const tile = event.target.closest("[data-part=handle]")?.closest(".tile");
  if (!tile || event.button) return;
  event.preventDefault();
  const before = inOrder(tiles).indexOf(tile);
  const move = (moved) => drag(tiles, tile, moved);
  const drop = () => {
    tile.classList.remove("is-dragged");
    document.removeEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"]) document.removeEventListener(end, drop);
    if (inOrder(tiles).indexOf(tile) !== before) dropped(tile);
  };
  tile.classList.add("is-dragged");
  document.addEventListener("pointermove", move);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, drop);
}

function drag(tiles, tile, { clientX, clientY }) {
  if (clientY < EDGE) scrollBy(0, -EDGE / 5);
  if (clientY > innerHeight - EDGE) scrollBy(0, EDGE / 5);
  const over = document.elementFromPoint(clientX, clientY)?.closest(".tile");
  if (!over || over === tile || over.parentNode !== tiles) return;
  const isLater = tile.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
  place(tiles, tile, isLater ? over.nextElementSibling : over);
}

const panels = new WeakMap(); // section -> Panel

function panelHere() {
  const section = document.querySelector("[data-upload]");
  if (!section) return null;
  if (!panels.has(section)) panels.set(section, new Panel(section));
  return panels.get(section);
}

const holdsFiles = (transfer) => transfer?.types.includes("Files");

document.addEventListener("dragover", (event) => {
  const panel = holdsFiles(event.dataTransfer) && panelHere();
  if (!panel) return;
  // Without this a file that misses the zone would take the page's place.
  event.preventDefault();
  panel.zone.classList.toggle("is-over", panel.section.contains(event.target));
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) panelHere()?.zone.classList.remove("is-over"); });
document.addEventListener("drop", (event) => {
  const panel = holdsFiles(event.dataTransfer) && panelHere();
  if (!panel) return;
  event.preventDefault();
  panel.zone.classList.remove("is-over");
  if (panel.section.contains(event.target)) panel.add([...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  const panel = files.length && panelHere();
  if (!panel) return;
  event.preventDefault();
  panel.add(files);
});
window.addEventListener("offline", () => { for (const upload of uploads) upload.offline(); });
window.addEventListener("online", () => {
  for (const upload of uploads) upload.online();
  for (const wake of wakes) wake();
});
window.addEventListener("beforeunload", (event) => { if (uploads.size) event.preventDefault(); });
document.addEventListener("htmx:after:process", panelHere);
panelHere();

// Brings the words of others into a form that somebody types in: only where it stands as it stood before, without a word lost and without moving
// the focus or the caret. What both changed is asked beside the field.
import { ROW, changes, isIn, params, partOf, wordsOf } from "./words.js";

// The disputes that wait for a choice, as fieldsets.
export const undecided = (form) => [...form.querySelectorAll(".dispute")].filter((each) => !each.querySelector(":checked"));
export const openUnits = (form) => undecided(form).map((each) => each.dataset.unit);

// What the server keeps of a dispute. The choice is this page's: the answer to Continue need not be told of it.
export function ownWords(dispute) {
  dispute.querySelector("[name=keep]")?.remove();
  return dispute.querySelector("[value=theirs]").dataset.words;
}

// Of each dispute its unit, and the other text of it. A row is in dispute where this page shows it: elsewhere it may have moved.
export const theirSides = (conflict) => [...conflict.querySelectorAll(".dispute")].map((each) => [each.dataset.unit, each.querySelector("[value=theirs]").dataset.words]);

// Rows are told apart by their place alone: with one of them any other may have changed.
const groupOf = (name) => name.replace(ROW, "$1-");
const rowsOf = (words, group) => [...params(words).keys()].filter((name) => groupOf(name) === group).join();

// Turn the form from the words `before` to `after` where it still says what it said before. Whether it shows all of them then.
export function bring(form, before, after) {
  const [now, wanted, disputed] = [wordsOf(form), params(after), openUnits(form)];
  const isOpen = (name) => !disputed.some((unit) => isIn(unit, name));
  const touched = new Set([...changes(before, now).filter(isOpen), ...disputed.map((unit) => `${unit}-any`)].map(groupOf));
  const theirs = changes(before, after).filter(isOpen);
  const fits = (group) => !touched.has(group) && (!group.endsWith("-") || rowsOf(now, group) === rowsOf(after, group));
  const due = theirs.filter((name) => fits(groupOf(name)));
  for (const name of due) show(form, name, wanted.getAll(name));
  const left = changes(wordsOf(form), after);
  return theirs.every((name) => due.includes(name) && !left.includes(name));
}

// Write texts into the fields of a name. Whether there are any.
export function show(form, name, texts) {
  const controls = [...form.elements].filter((each) => each.name === name);
  for (const control of controls) {
    if (control.matches("[type=checkbox], [type=radio]")) control.checked = texts.includes(control.value);
    else if (controls.length === 1 && texts.length === 1) write(control, texts[0]);
  }
  return controls.length > 0;
}

// Control characters, which no page can show, come beside it. Rows that were just drawn lack them too.
export function bringExact(form) {
  const plain = (text) => text.replace(/[\p{Cc}\p{Noncharacter_Code_Point}]/gu, "");
  for (const [name, text] of params(form.elements.version.dataset.exact)) {
    const control = form.elements[name];
    if (control?.type && plain(control.value) === plain(text)) write(control, text);
  }
}

// A time field takes no text that is no time: such text stands in a text field (wizard.js makes it a time field again).
function write(control, text) {
  const { value: before, selectionStart: start, selectionEnd: end } = control;
  const isFocused = document.activeElement === control;
  control.value = text;
  if (control.type === "time" && control.value !== text) {
    Object.assign(control, { type: "text", value: text });
    control.dataset.time = "";
  }
  if (!isFocused || typeof start !== "number") return;
  let same = 0;
  while (same < before.length && before[same] === text[same]) same += 1;
  const moved = (at) => (at <= same && at < before.length ? at : Math.max(same, at + text.length - before.length));
  control.setSelectionRange(moved(start), moved(end));
}

// Rows that were added, removed or put in another order elsewhere come as they stand in a fresh page. Not where somebody is working.
export function bringRows(form, fresh, before) {
  const busy = changes(before, wordsOf(form));
  for (const rows of form.querySelectorAll("[data-rows]")) {
    const newer = fresh.querySelector(`#${rows.id}`);
    const names = [...rows.querySelectorAll("[name]"), ...(newer?.querySelectorAll("[name]") ?? [])].map((each) => each.name);
    if (!newer || rows.contains(document.activeElement) || busy.some((name) => names.includes(name))) continue;
    if (rows.matches("ul")) arrange(rows, newer);
    else rows.replaceWith(newer);
    htmx.process(form.querySelector(`#${rows.id}`));
  }
}

// Tiles that are here stay as they are: a picture is shown in one, a file is on its way in another.
function arrange(list, newer) {
  for (const item of [...list.children]) {
    if (!newer.querySelector(`#${item.id || "none"}`) && !item.querySelector("[data-part=transfer]")) item.remove();
  }
  for (const item of [...newer.children]) list.append(list.querySelector(`#${item.id}`) ?? item);
}

// Ask beside the field what the server could not decide.
export function ask(form, conflict) {
  for (const dispute of conflict.querySelectorAll(".dispute")) {
    const { unit } = dispute.dataset;
    ownWords(dispute);
    for (const old of form.querySelectorAll(".dispute")) if (old.dataset.unit === unit) old.remove();
    const field = [...form.elements].find((each) => each.type !== "hidden" && isIn(unit, each.name));
    const place = field?.closest(".row, .day") ?? field?.closest(".beside") ?? field?.closest(".field, .tile-about") ?? form.querySelector(".step-head");
    place.after(dispute);
    // Where one types, the question is not left under the line that is about to tell of it.
    const here = document.activeElement;
    if (here?.form === form && isIn(unit, here.name)) setTimeout(() => dispute.scrollIntoView({ block: "nearest" }));
  }
}

// Which side of a dispute stands in the form. Each side keeps what was typed under it, so that one can go back and forth.
export function choose(form, dispute, chosen) {
  const last = dispute.querySelector(`[value=${dispute.dataset.chosen ?? "mine"}]`);
  const unit = dispute.dataset.unit;
  last.dataset.words = partOf(wordsOf(form), unit);
  dispute.dataset.chosen = chosen.value;
  const wanted = params(chosen.dataset.words);
  for (const name of changes(last.dataset.words, chosen.dataset.words)) show(form, name, wanted.getAll(name));
}

// What somebody presses at a step, one after the other: Continue, the buttons of rows and links wait until all is saved, and what is pressed while
// another press waits or travels follows that one. What their requests and answers do: wizard.js.
import { undecided } from "./merge.js";
import { STATES } from "./unsaved-states.js";
import { present } from "./unsaved-text.js";
import { isIn, params, wordsOf } from "./words.js";

export const SLOW = 1_000; // ms after which somebody who pressed is told to wait

// A press: { name, path, words }. `name` finds its control again once an answer has brought a new one (`nameOf`), `path` is that of its step, and
// `words` are what the form said when it was pressed.
let underWay = null; // the press that waits or travels
let following = []; // presses that came meanwhile
let isWaiting = false; // a press waits until all is saved
let resumed = null; // { words, isTried }, while a press goes out that has waited: its words, and whether saving was tried since
let pressedAgain = null; // the press under way, which came again: who did that meant it, should it get no answer
let focusAtPress = null; // of the press that travels
let turns = 0; // how often somebody went back or forward: what waits is given up then
let refusedLink = null; // the link that was not followed, for want of a save

const nameOf = (control) => control?.href || control?.value || "continue";
const rowOf = (press) => /^(\w+)\.(\w+)\.(\d+)$/.exec(press?.name) ?? [];
const isLink = ({ name }) => name.includes("://");

// Beside what was pressed: what becomes of it (templates/wizard/_press_words.html); nothing where all is well.
export function tellBeside(control, what) {
  for (const old of document.querySelectorAll(".press-status")) old.remove();
  if (!what) return;
  const line = document.getElementById("press-words").content.firstElementChild.cloneNode(true);
  line.textContent = line.dataset[what];
  line.classList.toggle("is-waiting", what === "waiting");
  line.setAttribute("role", what === "waiting" ? "status" : "alert");
  const here = control?.isConnected && control !== document.body ? control : document.getElementById("step-title");
  // The bar of buttons stays in sight on a phone.
  const bar = here.closest(".step-actions");
  if (bar) bar.prepend(line);
  else (here.closest(".steps, .row, #packages") ?? here).after(line);
}

export function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

// A field in which the browser shows something that it does not tell, such as an hour without minutes. Asked to, it says what is missing.
export const halfTyped = (form) => [...form.elements].find((each) => each.validity?.badInput);

// Continue, and the buttons of rows, go out once nothing else is under way, with the newest version, and once.
export function pass(event, text, control) {
  const press = { name: nameOf(control), path: text.path, words: resumed?.words ?? wordsOf(text.form.dataset.held ?? text.form) };
  if (isWaiting || text.state === "leaving") {
    if (press.name !== underWay?.name) follows(press);
    else if (text.state === "leaving") pressedAgain = press;
    return stop(event);
  }
  const [dispute] = undecided(text.form);
  if (dispute) {
    stop(event);
    following = [];
    return dispute.querySelector("[type=radio]").focus();
  }
  const half = halfTyped(text.form);
  if (half) {
    stop(event);
    following = [];
    return half.reportValidity();
  }
  if (STATES[text.state].leaves && (text.isSafe || resumed?.isTried)) {
    [underWay, pressedAgain, focusAtPress] = [press, null, document.activeElement];
    return text.press(press.words);
  }
  stop(event);
  const turn = turns;
  // A form that is being submitted can't be submitted: once this event is over.
  return save(text, control, press).then(() => setTimeout(() => { if (turn === turns) resume(press, true); }));
}

// Save everything for a press that waits for it. Whether all of it is.
export async function save(text, control, press = { name: nameOf(control) }) {
  [isWaiting, underWay] = [true, press];
  tellBeside();
  const slow = setTimeout(() => tellBeside(control, "waiting"), SLOW);
  try {
    return await text.settle();
  } finally {
    clearTimeout(slow);
    tellBeside();
    isWaiting = false;
  }
}

// A link is followed once all is saved. If that can't be, it says so; pressed again, it is followed, and the browser asks.
export async function follow(link, text) {
  const [press, turn] = [{ name: link.href }, turns];
  if (isWaiting) return void (press.name !== underWay?.name && follows(press));
  const half = refusedLink !== link.href && halfTyped(text.form);
  if (half) half.reportValidity();
  const isSaved = !half && await save(text, link, press);
  if (turn !== turns) return;
  if (isSaved) {
    if (!following.length) following = [press];
    pressNext();
  } else {
    following = [];
    if (refusedLink === link.href) location.assign(link.href);
    else tellBeside(link, "unsaved");
    refusedLink = link.href;
  }
}

// Another press than the one under way. A link leads away: of two of them the last one counts.
function follows(press) {
  following = following.filter((each) => each.name !== press.name && !(isLink(each) && isLink(press)));
  following.push(press);
}

export function pressNext() {
  if (isWaiting || present()?.state === "leaving") return; // they come after that one
  while (following.length && !resume(following.shift(), false));
}

// Press it once more, and tell whether it is still there. The buttons of another step are other ones, but for the one that leaves the wizard.
function resume(press, isTried) {
  if (!press.name) tellBeside(null, "failed");
  const isAnywhere = isLink(press) || press.name === "later";
  const found = [...document.querySelectorAll("a[href], #continue, #wizard button[name=action]")].find((each) => nameOf(each) === press.name);
  if (!found || !(isAnywhere || present()?.path === press.path)) return false;
  resumed = isLink(press) ? null : { words: press.words, isTried };
  found.click();
  resumed = null;
  return true;
}

// The answer to a press is here, or none. What was pressed meanwhile follows, unless there is something to read first.
export function answered(isTaken) {
  if (!isTaken) following = [];
  setTimeout(pressNext);
}

export const unanswered = () => { if (pressedAgain) setTimeout(resume, 0, pressedAgain, false); };
export const giveUp = () => { following = []; };
export const allIsSaved = () => { refusedLink = null; };
export const wasAtPress = (element) => element === focusAtPress;

// Somebody goes back or forward. Nothing that was pressed before that counts any more.
export function turnAway() {
  turns += 1;
  following = [];
}

// Others changed a row, or moved another one into its place: nobody knows any more which one was meant.
document.addEventListener("shingle:brought", ({ detail: { names } }) => {
  for (const press of [underWay, ...following]) {
    const [, group, , at] = rowOf(press);
    if (group && names.some((name) => isIn(`${group}-${at}`, name))) press.name = "";
  }
});

// Rows were moved: a button is that of its row's new place by then, and what the row said stands there.
export function rename(renamed) {
  for (const press of [underWay, ...following]) {
    if (!press?.words) continue;
    const [, group, verb, at] = rowOf(press);
    const row = group && renamed(`${group}-${at}-row`)?.split("-")[1];
    if (group) press.name = row ? `${group}.${verb}.${row}` : "";
    press.words = wordsOf(params([...params(press.words)].map(([name, text]) => [renamed(name), text]).filter(([name]) => name !== null)));
  }
  following = following.filter(({ name }) => name);
}

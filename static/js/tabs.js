// Tells the other tabs of this browser of each save, and brings theirs here: the words of the same step, the marks of the others.
import { present } from "./saver.js";

const tabs = new BroadcastChannel("shingle");
const pathOf = (form) => new URL(form.getAttribute("action"), location.href).pathname;
const draftOf = (path) => path.split("/").slice(0, 3).join("/");
const markOf = (path) => document.getElementById(`way-${path.split("/")[3]}`);

document.addEventListener("shingle:saved", ({ target, detail }) => {
  const path = pathOf(target);
  tabs.postMessage({ ...detail, path, mark: markOf(path)?.className, kept: document.getElementById("kept")?.innerHTML });
});

// Marks are the server's to draw, and they seldom change.
async function renewWay() {
  const response = await fetch(location.pathname, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (response?.ok) await htmx.swap({ text: await response.text(), target: "#way", select: "#way", swap: "outerMorph", selectOOB: false });
}

tabs.addEventListener("message", ({ data }) => {
  const saver = present();
  if (saver && pathOf(saver.form) === data.path) saver.hear(data);
  if (draftOf(location.pathname) !== draftOf(data.path)) return;
  const kept = document.getElementById("kept");
  if (kept && data.kept) kept.innerHTML = data.kept;
  if (markOf(data.path) && markOf(data.path).className !== data.mark) renewWay();
});

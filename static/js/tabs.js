// Tells the other tabs of this browser of each save, and brings theirs here: the words of the same step, the marks of the others.
import { request } from "./request.js";
import { present } from "./unsaved-text.js";

const tabs = new BroadcastChannel("shingle");
const draftOf = (path) => path.split("/").slice(0, 3).join("/");
const markOf = (path) => document.getElementById(`way-${path.split("/")[3]}`);

document.addEventListener("shingle:saved", ({ detail: { text, version, words } }) => {
  const { path } = text;
  tabs.postMessage({ version, words, path, mark: markOf(path)?.className, kept: document.getElementById("kept")?.innerHTML });
});

// Marks are the server's to draw, and they seldom change.
async function renewWay() {
  const { status, text } = await request(location.pathname);
  if (status === 200) await htmx.swap({ text, target: "#way", select: "#way", swap: "outerMorph", selectOOB: false });
}

tabs.addEventListener("message", ({ data }) => {
  const text = present();
  if (text?.path === data.path) text.hear(data);
  if (draftOf(location.pathname) !== draftOf(data.path)) return;
  const kept = document.getElementById("kept");
  if (kept && data.kept) kept.innerHTML = data.kept;
  if (markOf(data.path) && markOf(data.path).className !== data.mark) renewWay();
});

// Signing out of this browser. What other tabs of it have not saved yet is saved first; what can't be saved now is deleted with everything that
// was kept of the account, and the person is asked before that.
const channel = new BroadcastChannel("shingle-account");
const PATIENCE = 3_000; // ms for saves
const LOOK = 1_000; // ms for pages to answer, which may be busy
const leaver = document.querySelector("form[data-leaves]");
const account = leaver?.dataset.leaves;

async function kept() {
  const copies = await import("./copies.js");
  return copies.kept(account).catch(() => []);
}

// A page may hold words that this browser could not write down: it answers for itself.
let isHeard = false;
channel.addEventListener("message", ({ data }) => { isHeard ||= data.kind === "unsaved" && data.account === account; });

async function isAllSaved() {
  isHeard = false;
  channel.postMessage({ kind: "unsaved?", account });
  await new Promise((resolve) => { setTimeout(resolve, LOOK); });
  return !isHeard && (await kept()).length === 0;
}

async function saveAll() {
  channel.postMessage({ kind: "save" });
  const end = Date.now() + PATIENCE;
  while (!(await isAllSaved())) if (Date.now() > end) return false;
  return true;
}

async function mayDelete() {
  const { ask } = await import("./dialogs.js");
  return (await ask(document.getElementById("leaving").content.cloneNode(true))) === "leave";
}

// Beside what was pressed: others may have much to save.
function tellWaiting(form) {
  const line = Object.assign(document.createElement("span"), { className: "small muted", textContent: document.getElementById("leaving").dataset.waiting });
  line.setAttribute("role", "status");
  form.append(line);
  return line;
}

async function leave(form) {
  const waiting = tellWaiting(form);
  const isSaved = await saveAll();
  waiting.remove();
  if (!isSaved && !(await mayDelete())) return;
  document.documentElement.dataset.leaving = "yes";
  channel.postMessage({ kind: "leaving", account });
  const { forget } = await import("./copies.js");
  await forget(account).catch(() => {});
  // What was to be asked has been asked.
  for (const step of document.querySelectorAll("#step-form")) for (const name of ["data-autosave", "data-unsaved"]) step.removeAttribute(name);
  form.submit();
}

// Where nothing is kept there is nothing to wait for.
document.addEventListener("submit", (event) => {
  if (!event.target.dataset.leaves) return;
  if (localStorage.getItem(`shingle kept ${account}`)) {
    event.preventDefault();
    leave(event.target);
  } else {
    for (const kind of ["save", "leaving"]) channel.postMessage({ kind, account });
  }
});

// Tabs that wait for somebody to sign in, or that belong to another account, look who it is.
if (account) channel.postMessage({ kind: "here", account });

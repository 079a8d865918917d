// Signing in again without leaving the page: the sign-in form of the site in a dialog. Afterwards what was typed is saved, if it is the same
// account; another one gets to see nothing of it.
import { ask, close, complain, isAsking, toField } from "./dialogs.js";
import { holdsUnwritten, offer, pause } from "./local-copy.js";
import { account, request as send } from "./request.js";
import { channel, seal, whoIsHere, wipe } from "./session.js";
import { all, present } from "./unsaved-text.js";

const URL_OF_FORM = document.getElementById("local").dataset.door;
const LEAVING = 300; // ms between two looks whether signing out has worked
const LEFT = 6_000; // ms until it should have

// The sign-in form, or what it answers. A redirect says that somebody is signed in: now, or already.
async function request(asked) {
  const { type, content } = await send(URL_OF_FORM, asked);
  if (type === "opaqueredirect") return "in";
  return content.querySelector("#sign-in-form") ? content : null;
}

async function show(content) {
  const { letShow } = await import("./password.js");
  letShow(content);
  return ask(content, { submit });
}

async function submit(form) {
  const found = await request({ method: "POST", body: new FormData(form) });
  if (found === "in") await signedIn();
  else if (found) show(found);
  else complain();
}

export async function open() {
  if (isAsking()) return;
  const found = await request();
  if (found === "in") await signedIn();
  else if (found && !isAsking()) show(found);
  else if (!found) location.assign(`${URL_OF_FORM}?next=${encodeURIComponent(location.pathname)}`);
}

async function signedIn() {
  const who = await whoIsHere(); // and the tokens that the page needs, before anybody can go on in it
  if (isAsking()) {
    close();
    toField(); // the link that led here goes with the words around it
  }
  document.getElementById("problem")?.replaceChildren();
  channel.postMessage({ kind: "here" });
  await meet(who);
}

const look = async () => meet(await whoIsHere());

// Whoever is signed in now: the same account saves what waits, another one closes the page.
async function meet(who) {
  if (who === "other") await seal();
  else if (who === "same" && present()?.isUnsaved) await present().flush();
  if (who === "same" && present()) offer(present());
}

// Another tab signs the account out. In that tab itself the form that does so goes on by itself.
async function waitUntilLeft() {
  pause(true);
  if (document.documentElement.dataset.leaving) return;
  const end = performance.now() + LEFT;
  let who = "";
  while (who !== "nobody" && performance.now() < end) {
    who = await Promise.race([whoIsHere(), new Promise((done) => { setTimeout(done, LEFT); })]);
    if (who !== "nobody") await new Promise((done) => { setTimeout(done, LEAVING); });
  }
  if (who !== "nobody" || !(await wipe())) pause(false);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-sign-in]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open();
}, true);

// Continue was pressed while signed out: that is the moment to ask, not while somebody types.
document.addEventListener("htmx:after:request", (event) => {
  const { response, request } = event.detail.ctx;
  if (request?.method !== "POST") return;
  if (response?.status === 401) open();
  if (response?.status === 403) seal();
});

document.addEventListener("shingle:unsaved", ({ detail }) => { if (detail.why === "other") seal(); });

// A page that the browser had put aside comes back as it was, whoever is here by now.
window.addEventListener("pageshow", async ({ persisted }) => {
  if (!persisted) return;
  const who = await whoIsHere();
  if (who === "other") await seal();
  else if (who === "nobody" && !present()?.isUnsaved) wipe();
});

channel.addEventListener("message", ({ data }) => {
  const unsaved = all().filter((text) => text.isUnsaved);
  if (data.kind === "here" && data.account !== account) look();
  else if (["here", "save"].includes(data.kind)) for (const text of unsaved) text.flush();
  else if (data.kind === "unsaved?" && data.account === account && (unsaved.length || holdsUnwritten())) channel.postMessage({ kind: "unsaved", account });
  else if (data.kind === "leaving" && data.account === account) waitUntilLeft();
});

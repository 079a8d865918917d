// Who is signed in in this browser by now, as far as a page of the wizard has to know: it was made for one account.
import { canKeep, isAllKept, keepNow, stop } from "./local-copy.js";
import { renewToken, request } from "./request.js";
import { all, present } from "./unsaved-text.js";

const AGAIN = 5_000; // ms until it is asked again who is here
let isSealed = false;

export const channel = new BroadcastChannel("shingle-account");

// "same", "other", "nobody", or "unknown" when the server could not be asked. The token of the page becomes that of the session that it is now.
export async function whoIsHere() {
  const { status, content } = await request(location.pathname);
  if (status === 200) renewToken(content);
  return { 200: "same", 401: "nobody", 403: "other" }[status] ?? "unknown";
}

// Another account is signed in. Nothing of this page stays where that one could read it: what was not saved waits in the browser, encrypted, for
// the account that typed it. Where not all of it could be kept, the page is the only place that has the text, and stays.
export async function seal() {
  if (isSealed) return;
  const { status, content } = await request(location.pathname);
  if (status === 0 || status >= 500) setTimeout(seal, AGAIN);
  if (status !== 403) return;
  await keepNow();
  if (isSealed || !(await canKeep()) || !isAllKept()) return;
  isSealed = true;
  await stop();
  const main = document.querySelector("main");
  const heading = content.querySelector("h2");
  const title = Object.assign(document.createElement("h1"), { tabIndex: -1, textContent: heading.textContent });
  heading.replaceWith(title);
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  document.title = title.textContent;
  document.querySelector(".site-nav")?.remove();
  main.replaceChildren(content);
  title.focus();
}

// The account was signed out on purpose: nothing of it stays on the screen. The person was asked about what could not be saved, but for a page whose
// words no browser can keep. Whether it was emptied.
export async function wipe() {
  if (present()?.isUnsaved && !(await canKeep())) return false;
  await stop();
  for (const { form } of all()) form.removeAttribute("data-autosave"); // nothing is asked, and nothing kept, when the page goes
  document.querySelector("main").replaceChildren();
  location.reload();
  return true;
}

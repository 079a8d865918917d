// Who is signed in in this browser by now, as far as a page of the wizard has to know: it was made for one account.
import { parsed } from "./dialogs.js";
import { account, keepNow, stop } from "./kept.js";

export const channel = new BroadcastChannel("shingle-account");
const asking = { cache: "no-store", redirect: "manual", headers: { "HX-Request": "true", "X-Account": account } };

// "same", "other", "nobody", or "unknown" when the server could not be asked. The tokens of the page become those of the session that it is now.
export async function whoIsHere() {
  try {
    const response = await fetch(location.pathname, asking);
    const token = parsed(await response.text()).querySelector("[name=csrf_token]");
    if (response.status === 200 && token) for (const field of document.querySelectorAll("[name=csrf_token]")) field.value = token.value;
    return { 200: "same", 401: "nobody", 403: "other" }[response.status] ?? "unknown";
  } catch {
    return "unknown";
  }
}

// Another account is signed in. Nothing of this page stays where that one could read it: what was not saved waits in the browser, encrypted, for
// the account that typed it. Where nothing can be kept, the page is the only place that has the text, and stays.
export async function seal() {
  const answer = await fetch(location.pathname, asking).catch(() => null);
  if (answer?.status !== 403) return;
  const content = parsed(await answer.text());
  await keepNow();
  if (!(await stop())) return;
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

// The account was signed out on purpose: nothing of it stays on the screen.
export function leave() {
  document.querySelector("main").replaceChildren();
  location.reload();
}

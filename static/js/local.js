// What this page was told of its account: whose it is, and with which key this browser keeps its text. The keys are taken out of the page, and
// no script can read them back.
import { inherit, open } from "./copies.js";

const told = document.getElementById("local");
export const { account } = told.dataset;
export const copies = open(account, take("data-key")).catch(() => null); // `null` where nothing can be kept
export const inherited = takeOver(told.dataset.former, take("data-former-key")).catch(() => {}); // what a guest kept here is this account's

function take(name) {
  const value = told.getAttribute(name);
  told.removeAttribute(name);
  return value;
}

async function takeOver(guest, key) {
  const mine = await copies;
  if (mine && guest) await inherit(mine, await open(guest, key));
}

// Send something about what was kept of a step. `null` when there was no answer.
export async function send({ draft, step }, body) {
  try {
    const headers = { "HX-Request": "true", "X-Account": account };
    const response = await fetch(`/drafts/${draft}/${step}/kept`, { method: "POST", body, redirect: "manual", headers });
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch {
    return null;
  }
}

// What of a record is not as it is saved: the answer is 204 when nothing is, and else what there is to decide.
export function compare(record, { words, base }) {
  const asked = new FormData();
  asked.set("csrf_token", document.querySelector("[name=csrf_token]").value);
  asked.set("kept", words);
  asked.set("at", String(record.at));
  if (base !== null) asked.set("base", base);
  return send(record, asked);
}

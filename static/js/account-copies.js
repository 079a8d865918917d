// The copies that this browser keeps of this page's account: opened with the key that the page was told, and compared with what is saved. The key is
// taken out of the page, and no script can read it back.
import { inherit, open } from "./copies.js";
import { account, request } from "./request.js";

const told = document.getElementById("local");
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

// Send something about what was kept of a step.
export const send = ({ draft, step }, body) => request(`/drafts/${draft}/${step}/kept`, { method: "POST", body });

// What of a record is not as it is saved: the answer is 204 when nothing is, and else what there is to decide.
export function compare(record, { words, base, undecided = [] }) {
  const asked = new FormData();
  asked.set("kept", words);
  asked.set("at", String(record.at));
  asked.set("version", record.version);
  for (const unit of undecided) asked.append("undecided", unit);
  if (base !== null) asked.set("base", base);
  return send(record, asked);
}

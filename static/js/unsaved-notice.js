// Says where text waits that this browser keeps and the server has not got: on the dashboard beside its draft, in the wizard on the draft's other
// steps. Showing it and putting it back is left to the page of its step (local-copy.js).
import { compare, copies, inherited } from "./account-copies.js";
import { isAbandoned, remove } from "./copies.js";

const told = document.getElementById("say-elsewhere").content;
const judged = new Map(); // name and time of a record -> whether it holds something that is not saved
const putOff = new Set(); // names of records of the step that is shown, which were offered there

// Where something is to be said of a record on this page: under the steps, or in the row of its draft.
function placeOf({ draft, step, id }) {
  const [, , shownDraft, shownStep] = location.pathname.split("/");
  if (draft === shownDraft) return step === shownStep && !putOff.has(id) ? null : document.getElementById("way");
  return document.querySelector(`#service-${draft} [data-elsewhere]`);
}

// What reached the server with the last breath of its page is no news. Undecided where the server gave no answer.
async function judge(store, record) {
  if (!(await isAbandoned(record))) return undefined;
  const content = await store.read(record);
  const answer = content && (await compare(record, content));
  if (answer?.status === 204) await remove(record.id);
  return answer ? { 200: true, 204: false }[answer.status] : false;
}

async function isUnsaved(store, record) {
  const name = `${record.id} ${record.at}`;
  if (judged.get(name) === undefined) judged.set(name, await judge(store, record));
  return judged.get(name);
}

// A page that still lives saves by itself what it keeps: it holds up none of the others.
async function unsaved() {
  await inherited;
  const store = await copies;
  const found = store ? (await store.list()).filter(placeOf) : [];
  const isNews = await Promise.all(found.map((record) => isUnsaved(store, record)));
  return found.filter((_record, number) => isNews[number]);
}

const titleOf = (step) => (told.querySelector(`[data-step="${step}"]`) ?? document.querySelector(`#way-${step} .step-title`))?.textContent;

function words(records) {
  const content = told.cloneNode(true);
  const links = content.querySelector("[data-links]");
  const known = records.filter(({ step }) => titleOf(step));
  links.replaceChildren(...known.flatMap(({ draft, step }) => {
    const link = Object.assign(document.createElement("a"), { href: `/drafts/${draft}/${step}`, textContent: titleOf(step) });
    return [link, " "];
  }));
  return known.length ? content : null;
}

// In the place of a line that is there already, or under everything: nothing moves.
function show(place, records) {
  const content = words(records);
  if (!content) return;
  if (place.id === "way") {
    place.append(content);
    for (const { step } of records) document.getElementById(`way-${step}`)?.classList.add("has-kept");
  } else {
    place.replaceChildren(...content.firstElementChild.childNodes);
  }
}

async function tell() {
  document.querySelector("#way > .kept-elsewhere")?.remove();
  const found = await unsaved();
  for (const place of new Set(found.map(placeOf))) {
    if (place) show(place, found.filter((each) => placeOf(each) === place));
  }
}

let telling = Promise.resolve();
const again = () => { telling = telling.then(tell).catch(() => {}); };
document.addEventListener("htmx:after:process", again);
document.addEventListener("shingle:put-off", ({ detail }) => {
  putOff.add(detail.record.id);
  again();
});
again();

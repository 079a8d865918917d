// Loads what a page needs only sometimes, once it does: now, or when another step has come into it.
const SOMETIMES = {
  "[data-upload]": () => import("./upload.js"),
  "#step-form .error[id]": () => import("./messages.js"),
};

// Whether this browser has ever kept text of anybody (copies.js), asked where the text itself lies. One that can't tell may have.
const hasKept = async () => globalThis.indexedDB && (!indexedDB.databases || (await indexedDB.databases()).some(({ name }) => name === "shingle"));

// Without its script a page is as it is for people without scripts (early.js).
const showPlain = () => document.documentElement.classList.remove("js");

function look() {
  for (const [what, load] of Object.entries(SOMETIMES)) if (document.querySelector(what)) load().catch(showPlain);
}

document.addEventListener("htmx:after:process", look);
look();
hasKept().then((is) => is && import("./unsaved-notice.js")).catch(() => {});

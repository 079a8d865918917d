// Loads what a page needs only sometimes, once it does: now, or when another step has come into it.
const SOMETIMES = {
  "[data-upload]": () => import("./upload.js"),
  "#step-form .error[id]": () => import("./messages.js"),
};

// Whether this browser has ever kept text of anybody (copies.js), asked where the text itself lies.
const hasKept = async () => ((await globalThis.indexedDB?.databases?.()) ?? []).some(({ name }) => name === "shingle");

function look() {
  for (const [what, load] of Object.entries(SOMETIMES)) if (document.querySelector(what)) load().catch(() => {});
}

document.addEventListener("htmx:after:process", look);
look();
hasKept().then((is) => is && import("./unsaved-notice.js")).catch(() => {});

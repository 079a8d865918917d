// Loads what a page needs only sometimes, once it does: now, or when another step has come into it.
const SOMETIMES = {
  "[data-upload]": () => import("./upload.js"),
  "#step-form .error[id]": () => import("./messages.js"),
};

// Whether this browser keeps text of anybody (copies.js).
const isKeeping = () => Object.keys(localStorage).some((name) => name.startsWith("shingle kept "));

function look() {
  for (const [what, load] of Object.entries(SOMETIMES)) if (document.querySelector(what)) load().catch(() => {});
}

document.addEventListener("htmx:after:process", look);
look();
if (isKeeping()) import("./elsewhere.js").catch(() => {});

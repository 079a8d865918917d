// Files go straight from here to the store. This is the door: the page's events, and which panel hears them.
//
//   upload-panel.js     the tiles, their buttons, what is said aloud        upload-order.js   moving tiles
//   upload-transfer.js  one file on its way: its parts, its pauses          upload-pace.js    how fast it goes, in words
//   upload-wire.js      the app's answers, the store's, a file's fingerprint
import { Panel } from "./upload-panel.js";
import { uploads } from "./upload-transfer.js";

const panels = new WeakMap(); // section -> Panel

function present() {
  const section = document.querySelector("[data-upload]");
  if (!section) return null;
  if (!panels.has(section)) panels.set(section, new Panel(section));
  return panels.get(section);
}

const holdsFiles = (transfer) => transfer?.types.includes("Files");

document.addEventListener("dragover", (event) => {
  const panel = holdsFiles(event.dataTransfer) && present();
  if (!panel) return;
  // Without this a file that misses the zone would take the page's place.
  event.preventDefault();
  panel.zone.classList.toggle("is-over", panel.section.contains(event.target));
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) present()?.zone.classList.remove("is-over"); });
document.addEventListener("drop", (event) => {
  const panel = holdsFiles(event.dataTransfer) && present();
  if (!panel) return;
  event.preventDefault();
  panel.zone.classList.remove("is-over");
  if (panel.section.contains(event.target)) panel.add([...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  const panel = files.length && present();
  if (!panel) return;
  event.preventDefault();
  panel.add(files);
});
window.addEventListener("offline", () => { for (const upload of uploads) upload.offline(); });
window.addEventListener("online", () => { for (const upload of uploads) upload.online(); });
window.addEventListener("beforeunload", (event) => { if (uploads.size) event.preventDefault(); });
document.addEventListener("htmx:after:process", present);
present();

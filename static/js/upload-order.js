// The order of the files: by buttons, and by dragging with a mouse, a pen or a finger.
import { part } from "./upload-wire.js";

const EDGE = 80; // px from the edge of the screen where dragging scrolls

export const inOrder = (tiles) => [...tiles.children].filter((tile) => !tile.matches(".is-removed"));

// `moveBefore` keeps the focus and pictures as they are, where there is one.
const place = (tiles, tile, before) => tiles[tiles.moveBefore ? "moveBefore" : "insertBefore"](tile, before);

// One place earlier (-1) or later (1). Whether it moved.
export function step(tiles, tile, by, button) {
  const before = inOrder(tiles);
  const target = before.indexOf(tile) + by;
  if (target < 0 || target >= before.length) return false;
  place(tiles, tile, by < 0 ? before[target] : before[target].nextElementSibling);
  // At either end the button is not there any more; its counterpart is.
  const isThere = button.checkVisibility({ visibilityProperty: true });
  (isThere ? button : button.parentNode.querySelector(`[data-do=${by < 0 ? "later" : "earlier"}]`)).focus();
  tile.scrollIntoView({ block: "nearest" });
  return true;
}

// `dropped(tile)` is called when the tile was let go elsewhere than it was taken.
export function grab(tiles, event, dropped) {
  const tile = event.target.closest("[data-part=handle]")?.closest(".tile");
  if (!tile || event.button) return;
  event.preventDefault();
  const before = inOrder(tiles).indexOf(tile);
  const move = (moved) => drag(tiles, tile, moved);
  const drop = () => {
    tile.classList.remove("is-dragged");
    document.removeEventListener("pointermove", move);
    for (const end of ["pointerup", "pointercancel"]) document.removeEventListener(end, drop);
    if (inOrder(tiles).indexOf(tile) !== before) dropped(tile);
  };
  tile.classList.add("is-dragged");
  document.addEventListener("pointermove", move);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, drop);
}

function drag(tiles, tile, { clientX, clientY }) {
  if (clientY < EDGE) scrollBy(0, -EDGE / 5);
  if (clientY > innerHeight - EDGE) scrollBy(0, EDGE / 5);
  const over = document.elementFromPoint(clientX, clientY)?.closest(".tile");
  if (!over || over === tile || over.parentNode !== tiles) return;
  const isLater = tile.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
  place(tiles, tile, isLater ? over.nextElementSibling : over);
}

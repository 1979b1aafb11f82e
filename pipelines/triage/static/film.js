// The film's tools, and the panels drawn over it.

import { onCommand } from "./keys.js";
import { tell } from "./notices.js";
import { facts, film, visit } from "./screen.js";
import { Conflict, inTurn, write } from "./writes.js";

const STEP = 1.25; // one press of + or -
const PART = 0.1; // of the window that one press of [ ] , . changes

let boxes = null;
// The other panels of this figure as the page came: candidates of their own, which stand as they are.
let siblings = [];
// Boxes that were drawn and not yet taken outlive a conflict.
let unsaved = null;

const save = () => document.querySelector("[data-command=save-panels]");

function editPanels(button) {
  const on = film().toggleAttribute("editable");
  button.setAttribute("aria-pressed", String(on));
  if (!on) {
    boxes = null;
    save().hidden = true;
  } else {
    tell("Draw with the mouse, or add with Insert; arrows move a panel, with Shift its edge; a letter names, Delete removes it.");
    film().focus();
  }
}

const ownBoxes = () => boxes.filter(({ box }) => !siblings.includes(String(box)));

async function savePanels() {
  const drawn = { id: facts().id, boxes };
  const own = ownBoxes();
  unsaved = null;
  try {
    await write(facts().panelsTo, {
      revision: Number(facts().revision),
      boxes: own.map(({ box }) => box.map(Math.round)),
      labels: own.map(({ label }) => label),
    });
    await visit(location.pathname + location.search, { anew: true, push: false });
    tell("panels saved; the file is untouched — u undoes");
  } catch (problem) {
    unsaved = drawn;
    if (problem instanceof Conflict) document.dispatchEvent(new CustomEvent("desk:conflict", { detail: problem.page }));
    else tell(problem.message, "wrong");
  }
}

onCommand({
  larger: () => film().zoom(STEP),
  smaller: () => film().zoom(1 / STEP),
  whole: () => film().fit(),
  actual: () => film().actual(),
  invert: () => film().invert(),
  narrower: () => film().adjust(0, -PART),
  wider: () => film().adjust(0, PART),
  darker: () => film().adjust(PART, 0),
  lighter: () => film().adjust(-PART, 0),
  "as-it-was": () => film().resetWindow(),
  panels: editPanels,
  "save-panels": () => inTurn(savePanels),
});

document.addEventListener("film-view:boxes", (event) => {
  boxes = event.detail.boxes;
  if (save()) save().hidden = false;
});

document.addEventListener("desk:arrived", () => {
  boxes = null;
  siblings = JSON.parse(film()?.getAttribute("boxes") ?? "[]").filter(({ current }) => !current).map(({ box }) => String(box));
  film()?.removeAttribute("editable");
  if (unsaved?.id !== facts().id || !save()) return;
  film().setAttribute("boxes", JSON.stringify(unsaved.boxes));
  film().toggleAttribute("editable", true);
  ({ boxes } = unsaved);
  save().hidden = false;
});

// Two films in one place: flipped, subtracted, and judged with one key.

import { decide } from "./decisions.js";
import { onCommand } from "./keys.js";
import { facts, film } from "./screen.js";

let before = "film";

function show(which) {
  film().show(which);
  for (const button of document.querySelectorAll("[data-showing]")) {
    button.setAttribute("aria-pressed", String(button.dataset.showing === which));
  }
  document.getElementById("screen").dataset.showing = which;
}

const shown = () => facts().showing ?? "film";

function answer(action, relation, words, keep = "") {
  const other = { [facts().otherKey]: facts().other };
  // A judged pair leaves the candidate undecided: its row is what comes next.
  const next = action === "judge" ? facts().back : null;
  decide(action, { detail: { ...other, relation, keep }, words, next });
}

// What is kept is still to be decided on; the other candidate is its duplicate. A published film stays as it is.
function keepThis() {
  const { mine, back, otherDecisions, otherRevision } = facts();
  const words = "the same image, this one is kept";
  if (!otherDecisions) {
    answer("judge", "same image", words, mine);
    return;
  }
  const detail = { candidate: mine, relation: "same image", keep: mine };
  decide("duplicate", { detail, words, next: back, on: { decisions: otherDecisions, revision: otherRevision } });
}

onCommand({
  show: (button) => show(shown() === button.dataset.showing ? "film" : button.dataset.showing),
  "keep-this": keepThis,
  "keep-other": () => answer("duplicate", "same image", "the same image, the other is kept", facts().other),
  "other-film": () => answer("judge", "same patient, other film", "another film of the same patient"),
  unrelated: () => answer("judge", "unrelated", "unrelated"),
});

document.addEventListener("desk:held", ({ target, detail }) => {
  if (target.dataset.held !== "flip") return;
  if (detail.held === "down") {
    before = shown();
    show(before === "twin" ? "film" : "twin");
  } else if (detail.held === "up") {
    show(before);
  }
});

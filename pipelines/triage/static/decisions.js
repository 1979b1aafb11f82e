// Decisions: one key decides and goes on; a conflict shows what the other did.

import { onCommand } from "./keys.js";
import { tell } from "./notices.js";
import { saveDrafts } from "./fields.js";
import { facts, fetchAhead, screen, visit } from "./screen.js";
import { Conflict, inTurn, write } from "./writes.js";

const PAST = { accept: "accepted", reject: "rejected", duplicate: "marked as a duplicate", unsure: "put aside as not sure", judge: "judged" };
let busy = false;

// A key pressed while a decision is on its way is dropped: it would decide on a film that nobody has seen.
async function alone(act) {
  if (busy) return;
  busy = true;
  screen().setAttribute("aria-busy", "true");
  try {
    await inTurn(act);
  } catch (problem) {
    if (problem instanceof Conflict) showConflict(problem.page);
    else tell(problem.message, "wrong");
  } finally {
    busy = false;
    screen().removeAttribute("aria-busy");
  }
}

// `on` is another candidate to decide on: where its decisions go, and the revision that was shown of it.
export function decide(action, { reason = "", detail = {}, words = "", next = null, on = facts() } = {}) {
  return alone(async () => {
    const title = document.querySelector("#head h1")?.title ?? "";
    if (!(await saveDrafts())) return;
    const answer = await write(on.decisions, { action, revision: Number(on.revision), reason, detail });
    const onwards = next ?? answer.next;
    tell(`${words || PAST[action]}${reason ? `: ${reason}` : ""}${title ? ` · ${title}` : ""} — u undoes`, action);
    await visit(onwards, { anew: next !== null });
  });
}

function undo() {
  alone(async () => {
    const answer = await write(facts().query ? `/undo?${facts().query}` : "/undo", {});
    tell(`taken back: ${answer.sentence}`, "undo");
    await visit(answer.next, { anew: true });
  });
}

function go(address) {
  if (address) alone(() => visit(address));
  else tell("That is the end of this queue.");
}

function showReasons(open) {
  const reasons = document.getElementById("reasons");
  reasons.hidden = !open;
  // The bar itself is focused, and no reason in it: Enter chooses none by mistake.
  (open ? reasons : screen()).focus({ preventScroll: true });
}

function duplicate() {
  const twin = document.querySelector(".thumb.twin");
  const { other, published } = twin.dataset;
  const detail = { ...(published ? { published } : { candidate: other }), relation: "same image", keep: published || other };
  decide("duplicate", { detail });
}

function showConflict(page) {
  const dialog = document.getElementById("conflict");
  const told = new DOMParser().parseFromString(page, "text/html").getElementById("other-was-first");
  dialog.replaceChildren(told ?? "Somebody else decided on this meanwhile.");
  dialog.showModal();
}

const closeConflict = () => document.getElementById("conflict").close();

onCommand({
  accept: () => decide("accept"),
  unsure: () => decide("unsure"),
  duplicate,
  reject: () => showReasons(true),
  keep: () => showReasons(false),
  because: (button) => {
    showReasons(false);
    decide("reject", { reason: button.dataset.reason });
  },
  skip: () => go(facts().after),
  back: () => go(facts().before),
  undo,
  "look-again": (link, event) => {
    event.preventDefault();
    closeConflict();
    alone(() => visit(location.pathname + location.search, { anew: true, push: false }));
  },
  "leave-it": () => {
    closeConflict();
    go(facts().after);
  },
});

document.addEventListener("desk:conflict", (event) => showConflict(event.detail));
document.addEventListener("desk:arrived", () => fetchAhead(facts().after));

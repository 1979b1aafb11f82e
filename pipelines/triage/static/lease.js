// Who has the candidate on the screen: the lease is taken on arrival, and renewed while the page is looked at.

import { facts } from "./screen.js";
import { write } from "./writes.js";

const EVERY = 45_000; // ms; a lease runs for two minutes

async function hold() {
  const { id, hold: address } = facts();
  if (!address || document.visibilityState !== "visible") return;
  const lease = await write(address, {});
  if (facts().id === id) show(lease);
}

function show({ by, until, mine }) {
  const held = document.getElementById("held");
  held.hidden = mine;
  if (mine) return;
  held.querySelector("b").textContent = by;
  const time = held.querySelector("time");
  time.dateTime = until;
  // Times come as the server knows them; each reader has a clock of their own.
  time.textContent = new Date(until).toLocaleTimeString();
}

// A lease only tells others who is looking: without one, people decide all the same.
const holdIfPossible = () => hold().catch(() => {});

document.addEventListener("desk:arrived", holdIfPossible);
document.addEventListener("visibilitychange", holdIfPossible);
setInterval(holdIfPossible, EVERY);

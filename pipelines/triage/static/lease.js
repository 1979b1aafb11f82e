// Who has the candidate on the screen: the lease is renewed while the page is looked at.

import { facts } from "./screen.js";
import { write } from "./writes.js";

const EVERY = 45_000; // ms; a lease runs for two minutes

function hold() {
  if (facts().hold && document.visibilityState === "visible") write(facts().hold, {}).catch(() => {});
}

document.addEventListener("desk:arrived", hold);
document.addEventListener("visibilitychange", hold);
setInterval(hold, EVERY);

// Times are written as the server knows them; each reader has a clock of their own.
document.addEventListener("desk:arrived", () => {
  for (const time of document.querySelectorAll("time[data-clock]")) time.textContent = new Date(time.dateTime).toLocaleTimeString();
});

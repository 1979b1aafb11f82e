// What the desk tells: a line that goes by itself, and an alarm that a screen reader says at once.

const STAYS = 6000; // ms
const CARRIED = 3000; // ms: what was told just before another page was loaded is told there
let going;

export function tell(words, kind = "said") {
  const told = document.getElementById("told");
  told.textContent = words;
  told.dataset.kind = kind;
  told.classList.add("shown");
  if (kind === "wrong") document.getElementById("alarm").textContent = words;
  clearTimeout(going);
  sessionStorage.setItem("told", JSON.stringify({ words, kind, at: Date.now() }));
  going = setTimeout(() => told.classList.remove("shown"), kind === "wrong" ? 2 * STAYS : STAYS);
}

const last = JSON.parse(sessionStorage.getItem("told") ?? "null");
if (last && Date.now() - last.at < CARRIED) tell(last.words, last.kind);

// What the desk tells: a line that goes by itself, and an alarm that a screen reader says at once.

const STAYS = 6000; // ms
let going;

export function tell(words, kind = "said") {
  const told = document.getElementById("told");
  told.textContent = words;
  told.dataset.kind = kind;
  told.classList.add("shown");
  if (kind === "wrong") document.getElementById("alarm").textContent = words;
  clearTimeout(going);
  going = setTimeout(() => told.classList.remove("shown"), kind === "wrong" ? 2 * STAYS : STAYS);
}

"use strict";
// Without this script the films stand side by side; with it they lie on one another.
const pairs = [...document.querySelectorAll(".pair")];
let here = -1;

function show(pair, what) {
  pair.dataset.shows = what;
  const said = { first: "first film", second: "second film", difference: "difference" };
  pair.querySelector(".showing").textContent = said[what];
  for (const button of pair.querySelectorAll("[data-show]")) {
    button.setAttribute("aria-pressed", String(button.dataset.show === what));
  }
}

function go(to) {
  here = Math.max(0, Math.min(pairs.length - 1, to));
  pairs[here].focus({ preventScroll: true });
  pairs[here].scrollIntoView({ block: "start" });
}

for (const [place, pair] of pairs.entries()) {
  pair.addEventListener("focusin", () => { here = place; });
  const films = pair.querySelector(".films");
  if (!films || !pair.querySelector(".second")) continue;
  pair.classList.add("laid");
  show(pair, "first");
  films.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    films.setPointerCapture(event.pointerId);
    show(pair, pair.dataset.shows === "second" ? "first" : "second");
  });
  for (const end of ["pointerup", "pointercancel"]) films.addEventListener(end, () => show(pair, "first"));
  for (const button of pair.querySelectorAll("[data-show]")) {
    button.addEventListener("click", () => show(pair, button.dataset.show));
  }
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") {
    go(key === "j" ? here + 1 : here - 1);
  } else if (pairs[Math.max(here, 0)]?.classList.contains("laid")) {
    const pair = pairs[Math.max(here, 0)];
    if (key === " " && event.target.tagName !== "BUTTON") {
      if (!event.repeat) show(pair, "second");
    } else if (key === "f") {
      show(pair, pair.dataset.shows === "second" ? "first" : "second");
    } else if (key === "d") {
      show(pair, pair.dataset.shows === "difference" ? "first" : "difference");
    } else {
      return;
    }
  } else {
    return;
  }
  event.preventDefault();
});

addEventListener("keyup", (event) => {
  const pair = pairs[Math.max(here, 0)];
  if (event.key === " " && event.target.tagName !== "BUTTON" && pair?.dataset.shows === "second") show(pair, "first");
});

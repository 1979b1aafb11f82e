// What lies ahead: how far the work is, who else is at it, and the next cases of the queue, as the list has them.

import { facts } from "./screen.js";

const REST = 400; // ms without a further decision, after which the list is asked
const NEXT = 4; // cases
let resting;

async function ask() {
  const { id, queue } = facts();
  if (!queue) return;
  const answer = await fetch(queue, { headers: { "HX-Request": "true" } });
  if (!answer.ok || facts().id !== id) return;
  const list = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("progress").replaceWith(list.getElementById("progress"));
  const lines = [...list.querySelectorAll("#lines tr")];
  const here = lines.findIndex((line) => line.dataset.id === id);
  show(lines.slice(here + 1).filter((line) => line.classList.contains("opens")).slice(0, NEXT));
}

function show(lines) {
  const next = document.getElementById("next");
  if (!next || !lines.length) return;
  next.hidden = false;
  next.append(...lines.map(linkTo));
}

function linkTo(line) {
  const title = line.querySelector(".title");
  const link = document.createElement("a");
  link.href = title.getAttribute("href");
  link.className = "thumb";
  link.title = title.textContent;
  link.append(document.importNode(line.querySelector("img")), Object.assign(document.createElement("span"), { textContent: title.textContent }));
  return link;
}

document.addEventListener("desk:arrived", () => {
  clearTimeout(resting);
  resting = setTimeout(() => ask().catch(() => {}), REST);
});

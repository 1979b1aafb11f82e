// Quotes: a value shows the words that it rests on, and words that are quoted lead to their value.

import { isWriting, onCommand } from "./keys.js";
import { smoothly } from "./screen.js";

function show(button) {
  const field = button.closest(".field");
  const { column } = field.dataset;
  const why = field.querySelector(".why");
  for (const other of document.querySelectorAll(".field.shown")) if (other !== field) close(other);
  const open = field.classList.toggle("shown");
  button.setAttribute("aria-expanded", String(open));
  if (why) why.hidden = !open;
  const marks = [...document.querySelectorAll("#pages mark")];
  const mine = marks.filter((mark) => mark.dataset.columns.split(" ").includes(column));
  for (const mark of marks) mark.classList.toggle("now", open && mine.includes(mark));
  if (open) mine[0]?.scrollIntoView({ block: "center", behavior: smoothly() });
}

function close(field) {
  field.classList.remove("shown");
  field.querySelector(".value").setAttribute("aria-expanded", "false");
  const why = field.querySelector(".why");
  if (why) why.hidden = true;
}

onCommand({ "show-quote": show });

// A quote in the text leads to the value that rests on it.
document.addEventListener("click", (event) => {
  const mark = event.target.closest("#pages mark");
  if (!mark || !getSelection().isCollapsed || isWriting(document.activeElement)) return;
  const [column] = mark.dataset.columns.split(" ");
  const field = document.querySelector(`.field[data-column="${CSS.escape(column)}"]`);
  field?.scrollIntoView({ block: "nearest", behavior: smoothly() });
  field?.querySelector(".value").focus({ preventScroll: true });
  if (field && !field.classList.contains("shown")) show(field.querySelector(".value"));
});

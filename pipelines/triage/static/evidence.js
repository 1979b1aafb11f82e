// Evidence: a value shows its quote in the source text, and words of the text are put into a field with their place.

import { isWriting, onCommand } from "./keys.js";
import { revise } from "./fields.js";
import { tell } from "./notices.js";
import { characterAt, offsetIn, rangeIn } from "./offsets.js";
import { facts, screen } from "./screen.js";
import { inTurn } from "./writes.js";

const form = () => document.getElementById("take");
const allWords = () => [...document.querySelectorAll("#pages .words")];
const smoothly = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

// What would be taken: the words' element and the UTF-16 offsets in it, and all places where they stand.
let places = [];
let chosen = -1;
// What was put and not yet taken: it outlives a conflict.
let unsaved = null;

function showQuote(button) {
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

function openTake(column = "") {
  const selected = selectedPlace();
  const { words, column: chooser, value } = form().elements;
  form().reset();
  form().hidden = false;
  wrong("");
  chooser.value = column;
  if (selected) {
    words.value = selected.text;
    value.value = selected.text.trim();
    places = [selected];
    choose(0);
    (column ? value : chooser).focus();
  } else {
    places = [];
    choose(-1);
    words.focus();
  }
  offer();
}

export function closeTake() {
  if (!form() || form().hidden) return;
  form().hidden = true;
  unsaved = null;
  CSS.highlights?.clear();
  screen().focus({ preventScroll: true });
}

// Return where the selection lies, if it lies within one text.
function selectedPlace() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const { startContainer, startOffset, endContainer, endOffset } = selection.getRangeAt(0);
  const words = allWords().find((one) => one.contains(startContainer) && one.contains(endContainer));
  if (!words) return null;
  const [start, end] = [offsetIn(words, startContainer, startOffset), offsetIn(words, endContainer, endOffset)];
  return { words, start, end, text: words.textContent.slice(start, end) };
}

function find(text) {
  places = [];
  if (text) {
    const wanted = text.toLowerCase();
    for (const words of allWords()) {
      const said = words.textContent;
      // Lower case may be longer than the text it was made of; such a text is searched as it stands.
      const low = said.toLowerCase().length === said.length ? said.toLowerCase() : said;
      for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, at + wanted.length)) {
        places.push({ words, start: at, end: at + text.length, text: said.slice(at, at + text.length) });
      }
    }
  }
  choose(places.length ? 0 : -1);
}

function choose(index) {
  chosen = index;
  const place = places[index];
  const typed = form().elements.words.value;
  form().elements.place.value = place ? `${index + 1} of ${places.length}` : typed ? "not in the text" : "";
  CSS.highlights?.clear();
  if (!place) return;
  const range = rangeIn(place.words, place.start, place.end);
  CSS.highlights?.set("taken", new Highlight(range));
  const pages = document.getElementById("pages");
  const [box, view] = [range.getBoundingClientRect(), pages.getBoundingClientRect()];
  if (box.top < view.top || box.bottom > view.bottom) {
    pages.scrollBy({ top: box.top - view.top - view.height / 2, behavior: smoothly() });
  }
}

// Offer the vocabulary of the chosen column for the value.
function offer() {
  const { column } = form().elements;
  const edit = document.querySelector(`.field[data-column="${CSS.escape(column.value)}"] form.edit`);
  const options = [...(edit?.querySelectorAll("option") ?? [])].filter((option) => option.value && option.value !== "—");
  document.getElementById("take-options").replaceChildren(...options.map((option) => new Option(option.value)));
}

async function put() {
  const { words, column, value } = form().elements;
  const place = places[chosen];
  if (!place) return wrong("These words are not in the text: a value needs them as its evidence.");
  if (!column.value) return column.focus();
  const said = place.words.textContent;
  const tried = { id: facts().id, words: words.value, chosen, column: column.value, value: value.value };
  unsaved = null;
  const evidence = {
    block: place.words.closest(".text").dataset.address,
    start: characterAt(said, place.start),
    end: characterAt(said, place.end),
  };
  const saved = await inTurn(() => revise(tried.column, tried.value.trim(), evidence, wrong));
  if (saved) tell(`${tried.column}: ${tried.value.trim()}, with its quote — u undoes`);
  else unsaved = tried;
  return undefined;
}

function wrong(words) {
  form().querySelector(".wrong").textContent = words ?? "";
}

onCommand({ "show-quote": showQuote, take: () => openTake() });

document.addEventListener("input", (event) => {
  if (event.target.form?.id !== "take") return;
  const { words, column, value } = form().elements;
  if (event.target === words) {
    find(words.value);
    value.value = places[chosen]?.text.trim() ?? words.value;
  } else if (event.target === column) {
    offer();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.target.form?.id !== "take") return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") {
    event.preventDefault();
    closeTake();
  } else if (step && event.target.name === "words" && places.length) {
    event.preventDefault();
    choose((chosen + step + places.length) % places.length);
  }
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "take") return;
  event.preventDefault();
  put();
});

// A selection made while the form is open, or a field is written in, is what is meant.
document.addEventListener("pointerup", (event) => {
  if (!event.target.closest("#pages")) return;
  const selected = selectedPlace();
  const field = document.querySelector(".field.editing");
  if (selected && (field || (form() && !form().hidden))) openTake(form().elements.column.value || field?.dataset.column);
});

// A quote in the text leads to the value that rests on it.
document.addEventListener("click", (event) => {
  const mark = event.target.closest("#pages mark");
  if (!mark || !getSelection().isCollapsed || isWriting(document.activeElement)) return;
  const [column] = mark.dataset.columns.split(" ");
  const field = document.querySelector(`.field[data-column="${CSS.escape(column)}"]`);
  field?.scrollIntoView({ block: "nearest", behavior: smoothly() });
  field?.querySelector(".value").focus({ preventScroll: true });
  if (field && !field.classList.contains("shown")) showQuote(field.querySelector(".value"));
});

function restore({ words, chosen: place, column, value }) {
  openTake(column);
  form().elements.words.value = words;
  find(words);
  choose(Math.min(place, places.length - 1));
  form().elements.value.value = value;
}

document.addEventListener("desk:arrived", () => {
  CSS.highlights?.clear();
  if (unsaved?.id === facts().id) restore(unsaved);
});

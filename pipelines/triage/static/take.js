// Words of the source text are put into a field, and their place becomes its evidence.

import { onCommand } from "./keys.js";
import { revise } from "./fields.js";
import { tell } from "./notices.js";
import { characterAt, offsetIn, rangeIn } from "./offsets.js";
import { facts, screen, smoothly } from "./screen.js";
import { inTurn } from "./writes.js";

const form = () => document.getElementById("take");
const allWords = () => [...document.querySelectorAll("#pages .words")];
const addressOf = (place) => place.words.closest(".text").dataset.address;

// What would be taken: the words' element and the UTF-16 offsets in it, and all places where they stand.
let places = [];
let chosen = -1;
// What was put and not yet taken: it outlives a conflict.
let unsaved = null;

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

function closeTake() {
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

// Lower case may be longer than the text it was made of; such a text is searched as it stands.
function folded(text) {
  const low = text.toLowerCase();
  return low.length === text.length ? low : text;
}

function find(text) {
  places = [];
  for (const words of text ? allWords() : []) {
    const said = words.textContent;
    for (let at = folded(said).indexOf(folded(text)); at >= 0; at = folded(said).indexOf(folded(text), at + text.length)) {
      places.push({ words, start: at, end: at + text.length, text: said.slice(at, at + text.length) });
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
  const evidence = {
    block: addressOf(place),
    start: characterAt(said, place.start),
    end: characterAt(said, place.end),
  };
  const tried = { id: facts().id, words: words.value, column: column.value, value: value.value, block: evidence.block, start: place.start };
  unsaved = null;
  const saved = await inTurn(() => revise(tried.column, tried.value.trim(), evidence, wrong));
  if (saved) tell(`${tried.column}: ${tried.value.trim()}, with its quote — u undoes`);
  else unsaved = tried;
  return undefined;
}

function wrong(words) {
  form().querySelector(".wrong").textContent = words ?? "";
}

onCommand({ take: () => openTake() });

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

function restore({ words, column, value, block, start }) {
  openTake(column);
  form().elements.words.value = words;
  find(words);
  choose(places.findIndex((place) => addressOf(place) === block && place.start === start));
  form().elements.value.value = value;
}

document.addEventListener("desk:arrived", () => {
  CSS.highlights?.clear();
  if (unsaved?.id === facts().id) restore(unsaved);
});

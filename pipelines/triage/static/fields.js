// The row: a value is edited in place; what is typed and not yet saved outlives a conflict, a change of page, a reload.

import { onCommand } from "./keys.js";
import { tell } from "./notices.js";
import { facts, visit } from "./screen.js";
import { Conflict, inTurn, write } from "./writes.js";

const fieldOf = (column) => document.querySelector(`.field[data-column="${CSS.escape(column)}"]`);
const inputOf = (field) => field.querySelector("form.edit [name=value]");
const keyOf = (id) => `draft ${id}`;

const drafts = () => JSON.parse(sessionStorage.getItem(keyOf(facts().id)) ?? "{}");

function keep(column, value) {
  const kept = drafts();
  if (value === undefined) delete kept[column];
  else kept[column] = value;
  if (Object.keys(kept).length) sessionStorage.setItem(keyOf(facts().id), JSON.stringify(kept));
  else sessionStorage.removeItem(keyOf(facts().id));
}

function open(field, value) {
  const input = inputOf(field);
  field.classList.add("editing");
  field.querySelector("form.edit").hidden = false;
  if (value !== undefined) {
    if (input.localName === "select" && ![...input.options].some((option) => option.value === value)) input.add(new Option(value));
    input.value = value;
    field.classList.add("drafted");
  }
  return input;
}

function shut(field) {
  field.classList.remove("editing", "drafted");
  const form = field.querySelector("form.edit");
  form.reset();
  form.hidden = true;
  form.querySelector(".wrong").textContent = "";
  keep(field.dataset.column, undefined);
}

function edit(button) {
  const focused = button.closest(".field") ?? document.activeElement?.closest?.(".field");
  const field = focused ?? document.querySelector(".field.asks") ?? document.querySelector(".field");
  const input = open(field);
  input.focus();
  input.select?.();
  field.scrollIntoView({ block: "nearest" });
}

// Send a value, with its evidence if it has any; tell what is wrong through `wrong` and return whether it was saved.
export async function revise(column, value, evidence, wrong) {
  const body = { revision: Number(facts().revision), column, value };
  try {
    await write(facts().fieldsTo, evidence ? { ...body, evidence } : body);
  } catch (problem) {
    if (problem instanceof Conflict) {
      document.dispatchEvent(new CustomEvent("desk:conflict", { detail: problem.page }));
    } else {
      wrong(problem.message);
    }
    return false;
  }
  keep(column, undefined);
  await visit(location.pathname + location.search, { anew: true, push: false });
  fieldOf(column)?.querySelector(".value").focus({ preventScroll: true });
  return true;
}

async function save(field) {
  const { column } = field.dataset;
  const { value } = inputOf(field);
  const [form] = field.getElementsByTagName("form");
  if (!field.classList.contains("drafted")) {
    shut(field);
    field.querySelector(".value").focus({ preventScroll: true });
    return true;
  }
  const saved = await revise(column, value.trim(), null, (words) => {
    form.querySelector(".wrong").textContent = words;
    tell(words, "wrong");
  });
  if (saved) tell(`${column}: ${value.trim() || "blank"}, entered by you — u undoes`);
  return saved;
}

// Save everything that was typed, before a decision is made on the row; return whether all of it was taken.
export async function saveDrafts() {
  for (const column of Object.keys(drafts())) {
    if (!(await save(fieldOf(column)))) return false;
  }
  return true;
}

onCommand({ edit });

document.addEventListener("input", (event) => {
  const field = event.target.closest(".field");
  if (!field) return;
  field.classList.add("drafted");
  keep(field.dataset.column, event.target.value);
});

document.addEventListener("submit", (event) => {
  const field = event.target.closest(".field");
  if (!field) return;
  event.preventDefault();
  inTurn(() => save(field));
});

document.addEventListener("keydown", async (event) => {
  const field = event.target.closest?.(".field.editing");
  if (!field || event.target.name !== "value" || event.isComposing) return;
  if (event.key === "Escape") {
    event.preventDefault();
    shut(field);
    field.querySelector(".value").focus({ preventScroll: true });
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    inTurn(() => save(field));
  } else if (event.key === "Tab") {
    event.preventDefault();
    const columns = [...document.querySelectorAll(".field")].map((one) => one.dataset.column);
    const next = columns[columns.indexOf(field.dataset.column) + (event.shiftKey ? -1 : 1)];
    if ((await inTurn(() => save(field))) && next) edit(fieldOf(next).querySelector(".pencil"));
  }
});

document.addEventListener("desk:arrived", () => {
  if (facts().kind !== "candidate") return;
  for (const [column, value] of Object.entries(drafts())) open(fieldOf(column), value);
});

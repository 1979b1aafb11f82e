// A case by hand: files are chosen, dropped, or pasted, and listed before they are handed in.

import { tell } from "./notices.js";

const files = () => document.getElementById("files");

function add(more) {
  const form = document.getElementById("enter");
  const all = new DataTransfer();
  for (const file of [...files().files, ...more]) all.items.add(file);
  const megabytes = [...all.files].reduce((sum, file) => sum + file.size, 0) / 1024 ** 2;
  if (all.files.length > Number(form.dataset.mostFiles) || megabytes > Number(form.dataset.mostMegabytes)) {
    tell(`At most ${form.dataset.mostFiles} files and ${form.dataset.mostMegabytes} MB together.`, "wrong");
    return;
  }
  files().files = all.files;
  list();
}

function remove(index) {
  const left = new DataTransfer();
  [...files().files].forEach((file, at) => at !== index && left.items.add(file));
  files().files = left.files;
  list();
}

function list() {
  const lines = [...files().files].map((file, index) => {
    const line = document.createElement("li");
    if (/^image\/(png|jpeg|webp|gif)$/.test(file.type)) {
      const picture = new Image();
      picture.alt = "";
      picture.src = URL.createObjectURL(file);
      picture.onload = () => URL.revokeObjectURL(picture.src);
      line.append(picture);
    }
    const away = document.createElement("button");
    away.type = "button";
    away.textContent = "remove";
    away.setAttribute("aria-label", `remove ${file.name}`);
    away.addEventListener("click", () => remove(index));
    line.append(`${file.name} · ${Math.ceil(file.size / 1024)} KB `, away);
    return line;
  });
  document.getElementById("handed-in").replaceChildren(...lines);
}

const drop = document.getElementById("drop");
if (drop) {
  files().addEventListener("change", list);
  document.addEventListener("paste", (event) => {
    const pasted = [...event.clipboardData.files];
    if (!pasted.length) return;
    event.preventDefault();
    add(pasted);
  });
  // A file that misses the mark would otherwise replace the page.
  for (const type of ["dragover", "drop"]) document.addEventListener(type, (event) => event.preventDefault());
  drop.addEventListener("dragover", () => drop.classList.add("over"));
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    drop.classList.remove("over");
    add([...event.dataTransfer.files]);
  });
}

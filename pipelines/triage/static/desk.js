// Every page loads this one; each part listens for what concerns it.

import { onCommand } from "./keys.js";
import "./beside.js";
import "./decisions.js";
import "./enter.js";
import "./evidence.js";
import "./fields.js";
import "./film.js";
import "./lease.js";
import "./twin.js";
import { arrive, screen } from "./screen.js";

onCommand({
  keys: () => document.getElementById("keys").showModal(),
  search: () => document.querySelector(".search input")?.focus(),
});

// Custom elements are defined by a module of their own; the first film is there once they are.
if (screen()?.classList.contains("looking")) customElements.whenDefined("film-view").then(arrive);

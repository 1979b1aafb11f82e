// Every page loads this one; each part listens for what concerns it.

import { onCommand } from "./keys.js";
import "./ahead.js";
import "./beside.js";
import "./decisions.js";
import "./enter.js";
import "./fields.js";
import "./film.js";
import "./lease.js";
import "./quotes.js";
import "./take.js";
import "./twin.js";
import { arrive, screen } from "./screen.js";

onCommand({
  keys: () => document.getElementById("keys").showModal(),
  search: () => document.querySelector(".search input")?.focus(),
});

if (screen()?.classList.contains("looking")) arrive();

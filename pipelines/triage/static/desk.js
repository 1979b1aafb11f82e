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
import { tell } from "./notices.js";
import { arrive, screen } from "./screen.js";

onCommand({
  keys: () => document.getElementById("keys").showModal(),
  search: () => document.querySelector(".search input")?.focus(),
});

// What htmx fetches for a list may fail, too.
document.addEventListener("htmx:sendError", () => tell("The server does not answer; try again.", "wrong"));
document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  if (xhr.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  else tell(`The list could not be fetched: the server answered ${xhr.status}.`, "wrong");
});

if (screen()?.classList.contains("looking")) arrive();

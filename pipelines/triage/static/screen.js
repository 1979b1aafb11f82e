// The screen: the next candidate is swapped in around the film, which so keeps its place, and is fetched ahead.

const PARTS = ["strip", "head", "notices", "foot", "side", "legend"];
const FRESH = 60_000; // ms; what was fetched earlier may since have been decided by somebody else
let newest = 0;
const ahead = { address: "", at: 0, coming: null };

export const screen = () => document.getElementById("screen");
export const facts = () => screen().dataset;
export const film = () => document.querySelector("film-view");

// Scroll at once for whoever asked for less motion.
export const smoothly = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

const isScreen = (page) => Boolean(page.querySelector("main.looking"));

async function fetched(address) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  if (answer.status === 401) location.assign(`/login?next=${encodeURIComponent(address)}`);
  if (!answer.ok) throw new Error(`The page was answered with ${answer.status}.`);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { page, address: new URL(answer.url).pathname + new URL(answer.url).search };
}

// Fetch a page, and have its film decoded, before it is wanted.
export function fetchAhead(address) {
  if (!address) return;
  const coming = fetched(address);
  Object.assign(ahead, { address, at: Date.now(), coming });
  coming.then(({ page }) => warm(page), () => Object.assign(ahead, { address: "" }));
}

function warm(page) {
  const next = page.querySelector("film-view");
  if (!next) return;
  customElements.get("film-view")?.prefetch({ src: next.getAttribute("src"), samples: next.getAttribute("samples") });
  for (const thumbnail of page.querySelectorAll("#strip img")) new Image().src = thumbnail.getAttribute("src");
}

// Show another candidate or pair in place; other pages are gone to.
export async function visit(address, { anew = false, push = true } = {}) {
  if (!address) return;
  const kept = !anew && ahead.address === address && Date.now() - ahead.at < FRESH;
  newest += 1;
  const mine = newest;
  const { page, address: found } = await (kept ? ahead.coming : fetched(address));
  // Whoever has meanwhile gone elsewhere is not brought back.
  if (mine !== newest) return;
  if (!isScreen(page) || !isScreen(document)) {
    location.assign(address);
    return;
  }
  swap(page);
  if (push) history.pushState({}, "", found);
  else history.replaceState({}, "", found);
  arrive();
}

function swap(page) {
  const [now, next] = [screen(), page.querySelector("main")];
  for (const name of Object.keys(now.dataset)) delete now.dataset[name];
  Object.assign(now.dataset, next.dataset);
  for (const id of PARTS) document.getElementById(id).replaceWith(page.getElementById(id));
  swapFilm(document.getElementById("view"), page.getElementById("view"));
  document.title = page.title;
}

function swapFilm(now, next) {
  if (now.localName !== next.localName || now.localName !== "film-view") {
    now.replaceWith(next);
    return;
  }
  for (const { name } of [...now.attributes]) if (!next.hasAttribute(name) && ownAttribute(name)) now.removeAttribute(name);
  for (const { name, value } of [...next.attributes]) if (now.getAttribute(name) !== value) now.setAttribute(name, value);
}

// The film sets the attributes of a picture and its style by itself.
const ownAttribute = (name) => !["style", "class", "role", "tabindex"].includes(name) && !name.startsWith("aria-");

// Tell every part that another candidate or pair is on the screen.
export function arrive() {
  // The focus stays out of what is gone, and the keys work at once.
  screen().focus({ preventScroll: true });
  screen().removeAttribute("aria-busy");
  document.dispatchEvent(new CustomEvent("desk:arrived"));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.target || link.hasAttribute("download") || link.dataset.beside !== undefined || !isScreen(document)) return;
  if (link.origin !== location.origin || !link.pathname.startsWith("/candidates/")) return;
  event.preventDefault();
  visit(link.pathname + link.search).catch(() => location.assign(link.href));
});

addEventListener("popstate", () => {
  if (isScreen(document)) visit(location.pathname + location.search, { push: false }).catch(() => location.reload());
});

// Every write: with the page's token, and each way in which it can fail told apart.

const token = () => document.querySelector("meta[name=csrf]").content;

export class Conflict extends Error {
  constructor(page) {
    super("somebody else was first");
    this.page = page;
  }
}

// Return what the server answers to a write; raise Conflict where somebody else was first, else an Error in its words.
export async function write(address, body) {
  let answer;
  try {
    answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": token(), "HX-Request": "true" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("The server does not answer. Nothing was recorded; try again.");
  }
  const text = await answer.text();
  if (answer.status === 409) throw new Conflict(text);
  if (answer.status === 401) throw new Error("You are signed out. Sign in in another tab, then try again.");
  if (!answer.ok) throw new Error(wordsIn(text) || `The server answered ${answer.status}.`);
  return text ? JSON.parse(text) : {};
}

function wordsIn(text) {
  try {
    const { detail, message } = JSON.parse(text);
    if (Array.isArray(detail)) return detail.map((problem) => problem.msg).join("; ");
    return detail ?? message ?? "";
  } catch {
    const page = new DOMParser().parseFromString(text, "text/html");
    return page.querySelector("main p")?.textContent.trim() ?? text.slice(0, 200);
  }
}

let turn = Promise.resolve();

// Run writes one after the other: each is made on the revision that the one before it left.
export function inTurn(act) {
  const mine = turn.then(act);
  turn = mine.catch(() => {});
  return mine;
}

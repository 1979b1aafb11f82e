// Keys. The buttons and links on the screen are the table of keys, so the legend shows what the keys do.

const FIELDS = "input:not([type=checkbox]):not([type=radio]):not([type=file]), textarea, select, [contenteditable]";
const CONTROLS = "button, a[href], summary";

export const isWriting = (element) => Boolean(element?.closest?.(FIELDS));

const isShown = (element) => element.getClientRects().length > 0 && !element.disabled;

// What is open over the screen takes the keys before it does.
function scope() {
  return [...document.querySelectorAll("[data-first]")].find(isShown) ?? document;
}

function namesOf(event) {
  const key = event.key === " " ? "Space" : event.key;
  // Caps Lock changes no key; Shift does.
  const name = key.length === 1 && !event.shiftKey ? key.toLowerCase() : key;
  // Some layouts have their digits on Shift.
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  return digit ? [name, digit] : [name];
}

function controlFor(event) {
  const here = [...scope().querySelectorAll("[data-key]")].filter(isShown);
  for (const name of namesOf(event)) {
    const found = here.find((control) => control.dataset.key.split(" ").includes(name));
    if (found) return found;
  }
  return null;
}

function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (isWriting(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  // A focused control keeps the keys that press it.
  if (["Enter", " "].includes(event.key) && event.target.closest?.(CONTROLS)) return;
  const control = controlFor(event);
  if (!control) return;
  event.preventDefault();
  // A key held down decides once; the film's tools may repeat.
  if (event.repeat && !control.closest(".tools")) return;
  if (isWriting(control)) {
    control.focus();
    control.select?.();
  } else if (control.dataset.held) {
    hold(control, event);
  } else {
    control.click();
  }
}

const TAP = 250; // ms: a shorter press stays, a longer one lasts as long as it is held

function hold(control, event) {
  const tell = (held) => control.dispatchEvent(new CustomEvent("desk:held", { bubbles: true, detail: { held } }));
  tell("down");
  // By the times of the presses themselves: a busy page learns of them late.
  const release = (up) => {
    if (up.type === "keyup" && up.code !== event.code) return;
    removeEventListener("keyup", release);
    removeEventListener("blur", release);
    tell(up.timeStamp - event.timeStamp < TAP ? "tapped" : "up");
  };
  addEventListener("keyup", release);
  addEventListener("blur", release);
}

addEventListener("keydown", press);

// Run `act(control, event)` whenever a control with this command is pressed, by key or by mouse.
export function onCommand(commands) {
  document.addEventListener("click", (event) => {
    const control = event.target.closest("[data-command]");
    const act = control && commands[control.dataset.command];
    if (act) act(control, event);
  });
}

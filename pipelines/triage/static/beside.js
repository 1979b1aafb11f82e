// The kept page and the PDF page open beside the row, without leaving it.

async function open(link) {
  const side = document.getElementById("side");
  if (!side) return location.assign(link.href);
  const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return location.assign(link.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const pane = document.getElementById("beside") ?? side.appendChild(newPane());
  pane.querySelector(".inside").replaceChildren(...[page.getElementById("kept-head"), page.getElementById("kept")].filter(Boolean));
  pane.querySelector(".inside a[data-key=Escape]")?.remove();
  markFigures(pane);
  pane.querySelector("button").focus();
  return undefined;
}

function newPane() {
  const pane = document.createElement("section");
  pane.id = "beside";
  pane.className = "beside reading kept";
  pane.dataset.first = "";
  pane.setAttribute("aria-label", "The kept page");
  pane.innerHTML = '<button type="button" class="key" data-key="Escape o p"><kbd>Esc</kbd>close</button><div class="inside" tabindex="0"></div>';
  pane.querySelector("button").addEventListener("click", () => {
    pane.remove();
    document.getElementById("screen").focus({ preventScroll: true });
  });
  return pane;
}

// Draw where a figure stands on its page: left, top, right, bottom in hundredths of the page.
function markFigures(within) {
  for (const sheet of within.querySelectorAll(".sheet[data-box]")) {
    const [left, top, right, bottom] = sheet.dataset.box.split(" ").map(Number);
    const frame = document.createElement("i");
    Object.assign(frame.style, { left: `${left}%`, top: `${top}%`, width: `${right - left}%`, height: `${bottom - top}%` });
    sheet.append(frame);
  }
}

markFigures(document);

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-beside]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link);
});

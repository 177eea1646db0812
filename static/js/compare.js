// The photo of the question and that of a result, large and side by side; arrows go on to the next result.
const dialog = () => document.getElementById("compare");
const cards = () => [...document.querySelectorAll("[data-match]:has([data-compare])")];
let at = 0;

// The largest version that an <img> offers.
const largest = (picture) => picture.srcset.split(", ").at(-1).split(" ")[0] || picture.src;

function show(index) {
  const all = cards();
  at = (index + all.length) % all.length;
  const card = all[at];
  const asked = document.querySelector("[data-active] .crop img, [data-question-photo] img");
  const found = card.querySelector(".well img");
  dialog().querySelector("[data-asked-photo]").src = largest(asked);
  dialog().querySelector("[data-found-photo]").src = largest(found);
  const facts = [".match-title", ".match-price", ".lines", ".likeness-words"].map((part) => card.querySelector(part).cloneNode(true));
  dialog().querySelector("[data-found-facts]").replaceChildren(...facts);
  for (const other of all) other.toggleAttribute("data-compared", other === card);
  document.dispatchEvent(new Event("compared"));
}

function open(card) {
  if (!dialog() || !card.querySelector("[data-compare]") || !document.querySelector("[data-active] .crop img, [data-question-photo] img")) return;
  dialog().showModal();
  show(cards().indexOf(card));
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-compare]");
  if (opener) open(opener.closest("[data-match]"));
  const button = event.target.closest("#compare button");
  if (!button) return;
  if (button.dataset.step) show(at + Number(button.dataset.step));
  else if ("close" in button.dataset) dialog().close();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (dialog()?.open) {
    if (event.key === "ArrowRight" || event.key === "j") show(at + 1);
    if (event.key === "ArrowLeft" || event.key === "k") show(at - 1);
  } else if (event.key === "c" && !event.target.closest("input, textarea, select, dialog")) {
    const card = document.activeElement.closest("[data-match]");
    if (card) open(card);
  }
});

// Whoever has walked on in the comparison goes on from there on the wall.
document.addEventListener("close", (event) => {
  if (event.target.id === "compare") cards()[at]?.querySelector(".match-title a").focus();
}, true);

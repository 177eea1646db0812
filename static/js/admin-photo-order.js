// An item's photos are put in order by dragging, or with two buttons that the keyboard reaches; the form's own numbers
// carry the order, so that saving is all there is to it.
const list = document.querySelector("[data-photo-order]");
const spoken = document.querySelector("[data-photo-spoken]");
let dragged = null;

const cards = () => [...list.querySelectorAll("[data-photo]")];
const place = (card) => card.querySelector("[data-position] input");

function number() {
  cards().forEach((card, index) => {
    place(card).value = index;
  });
}

function move(card, steps) {
  const all = cards();
  const target = all[all.indexOf(card) + steps];
  if (!target) return;
  if (steps < 0) target.before(card);
  else target.after(card);
  number();
  spoken.textContent = `Photo ${cards().indexOf(card) + 1} of ${all.length}`;
}

function button(label, sign, steps, card) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = sign;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", () => {
    move(card, steps);
    made.focus();
  });
  return made;
}

function setUp(card) {
  const buttons = document.createElement("div");
  buttons.className = "photo-card-buttons";
  buttons.append(button("Move forward", "←", -1, card), button("Move back", "→", 1, card));
  card.append(buttons);
  card.querySelector("[data-position]").hidden = true;
  card.draggable = true;
  card.addEventListener("dragstart", (event) => {
    dragged = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    card.classList.add("is-dragged");
  });
  card.addEventListener("dragend", () => {
    card.classList.remove("is-dragged");
    dragged = null;
    number();
  });
  card.addEventListener("dragover", (event) => {
    if (!dragged || dragged === card) return;
    event.preventDefault();
    const all = cards();
    if (all.indexOf(dragged) < all.indexOf(card)) card.after(dragged);
    else card.before(dragged);
  });
  card.addEventListener("drop", (event) => {
    if (dragged) event.preventDefault();
  });
}

if (list?.querySelector("[data-position] input")) cards().forEach(setUp);

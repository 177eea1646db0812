// One click takes over what the items like this one tell, into fields that are empty; one click takes it back. Without
// this module the same link asks the server for the form with those fields filled, and for the form as it was.
const FILL = "Fill the empty fields with this";
const UNDO = "Undo: empty what was filled";
const box = document.querySelector("[data-suggestion]");
const button = box?.querySelector("[data-fill]");
const spoken = box?.querySelector("[data-fill-spoken]");
let filled = [];

// A field that completes names is a list with one entry, which a library draws: it is told of the change.
function set(field, value, words) {
  if (field.tagName === "SELECT" && value && ![...field.options].some((option) => option.value === value)) {
    field.append(new Option(words, value));
  }
  field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function fill() {
  filled = [];
  for (const fact of box.querySelectorAll("[data-fills]")) {
    const field = document.getElementById(fact.dataset.fills);
    if (field && !field.value.trim()) {
      set(field, fact.dataset.value, fact.dataset.words);
      field.classList.add("is-suggested");
      filled.push({ field, value: field.value });
    }
  }
  say(filled.length ? `${filled.length} field${filled.length > 1 ? "s" : ""} filled, and not saved yet.` : "No field is empty.");
}

// What somebody has written in the meantime stays.
function undo() {
  for (const { field, value } of filled) {
    field.classList.remove("is-suggested");
    if (field.value === value) set(field, "", "");
  }
  filled = [];
  say("As it was.");
}

// The server filled the form: then its fields hold what is told, and are taken back the same way.
function alreadyFilled() {
  for (const fact of box.querySelectorAll("[data-fills]")) {
    const field = document.getElementById(fact.dataset.fills);
    if (field?.value === fact.dataset.value) {
      field.classList.add("is-suggested");
      filled.push({ field, value: field.value });
    }
  }
}

function say(sentence) {
  spoken.textContent = sentence;
  button.textContent = filled.length ? UNDO : FILL;
}

if (button) {
  if ("filled" in button.dataset) alreadyFilled();
  button.setAttribute("role", "button");
  button.addEventListener("click", (event) => {
    event.preventDefault();
    if (filled.length) undo();
    else fill();
  });
  button.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    button.click();
  });
}

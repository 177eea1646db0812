// Judging results by key: s same, a alike, n not alike; again takes it back, z takes the last one back. The keys press
// the buttons of the focused card, or, while two photos are compared, of the card that is compared.
import { speak } from "./behaviour.js";

const keys = { s: "same", a: "alike", n: "not_alike" };
const words = { same: "Judged the same", alike: "Judged alike", not_alike: "Judged not alike", "": "Judgement taken back" };
const done = []; // [id of the form, what was said before], the last one last

const comparing = () => document.getElementById("compare")?.open;
const current = () => (comparing() ? document.querySelector("[data-compared]") : document.activeElement.closest("[data-match]"));
const formOf = (card) => card?.querySelector("[data-judge]");
const press = (form, verdict) => form.querySelector(`[data-verdict="${verdict}"]`).click();

function undo() {
  const [id, before] = done.pop() ?? [];
  const form = document.getElementById(id);
  if (!form) return;
  undoing = true;
  press(form, before || form.dataset.judge);
}
let undoing = false;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input, textarea, select, [data-crop]")) return;
  if (event.target.closest("dialog") && !comparing()) return;
  const form = formOf(current());
  if (event.key === "z" && done.length) undo();
  else if (event.key in keys && form) press(form, keys[event.key]);
  else return;
  event.preventDefault();
});

// The buttons in the comparison press those of the card.
document.addEventListener("click", (event) => {
  const button = event.target.closest("#compare [data-judge-as]");
  const form = button && formOf(current());
  if (form) press(form, button.dataset.judgeAs);
});

function mirror() {
  const said = formOf(document.querySelector("[data-compared]"))?.dataset.judge;
  document.querySelectorAll("#compare [data-judge-as]").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.judgeAs === said));
  });
}

document.addEventListener("compared", mirror);
document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt.closest?.("[data-judge]");
  if (!form) return;
  if (!undoing) done.push([form.id, form.dataset.judge]);
  undoing = false;
});
document.addEventListener("htmx:afterSettle", (event) => {
  const form = document.getElementById(event.detail.elt.id);
  if (!form?.matches("[data-judge]")) return;
  const title = form.closest("[data-match]").querySelector(".match-title").innerText;
  speak(`${words[form.dataset.judge]}: ${title}`);
  mirror();
});

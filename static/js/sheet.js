// The comparables sheet: a row and its dot on the chart light up together, and a click on the dot finds the row.
import { behaviour } from "./behaviour.js";

function light(sheet, key, on) {
  for (const twin of sheet.querySelectorAll(`[data-row="${key}"], [data-mark="${key}"]`)) {
    twin.classList.toggle("is-lit", on);
  }
}

behaviour("#sheet", (sheet) => {
  const keyOf = (event) => {
    const one = event.target.closest("[data-row], [data-mark]");
    return one?.dataset.row ?? one?.dataset.mark;
  };
  for (const [entering, leaving] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
    sheet.addEventListener(entering, (event) => light(sheet, keyOf(event), true));
    sheet.addEventListener(leaving, (event) => light(sheet, keyOf(event), false));
  }
  // A lot's number is sent with Enter or its button; leaving the field sends nothing. The form listens further in.
  sheet.addEventListener("change", (event) => event.target.id === "add-lot" && event.stopPropagation(), true);
  sheet.addEventListener("click", (event) => {
    const mark = event.target.closest("[data-mark]");
    if (!mark) return;
    const find = () => sheet.querySelector(`#use-${mark.dataset.mark}`)?.focus();
    sheet.querySelector("[data-sheet-fold]")?.setAttribute("open", "");
    if (sheet.querySelector("[data-row]")) find();
    else sheet.addEventListener("htmx:afterSettle", find, { once: true }); // the rows come when they are unfolded
  });
});

// A workfile goes to the printer, or becomes a PDF there.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

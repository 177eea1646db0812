// Asks with photos: shows them at once, shrinks them, sends them with the page's own form, tells how far it is.
import { behaviour, speak } from "./behaviour.js";
import { shrink } from "./shrink.js";

const panel = document.getElementById("asking");
const bar = panel.querySelector("progress");
const step = panel.querySelector("[data-step]");
const previews = panel.querySelector("[data-previews]");
let asking = null; // the form that is at work

async function askWith(form, files) {
  if (asking || !files.length) return;
  if (files.length > Number(form.dataset.most)) {
    complain(`That is too many photos: ask with up to ${form.dataset.most} of the same object.`);
    return;
  }
  asking = form;
  open(files);
  const small = await Promise.all([...files].map(shrink));
  if (asking !== form) return; // cancelled in the meantime
  const cargo = new DataTransfer();
  small.forEach((file) => cargo.items.add(file));
  form.querySelector("input[name=photos]").files = cargo.files;
  say(files.length === 1 ? "Sending the photo" : `Sending ${files.length} photos`);
  form.requestSubmit();
}

function open(files) {
  previews.replaceChildren(
    ...[...files].map((file) => {
      const picture = new Image();
      picture.alt = "";
      picture.onerror = () => picture.remove(); // this browser can't show it; the server may
      picture.src = URL.createObjectURL(file);
      return picture;
    }),
  );
  bar.value = 0;
  panel.hidden = false;
  say("Preparing");
}

function close() {
  panel.hidden = true;
  for (const picture of previews.children) URL.revokeObjectURL(picture.src);
  previews.replaceChildren();
  asking?.querySelectorAll("input[type=file]").forEach((input) => (input.value = ""));
  asking = null;
}

function complain(sentence) {
  document.dispatchEvent(new CustomEvent("trouble", { detail: sentence })); // trouble.js shows it
}

function say(sentence) {
  step.textContent = sentence;
  speak(sentence);
}

function cancel() {
  if (!asking) return;
  asking.dispatchEvent(new Event("htmx:abort"));
  close();
  speak("Cancelled");
}

behaviour("[data-ask]", (form) => {
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-photos]")) askWith(form, [...event.target.files]);
  });
  form.addEventListener("photos", (event) => askWith(form, event.detail)); // from drop.js
  form.addEventListener("htmx:xhr:progress", ({ detail }) => {
    // The answer's way back is counted too; it comes after the last byte has gone.
    if (asking !== form || !detail.lengthComputable || bar.value >= 100) return;
    bar.value = (100 * detail.loaded) / detail.total;
    if (detail.loaded === detail.total) {
      bar.removeAttribute("value"); // how long the search takes nobody knows: the bar just moves
      say("Looking for similar items");
    }
  });
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.requestConfig?.elt === asking) close(); // the form itself may have been swapped out
});
// The answer takes the page's place, and with it what had the focus: who goes by keys begins at the answer.
document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt.id === "page" && document.activeElement === document.body) elt.focus({ preventScroll: true });
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") cancel();
});
panel.querySelector("[data-cancel]").addEventListener("click", cancel);

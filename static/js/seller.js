// A seller's photos: gathered by choosing, dropping or pasting; shown, shrunk, taken away again; sent as a plain form.
import { shrink } from "./shrink.js";

const form = document.querySelector("[data-seller-photos]");
const field = form.querySelector("input[name=photos]");
const part = (name) => form.querySelector(`[data-${name}]`);
const [drop, previews, complaint, spoken, go] = ["drop", "previews", "complaint", "spoken", "go"].map(part);
const most = Number(form.dataset.most);
const idle = go.textContent;
let photos = []; // [{ small: Promise<File>, shown: <li> }], in the order in which they came
let sending = false;

function add(files) {
  const fresh = [...files].filter((file) => !file.type || file.type.startsWith("image/"));
  const room = fresh.slice(0, most - photos.length);
  complain(fresh.length > room.length ? `Only ${most} photos of one thing can be sent; the rest was left out.` : "");
  if (!complaint.textContent && fresh.length < files.length) complain("Only photos can be sent; the rest was left out.");
  photos.push(...room.map((file) => ({ small: shrink(file), shown: preview(file) })));
  show();
}

function preview(file) {
  const item = document.createElement("li");
  item.className = "sell-preview well";
  const picture = new Image();
  picture.alt = "";
  picture.onload = () => URL.revokeObjectURL(picture.src);
  picture.onerror = () => picture.replaceWith(Object.assign(document.createElement("span"), { textContent: file.name }));
  picture.src = URL.createObjectURL(file);
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "sell-remove";
  remove.setAttribute("aria-label", `Take ${file.name} away`);
  remove.textContent = "×";
  remove.addEventListener("click", () => {
    photos = photos.filter((photo) => photo.shown !== item);
    complain("");
    show();
    field.focus();
  });
  item.append(picture, remove);
  return item;
}

function show() {
  previews.replaceChildren(...photos.map((photo) => photo.shown));
  previews.hidden = !photos.length;
  part("pick").textContent = photos.length ? "Add more photos" : "Choose photos";
  field.required = !photos.length;
  spoken.textContent = photos.length === 1 ? "1 photo chosen" : `${photos.length} photos chosen`;
}

function complain(sentence) {
  complaint.textContent = sentence;
  complaint.hidden = !sentence;
}

function ready() {
  sending = false;
  go.disabled = false;
  go.textContent = idle;
}

field.addEventListener("change", () => {
  add(field.files);
  field.value = "";
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sending) return;
  sending = true;
  go.disabled = true;
  spoken.textContent = go.textContent = go.dataset.busy;
  const cargo = new DataTransfer();
  for (const photo of photos) cargo.items.add(await photo.small);
  field.files = cargo.files;
  form.submit();
});

for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("is-over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) drop.classList.remove("is-over"); // it left the window
});
document.addEventListener("drop", (event) => {
  drop.classList.remove("is-over");
  if (!event.dataTransfer?.files.length) return;
  event.preventDefault();
  add(event.dataTransfer.files);
});
document.addEventListener("paste", (event) => {
  if (event.clipboardData?.files.length) add(event.clipboardData.files); // text goes where the cursor is
});
window.addEventListener("pageshow", ready); // came back from the answer: the button works again

// Photos dropped anywhere on the page, or pasted, go to the form that asks with them.
const veil = document.getElementById("drop");
const zones = [...veil.querySelectorAll("[data-drop-zone]")];
const formFor = (kind) => document.querySelector(`[data-ask="${kind}"]`);
const photosOf = (transfer) => [...transfer.files].filter((file) => !file.type || file.type.startsWith("image/"));
const tell = (where, name, detail) => where?.dispatchEvent(new CustomEvent(name, { detail }));

function give(kind, photos) {
  if (photos.length) tell(formFor(kind), "photos", photos);
  else tell(document, "trouble", "That is no photo. Drop a JPEG, PNG, WebP, GIF, HEIC or AVIF.");
}
const bringsFiles = (event) => event.dataTransfer?.types.includes("Files");
let depth = 0; // dragenter and dragleave come for every element on the way

function show(on) {
  veil.hidden = !on;
  if (!on) depth = 0;
  for (const zone of zones) {
    zone.hidden = !formFor(zone.dataset.dropZone);
    zone.classList.remove("is-over");
  }
}

document.addEventListener("dragenter", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  depth += 1;
  if (depth === 1) show(true);
});
document.addEventListener("dragover", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  for (const zone of zones) zone.classList.toggle("is-over", zone.contains(event.target));
});
document.addEventListener("dragleave", (event) => {
  if (!bringsFiles(event)) return;
  depth -= 1;
  if (depth <= 0) show(false);
});
document.addEventListener("drop", (event) => {
  if (!bringsFiles(event)) return;
  event.preventDefault();
  const kind = event.target.closest?.("[data-drop-zone]")?.dataset.dropZone ?? "new";
  show(false);
  give(kind, photosOf(event.dataTransfer));
});

document.addEventListener("paste", (event) => {
  const photos = photosOf(event.clipboardData);
  if (!photos.length) return; // text goes where the cursor is
  event.preventDefault();
  give("new", photos);
});

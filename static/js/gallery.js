// A click on a small photo of the item shows it large.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-gallery-show]");
  if (!button) return;
  const gallery = button.closest("[data-gallery]");
  for (const figure of gallery.querySelectorAll("[data-gallery-photo]")) {
    figure.toggleAttribute("data-active", figure.id === button.dataset.galleryShow);
  }
  for (const other of gallery.querySelectorAll("[data-gallery-show]")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
});

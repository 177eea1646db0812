// Filters: empty fields stay out of the address, "/" goes to the words, the result is said aloud.
import { behaviour, speak } from "./behaviour.js";

behaviour("[data-filters]", (form) => {
  form.addEventListener("htmx:configRequest", ({ detail }) => {
    for (const [name, value] of [...detail.formData.entries()]) {
      if (value === "" || (name === "status" && value === "any")) detail.formData.delete(name);
    }
  });
});

// A photo that is cropped or taken away keeps the filters that are set.
behaviour("[data-keep-filters]", (form) => {
  form.addEventListener("htmx:configRequest", ({ detail }) => (detail.path += location.search));
});

behaviour("[data-spoken]", (title) => speak(title.textContent.trim()));

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, select, dialog")) return;
  const words = document.querySelector("[data-filters] [name=words]");
  if (!words) return;
  event.preventDefault();
  words.focus();
  words.select();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches("[data-filters] input")) event.target.blur();
});

// Where the screen is narrow, the filters fold away behind a button.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-toggle]");
  if (!button) return;
  const open = document.getElementById(button.dataset.toggle).classList.toggle("is-open");
  button.setAttribute("aria-expanded", String(open));
});

// What a visitor chose for all pages: light or dark, and how large photos are. Loaded before the page is painted, so that
// nothing flashes. The admin keeps "theme" under the same name: one choice for the whole site.
{
  const root = document.documentElement;
  const choices = { theme: ["auto", "light", "dark"], tiles: ["medium", "small", "large"] }; // the first is the default

  function chosen(name) {
    try {
      const kept = localStorage.getItem(name);
      return choices[name].includes(kept) ? kept : choices[name][0];
    } catch {
      return choices[name][0]; // storage is switched off
    }
  }

  function show(name, choice) {
    root.dataset[name] = choice;
    for (const label of document.querySelectorAll(`[data-chosen="${name}"]`)) label.textContent = choice;
    for (const button of document.querySelectorAll(`[data-choose="${name}"][value]`)) {
      button.setAttribute("aria-pressed", String(button.value === choice));
    }
  }

  const showAll = () => Object.keys(choices).forEach((name) => show(name, chosen(name)));

  root.classList.add("js");
  showAll();
  document.addEventListener("DOMContentLoaded", showAll);
  document.addEventListener("htmx:load", showAll);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    if (!button) return;
    const { choose: name } = button.dataset;
    const all = choices[name];
    const choice = button.value || all[(all.indexOf(root.dataset[name]) + 1) % all.length]; // without a value: the next
    try {
      localStorage.setItem(name, choice);
    } catch {
      // the choice then lasts as long as the page
    }
    show(name, choice);
  });
}

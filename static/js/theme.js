// Light, dark or as the system has it. Loaded before the page is painted, so that nothing flashes.
// The admin keeps its choice under the same name: one choice for the whole site.
{
  const root = document.documentElement;
  const order = ["auto", "light", "dark"];
  const chosen = () => {
    try {
      return order.includes(localStorage.getItem("theme")) ? localStorage.getItem("theme") : "auto";
    } catch {
      return "auto"; // storage is switched off
    }
  };
  const show = (theme) => {
    root.dataset.theme = theme;
    for (const label of document.querySelectorAll("[data-theme-name]")) label.textContent = theme;
  };

  root.classList.add("js");
  show(chosen());
  document.addEventListener("DOMContentLoaded", () => show(chosen()));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-next]")) return;
    const next = order[(order.indexOf(chosen()) + 1) % order.length];
    try {
      localStorage.setItem("theme", next);
    } catch {
      // the choice then lasts as long as the page
    }
    show(next);
  });
}

// Where the bar has more pages than fit, it shows the one that is open.
document.querySelector(".bar-links [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A menu closes when one clicks elsewhere, leaves it, or presses Escape.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("focusout", (event) => {
  for (const menu of openMenus()) if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

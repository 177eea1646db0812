// Keys on the wall of results: arrows and j/k walk, Enter opens (it is a link), m asks for more like it.
const links = () => [...document.querySelectorAll("[data-match] .match-title a")];
const steps = { j: 1, ArrowRight: 1, k: -1, ArrowLeft: -1 };
const rows = { ArrowDown: 1, ArrowUp: -1 };

function go(all, from, by) {
  const next = all[Math.min(Math.max(from + by, 0), all.length - 1)];
  next.focus({ preventScroll: true });
  next.closest("[data-match]").scrollIntoView({ block: "nearest", behavior: "smooth" });
}

function columns(all) {
  const top = (link) => link.closest("[data-match]").offsetTop;
  const first = top(all[0]);
  const other = all.findIndex((link) => top(link) !== first);
  return other === -1 ? all.length : other;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, dialog, [data-crop]")) return;
  const all = links();
  if (!all.length) return;
  const here = all.findIndex((link) => link.closest("[data-match]").contains(document.activeElement));
  const onWall = here !== -1;
  if (event.key === "m" && onWall) {
    all[here].closest("[data-match]").querySelector("[data-more]")?.click();
  } else if (event.key in steps && (onWall || event.key.length === 1)) {
    go(all, here, onWall ? steps[event.key] : 1);
  } else if (event.key in rows && onWall) {
    go(all, here, rows[event.key] * columns(all));
  } else {
    return;
  }
  event.preventDefault();
});

// Several photos in one question: a click on a small one shows it large, with its own box.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-show-asked]");
  if (!button) return;
  for (const other of document.querySelectorAll("[data-show-asked]")) {
    other.setAttribute("aria-pressed", String(other === button));
    const figure = document.getElementById(`asked-${other.dataset.showAsked}`);
    figure.toggleAttribute("data-active", other === button);
  }
});

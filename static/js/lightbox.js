// Photos on the full screen: zoom by wheel, pinch, double click, buttons and keys; drag to look around; arrows turn the page.
import { behaviour } from "./behaviour.js";

const MOST = 8;
const STEP = 1.5;
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

behaviour("#lightbox", (dialog) => {
  const stage = dialog.querySelector("[data-stage]");
  const slides = [...dialog.querySelectorAll("[data-slide]")];
  const fingers = new Map();
  let at = 0;
  let scale = 1;
  let x = 0;
  let y = 0;

  function draw() {
    const [roomX, roomY] = [(stage.clientWidth * (scale - 1)) / 2, (stage.clientHeight * (scale - 1)) / 2];
    x = clamp(x, -roomX, roomX);
    y = clamp(y, -roomY, roomY);
    slides[at].style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    stage.classList.toggle("is-zoomed", scale > 1);
    dialog.querySelector("[data-scale]").textContent = `${Math.round(100 * scale)} %`;
  }

  // Zooms so that what is under the point stays under it.
  function zoom(wanted, point = null) {
    const next = clamp(wanted, 1, MOST);
    if (point) {
      const area = stage.getBoundingClientRect();
      const [px, py] = [point.clientX - area.left - area.width / 2, point.clientY - area.top - area.height / 2];
      x = px - ((px - x) * next) / scale;
      y = py - ((py - y) * next) / scale;
    } else {
      x = (x * next) / scale;
      y = (y * next) / scale;
    }
    scale = next;
    draw();
  }

  function show(index) {
    at = (index + slides.length) % slides.length;
    slides.forEach((slide, number) => (slide.hidden = number !== at));
    slides[at].src ||= slides[at].dataset.src;
    [scale, x, y] = [1, 0, 0];
    const place = slides.length > 1 ? `, ${at + 1} of ${slides.length}` : "";
    dialog.querySelector("[data-caption]").textContent = slides[at].alt + place;
    draw();
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-lightbox]");
    if (!opener || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    dialog.showModal();
    show(Number(opener.dataset.lightbox));
  });

  dialog.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if ("close" in button.dataset) dialog.close();
    if (button.dataset.step) show(at + Number(button.dataset.step));
    if (button.dataset.zoom) zoom({ in: scale * STEP, out: scale / STEP, fit: 1 }[button.dataset.zoom]);
  });

  const keys = {
    ArrowRight: () => show(at + 1),
    ArrowLeft: () => show(at - 1),
    "+": () => zoom(scale * STEP),
    "=": () => zoom(scale * STEP),
    "-": () => zoom(scale / STEP),
    0: () => zoom(1),
  };
  dialog.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key]();
  });

  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(scale * Math.exp(-event.deltaY / 400), event);
  }, { passive: false });
  stage.addEventListener("dblclick", (event) => zoom(scale > 1 ? 1 : 2.5, event));

  stage.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const others = [...fingers.values()].filter((finger) => finger.pointerId !== event.pointerId);
    fingers.set(event.pointerId, event);
    if (others.length === 1) {
      const [other] = others;
      const apart = (finger) => Math.hypot(finger.clientX - other.clientX, finger.clientY - other.clientY);
      const middle = { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 };
      zoom((scale * apart(event)) / Math.max(apart(before), 1), middle);
    } else if (!others.length && scale > 1) {
      x += event.clientX - before.clientX;
      y += event.clientY - before.clientY;
      draw();
    }
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => fingers.delete(event.pointerId));
});

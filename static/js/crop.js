// The box on a photo of the question: move it, pull its corners, or draw a new one; with a mouse, a finger or keys.
import { behaviour, speak } from "./behaviour.js";

const SMALLEST = 0.06; // of a side
const CORNERS = { nw: ["left", "top"], ne: ["right", "top"], se: ["right", "bottom"], sw: ["left", "bottom"] };
const NAMES = { nw: "Top left", ne: "Top right", se: "Bottom right", sw: "Bottom left" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function moved(box, dx, dy) {
  const x = clamp(dx, -box.left, 1 - box.right);
  const y = clamp(dy, -box.top, 1 - box.bottom);
  return { left: box.left + x, top: box.top + y, right: box.right + x, bottom: box.bottom + y };
}

function pulled(box, corner, dx, dy) {
  const [side, edge] = CORNERS[corner];
  const next = { ...box };
  next[side] = side === "left" ? clamp(box.left + dx, 0, box.right - SMALLEST) : clamp(box.right + dx, box.left + SMALLEST, 1);
  next[edge] = edge === "top" ? clamp(box.top + dy, 0, box.bottom - SMALLEST) : clamp(box.bottom + dy, box.top + SMALLEST, 1);
  return next;
}

function drawn(start, end) {
  const [left, right] = [Math.min(start.x, end.x), Math.max(start.x, end.x)];
  const [top, bottom] = [Math.min(start.y, end.y), Math.max(start.y, end.y)];
  return { left, top, right: Math.max(right, left + SMALLEST), bottom: Math.max(bottom, top + SMALLEST) };
}

behaviour("[data-crop]", (stage) => {
  const form = stage.closest("[data-asked]").querySelector("[data-crop-form]");
  const [left, top, right, bottom] = stage.dataset.crop.split(" ").map(Number);
  const asked = { left, top, right, bottom };
  let box = asked;

  const frame = document.createElement("div");
  frame.className = "crop-box";
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", "The part that is searched. Arrow keys move it, its corners change its size, Enter searches it.");
  for (const corner of Object.keys(CORNERS)) {
    const handle = document.createElement("button");
    handle.type = "button";
    handle.className = `crop-corner crop-${corner}`;
    handle.dataset.corner = corner;
    handle.setAttribute("aria-label", `${NAMES[corner]} corner: arrow keys move it`);
    frame.append(handle);
  }
  stage.append(frame);

  const isWhole = () => box.left === 0 && box.top === 0 && box.right === 1 && box.bottom === 1;

  function show(next) {
    box = next;
    for (const side of ["left", "top", "right", "bottom"]) form.elements[side].value = box[side].toFixed(4);
    frame.style.left = `${100 * box.left}%`;
    frame.style.top = `${100 * box.top}%`;
    frame.style.width = `${100 * (box.right - box.left)}%`;
    frame.style.height = `${100 * (box.bottom - box.top)}%`;
    stage.classList.toggle("is-whole", isWhole());
    form.classList.toggle("is-changed", Object.keys(box).some((side) => Math.abs(box[side] - asked[side]) > 0.002));
  }

  function place(event) {
    const area = stage.getBoundingClientRect();
    return { x: clamp((event.clientX - area.left) / area.width, 0, 1), y: clamp((event.clientY - area.top) / area.height, 0, 1) };
  }

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const { corner } = event.target.dataset;
    const draws = !corner && (isWhole() || event.target !== frame);
    if (draws && event.pointerType === "touch") return; // a finger there scrolls the page
    const start = place(event);
    const before = box;
    const move = (later) => {
      const now = place(later);
      const [dx, dy] = [now.x - start.x, now.y - start.y];
      if (draws && Math.hypot(dx, dy) < 0.02) return; // a click draws nothing
      if (draws) show(drawn(start, { x: clamp(now.x, 0, 1), y: clamp(now.y, 0, 1) }));
      else show(corner ? pulled(before, corner, dx, dy) : moved(before, dx, dy));
    };
    const end = () => {
      stage.removeEventListener("pointermove", move);
      if (form.classList.contains("is-changed")) speak("Box changed. Search this part is ready.");
    };
    stage.setPointerCapture(event.pointerId);
    stage.addEventListener("pointermove", move);
    stage.addEventListener("lostpointercapture", end, { once: true });
    event.preventDefault();
    (event.target.closest("button, .crop-box") ?? frame).focus({ preventScroll: true });
  });

  stage.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && form.classList.contains("is-changed")) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-crop-search]"));
    } else if (event.key === "Escape") {
      show(asked);
    } else if (event.key in ARROWS) {
      event.preventDefault();
      const step = event.shiftKey ? 0.1 : 0.02;
      const [dx, dy] = ARROWS[event.key].map((direction) => direction * step);
      const { corner } = event.target.dataset;
      show(corner ? pulled(box, corner, dx, dy) : moved(box, dx, dy));
    }
  });

  show(asked);
});

// For the other modules. A module that acts is loaded by a page and never imported: its static name has a hash, and
// an import would run it a second time. This one and shrink.js only lend functions.

// Runs a set-up for each element that matches: those on the page now, and those that htmx brings later.
export function behaviour(selector, setUp) {
  const known = new WeakSet(); // htmx brings the whole page too, once, when it starts
  const once = (element) => {
    if (known.has(element)) return;
    known.add(element);
    setUp(element);
  };
  const each = (root) => {
    if (root.matches?.(selector)) once(root);
    root.querySelectorAll(selector).forEach(once);
  };
  each(document);
  document.addEventListener("htmx:load", (event) => each(event.detail.elt));
}

// Says a sentence to those who listen instead of looking.
export function speak(sentence) {
  document.getElementById("spoken").textContent = sentence;
}

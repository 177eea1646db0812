// For the other modules. A module that acts is loaded by a page and never imported: its static name has a hash, and
// an import would run it a second time. This one and shrink.js only lend functions.

// Runs a set-up for each element that matches: those on the page now, and those that htmx brings later.
export function behaviour(selector, setUp) {
  const each = (root) => {
    if (root.matches?.(selector)) setUp(root);
    root.querySelectorAll(selector).forEach(setUp);
  };
  each(document);
  document.addEventListener("htmx:load", (event) => each(event.detail.elt));
}

// Says a sentence to those who listen instead of looking.
export function speak(sentence) {
  document.getElementById("spoken").textContent = sentence;
}

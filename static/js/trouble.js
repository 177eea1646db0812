// Says so when an answer does not come, or is none that can be shown.
const box = document.getElementById("trouble");
const say = (sentence) => {
  box.querySelector("p").textContent = sentence;
  box.hidden = false;
};

document.addEventListener("trouble", (event) => say(event.detail)); // from the other modules
document.addEventListener("htmx:beforeRequest", () => (box.hidden = true));
document.addEventListener("htmx:sendError", () => say("The site can't be reached. Nothing was changed: please try again."));
document.addEventListener("htmx:timeout", () => say("The answer takes too long. Please try again."));
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.shouldSwap) return;
  const plain = detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/plain");
  say(plain ? detail.xhr.responseText : "Something went wrong on our side. Nothing was changed: please try again.");
});
box.querySelector("[data-dismiss]").addEventListener("click", () => (box.hidden = true));

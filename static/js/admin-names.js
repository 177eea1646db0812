// The library that draws fields which complete names gives an empty one no name: it takes that of the field's label.
addEventListener("load", () => {
  for (const field of document.querySelectorAll("select.admin-autocomplete")) {
    const drawn = document.getElementById(`select2-${field.id}-container`);
    drawn?.setAttribute("aria-label", field.labels[0]?.textContent.trim().replace(/:$/, ""));
  }
});

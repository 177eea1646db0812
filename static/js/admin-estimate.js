// While an estimate is typed, the form says how it stands to what comparables say. After saving it says so without this.
const WAIT = 350; // milliseconds after the last key
const box = document.querySelector("[data-appraisal]");
const fields = ["low", "high"].map((end) => document.getElementById(`id_estimate_${end}`));
let waiting = 0;
let asked = 0;

async function ask() {
  const mine = ++asked;
  const given = new URLSearchParams({ low: fields[0].value, high: fields[1].value });
  try {
    const response = await fetch(`${box.dataset.appraisal}?${given}`, { headers: { "X-Requested-With": "fetch" } });
    if (response.ok && mine === asked) box.innerHTML = await response.text();
  } catch {
    // No connection: what the server said last stays, and it says it again when the item is saved.
  }
}

if (box?.dataset.appraisal && fields.every(Boolean)) {
  for (const field of fields) {
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, WAIT);
    });
  }
}

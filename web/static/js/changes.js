// A row whose new value is typed, chosen or removed is a row that changes: its tick is set, and rows are counted.
const form = document.getElementById("changes");
const told = document.getElementById("picked");

function count() {
  const ticked = form.querySelectorAll('input[name="_pick"]:checked');
  for (const row of form.querySelectorAll("tr.offer")) {
    row.classList.toggle("picked", row.querySelector('input[name="_pick"]').checked);
  }
  told.textContent = told.dataset.words.replace("{count}", String(ticked.length));
}

if (form !== null && told !== null) {
  form.addEventListener("input", (event) => {
    const row = event.target.closest("tr.offer");
    if (row !== null && event.target.name !== "_pick") row.querySelector('input[name="_pick"]').checked = true;
    count();
  });
}

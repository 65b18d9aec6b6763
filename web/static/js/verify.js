// Drop zone and print button of the verification page. The page works without either.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const zone = document.querySelector(".drop");
  const field = document.getElementById("file");
  if (zone && field) {
    zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("is-over"); });
    zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      if (event.dataTransfer.files.length) { field.files = event.dataTransfer.files; }
    });
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
});

// Helps for editing: only the boxes a kind of field needs; to the line of a problem, where the cursor is, Ctrl+S,
// a word before leaving.
// Every button of the page does the same without it.
(function () {
  "use strict";
  var kind = document.getElementById("kind");
  var boxes = document.querySelectorAll("[data-kinds]");
  function show() {
    Array.prototype.forEach.call(boxes, function (box) {
      box.hidden = box.dataset.kinds.split(" ").indexOf(kind.value) < 0 && !box.querySelector("[aria-invalid]");
    });
  }
  if (kind) { kind.addEventListener("change", show); show(); }
})();

(function () {
  "use strict";
  var text = document.getElementById("text");
  var form = document.getElementById("edit-form");
  if (!text || !form) return;
  var cursor = document.getElementById("cursor");
  var unsaved = document.getElementById("unsaved");
  var before = text.value;
  var isLeaving = false;
  var LINE = 19;

  function say(words, line, column) { return words.replace("{line}", line).replace("{column}", column); }

  function tell() {
    var head = text.value.slice(0, text.selectionStart);
    var line = head.split("\n").length;
    cursor.textContent = say(cursor.dataset.words, line, head.length - head.lastIndexOf("\n"));
  }

  function goTo(line, column) {
    var lines = text.value.split("\n");
    var at = 0;
    for (var i = 0; i < line - 1 && i < lines.length; i += 1) at += lines[i].length + 1;
    text.focus();
    text.setSelectionRange(at + column - 1, at + (lines[line - 1] || "").length);
    text.scrollTop = Math.max(0, (line - 6) * LINE);
    text.scrollLeft = 0;
    tell();
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("a[data-line]") : null;
    if (!link) return;
    event.preventDefault();
    goTo(Number(link.dataset.line), Number(link.dataset.column) || 1);
  });
  ["keyup", "click", "select"].forEach(function (name) { text.addEventListener(name, tell); });
  text.addEventListener("input", function () {
    unsaved.textContent = text.value === before ? "" : unsaved.dataset.words;
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "s" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      document.getElementById("save").click();
    }
  });
  form.addEventListener("submit", function () { isLeaving = true; });
  window.addEventListener("beforeunload", function (event) {
    if (!isLeaving && text.value !== before) event.preventDefault();
  });
  var wanted = /^#L(\d+)$/.exec(window.location.hash);
  if (wanted) goTo(Number(wanted[1]), 1);
})();

// Small helps for every page: focus after an error, the end of the session, keys on lists. Pages work without it.
(function () {
  "use strict";

  var wanted = document.querySelector("[data-focus]");
  if (wanted) wanted.focus();

  // The session: warn two minutes ahead, ask the server before saying so (other tabs keep it alive too).
  var note = document.getElementById("session-note");
  var body = document.body;
  var timer = null;

  function wait(left) {
    window.clearTimeout(timer);
    var ahead = left - Number(body.dataset.warn);
    timer = window.setTimeout(ask, Math.max(ahead, 1) * 1000);
  }

  function ask() {
    window.fetch("/session", { headers: { Accept: "application/json" } })
      .then(function (reply) { return reply.json(); })
      .then(function (state) {
        if (state.left > Number(body.dataset.warn)) { note.textContent = ""; wait(state.left); return; }
        if (state.left <= 0) { note.textContent = note.dataset.over; return; }
        if (!note.querySelector("button")) say();
        timer = window.setTimeout(ask, Math.min(state.left, 30) * 1000);
      })
      .catch(function () { timer = window.setTimeout(ask, 30000); });
  }

  function say() {
    note.textContent = note.dataset.text + " ";
    var button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    button.textContent = note.dataset.stay;
    button.addEventListener("click", function () {
      window.fetch("/session", { method: "POST", headers: { "X-CSRF-Token": note.dataset.csrf } })
        .then(function (reply) { return reply.json(); })
        .then(function (state) { note.textContent = ""; wait(state.left); });
    });
    note.appendChild(button);
  }

  if (body.dataset.session && note) wait(Number(body.dataset.session));

  // Lists: j and k or the arrows move, Enter opens. Off by the checkbox; never while typing.
  var list = document.querySelector("table[data-keys]");
  var keysSwitch = document.getElementById("list-keys");
  var KEY = "fengjian-list-keys";

  function areKeysOn() { return window.localStorage.getItem(KEY) !== "off"; }

  if (keysSwitch) {
    keysSwitch.checked = areKeysOn();
    keysSwitch.addEventListener("change", function () {
      window.localStorage.setItem(KEY, keysSwitch.checked ? "on" : "off");
    });
    keysSwitch.closest("[hidden]").hidden = false;
  }

  if (list) {
    document.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
      var letter = event.key === "j" || event.key === "k";
      if (letter && !areKeysOn()) return;
      var step = event.key === "j" || event.key === "ArrowDown" ? 1 : event.key === "k" || event.key === "ArrowUp" ? -1 : 0;
      if (!step) return;
      var links = Array.prototype.slice.call(list.querySelectorAll("tbody a.row-link"));
      if (!links.length) return;
      var here = links.indexOf(document.activeElement);
      var next = here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + step, 0), links.length - 1);
      event.preventDefault();
      links[next].focus();
    });
  }
})();

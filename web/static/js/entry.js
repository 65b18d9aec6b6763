// Helps for keying: Enter moves on, Ctrl+S saves, drafts save themselves, codes are found while typing.
// Everything here is a help: each button of the form does the same without it. Nothing is kept in the browser
// except the one switch for Enter; desks are shared.
(function () {
  "use strict";

  var next = document.getElementById("next-entry");
  if (next) {
    document.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && event.ctrlKey && !event.isComposing) { event.preventDefault(); window.location.assign(next.href); }
    });
  }

  var form = document.getElementById("form");
  if (!form) return;
  var state = document.getElementById("save-state");
  var body = document.getElementById("entry-body");
  var ENTER = "fengjian-enter-moves";

  // --- where the cursor was, and moving on ---------------------------------------------------------------
  var STOPS = "input:not([type=hidden]):not([type=file]):not([disabled]), select, textarea, output";
  function stops() {
    return Array.prototype.filter.call(body.querySelectorAll(STOPS), function (one) {
      return one.tagName !== "OUTPUT" && one.name !== "_pin" && one.offsetParent !== null &&
        !(one.type === "radio" && !one.checked && hasChecked(one));
    });
  }
  function hasChecked(radio) {
    return Array.prototype.some.call(form.querySelectorAll("input[type=radio]"), function (one) {
      return one.name === radio.name && one.checked;
    });
  }
  function move(from, step) {
    var all = stops();
    var at = all.indexOf(from);
    var to = at + step;
    while (all[to] && from.type === "radio" && all[to].name === from.name) to += step;
    if (!all[to]) return false;
    all[to].focus();
    if (all[to].select && all[to].type === "text") all[to].select();
    return true;
  }

  // An answer may bring a section or take it away: the cursor waits for it, so that nothing is passed over.
  function moveOn(from, step) {
    if (!from.hasAttribute("data-steers") || from.type === "text") { move(from, step); return; }
    var until = Date.now() + 2000;
    document.body.dataset.moving = "1";
    window.setTimeout(function look() {
      if (Date.now() < until && form.querySelector(".htmx-request")) { window.setTimeout(look, 15); return; }
      delete document.body.dataset.moving;
      var here = from.isConnected ? from : document.getElementById(from.id);
      if (here && (document.activeElement === here || document.activeElement === document.body)) move(here, step);
    }, 15);
  }

  var enterSwitch = document.getElementById("enter-moves");
  if (enterSwitch) {
    enterSwitch.checked = window.localStorage.getItem(ENTER) !== "off";
    enterSwitch.addEventListener("change", function () {
      window.localStorage.setItem(ENTER, enterSwitch.checked ? "on" : "off");
    });
  }

  function press(name) {
    var button = form.querySelector(".entry-bar button[name=" + name + "]");
    if (button) button.click();
  }

  var composing = false;
  form.addEventListener("compositionstart", function () { composing = true; });
  form.addEventListener("compositionend", function () { composing = false; });

  document.addEventListener("keydown", function (event) {
    if (event.isComposing || composing || event.keyCode === 229) return;
    var target = event.target;
    if (event.ctrlKey && !event.altKey && (event.key === "s" || event.key === "S")) { event.preventDefault(); save(true); return; }
    if (event.ctrlKey && event.key === "Enter") { event.preventDefault(); press("_submit"); return; }
    if (event.ctrlKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      jump(target, event.key === "ArrowDown" ? 1 : -1);
      return;
    }
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (target.getAttribute && target.getAttribute("role") === "combobox" && listKey(event, target)) return;
    if (event.key === "Enter" && /^(INPUT|SELECT)$/.test(target.tagName) && target.type !== "file" && form.contains(target)) {
      event.preventDefault();
      if (!enterSwitch || enterSwitch.checked) moveOn(target, event.shiftKey ? -1 : 1);
      return;
    }
    if (/^[1-9]$/.test(event.key) && target.type === "radio") {
      var radios = Array.prototype.filter.call(form.querySelectorAll("input[type=radio]"), function (one) { return one.name === target.name; });
      var chosen = radios[Number(event.key) - 1];
      if (chosen) { chosen.focus(); chosen.click(); }
    }
  });

  function jump(target, step) {
    var sections = Array.prototype.filter.call(body.querySelectorAll("section.section"), function (one) { return one.offsetParent !== null; });
    var here = target.closest ? target.closest("section.section") : null;
    var section = sections[Math.min(Math.max(sections.indexOf(here) + step, 0), sections.length - 1)];
    if (!section) return;
    section.scrollIntoView({ block: "start" });
    var first = stops().filter(function (one) { return section.contains(one); })[0];
    if (first) first.focus();
  }

  // Links of the error summary and the contents land with the cursor in the field.
  function land(hash) {
    var goal = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!goal) return;
    var inner = goal.matches(STOPS) ? goal : goal.querySelector && goal.querySelector(STOPS);
    if (goal.tagName === "SECTION") goal.scrollIntoView({ block: "start" });
    (inner || goal).focus();
  }
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[href^='#']");
    if (!link || link.classList.contains("skip")) return;
    event.preventDefault();
    land(link.getAttribute("href"));
  });
  var focusFirst = document.querySelector("[data-focus]");
  if (!focusFirst) {
    var at = form.querySelector("input[name=_at]").value;
    if (window.location.hash) land(window.location.hash);
    else if (at && document.getElementById(at)) land("#" + at);
    else if (stops()[0]) stops()[0].focus();
  }
  form.addEventListener("focusin", function (event) {
    if (event.target.id && event.target.name && event.target.name.charAt(0) === "/") form.querySelector("input[name=_at]").value = event.target.id;
  });

  // --- saving --------------------------------------------------------------------------------------------
  var waiting = null, busy = false, again = false, dirty = false, leaving = false;

  function pairs() {
    var out = new URLSearchParams();
    new FormData(form).forEach(function (value, name) { if (typeof value === "string") out.append(name, value); });
    return out;
  }
  function say(text, trouble) {
    state.textContent = text;
    state.classList.toggle("trouble", !!trouble);
  }
  function save() {
    window.clearTimeout(waiting);
    if (busy) { again = true; return; }
    busy = true;
    again = false;
    say(form.dataset.unsaved);
    var sent = pairs();
    sent.append("_save", "1");
    window.fetch(form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } })
      .then(function (reply) {
        if (reply.redirected || reply.status === 401) { say(document.getElementById("session-note").dataset.over, true); return null; }
        if (reply.status === 200) return reply.json().then(saved);
        if (reply.status === 409) return reply.json().then(function (who) {
          say(form.dataset.conflict.replace("{who}", who.saved_by).replace("{time}", who.saved_at), true);
        });
        if (reply.status === 401) { say(form.dataset.over, true); return; }
        throw new Error(String(reply.status));
      })
      .catch(function () { say(form.dataset.offline, true); waiting = window.setTimeout(save, 5000); })
      .then(function () { busy = false; if (again) save(); });
  }
  function saved(reply) {
    form.querySelector("input[name=_revision]").value = reply.revision;
    dirty = false;
    say(form.dataset.saved.replace("{time}", reply.saved_at));
  }
  form.addEventListener("change", function (event) {
    if (event.target.type === "file") return;
    dirty = true;
    window.clearTimeout(waiting);
    waiting = window.setTimeout(save, 1000);
  });
  form.addEventListener("input", function () { dirty = true; });
  form.addEventListener("submit", function (event) {
    if (busy) { event.preventDefault(); hold(event.submitter); return; }
    window.clearTimeout(waiting);
    leaving = true;
  });
  function hold(button) {
    var timer = window.setInterval(function () {
      if (busy) return;
      window.clearInterval(timer);
      if (button) button.click(); else form.requestSubmit();
    }, 30);
  }
  window.addEventListener("pageshow", function () { leaving = false; });
  window.addEventListener("beforeunload", function (event) { if (dirty && !leaving) event.preventDefault(); });

  // --- finding codes -------------------------------------------------------------------------------------
  var asked = 0;
  function listOf(box) { return document.getElementById(box.id + "-list"); }
  function close(box) {
    var list = listOf(box);
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }
  function look(box) {
    var mine = ++asked;
    var text = box.value.trim();
    if (!text) { close(box); return; }
    window.fetch(box.dataset.codes + "&list_id=" + encodeURIComponent(box.id + "-list") + "&q=" + encodeURIComponent(text))
      .then(function (reply) { return reply.ok ? reply.text() : ""; })
      .then(function (html) {
        if (mine !== asked || document.activeElement !== box) return;
        var list = listOf(box);
        list.innerHTML = html;
        list.hidden = !list.children.length;
        box.setAttribute("aria-expanded", String(!list.hidden));
      });
  }
  function choices(box) { return Array.prototype.slice.call(listOf(box).querySelectorAll("[data-code]")); }
  function mark(box, option) {
    choices(box).forEach(function (one) { one.setAttribute("aria-selected", String(one === option)); });
    if (option) { box.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
  }
  function pick(box, option) {
    box.value = option.dataset.code;
    var name = document.getElementById(box.id + "-name");
    if (name) name.textContent = option.dataset.name;
    close(box);
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function listKey(event, box) {
    var list = listOf(box);
    if (!list || list.hidden) return false;
    var all = choices(box);
    var here = all.findIndex(function (one) { return one.getAttribute("aria-selected") === "true"; });
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(box, all[(here + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
      return true;
    }
    if (event.key === "Escape") { event.preventDefault(); close(box); return true; }
    if (event.key === "Enter" && all.length) {
      event.preventDefault();
      pick(box, all[Math.max(here, 0)]);
      move(box, 1);
      return true;
    }
    return false;
  }
  var typing = null;
  function typed(event) {
    var box = event.target;
    if (!box.dataset || !box.dataset.codes || event.isComposing || composing) return;
    window.clearTimeout(typing);
    typing = window.setTimeout(function () { look(box); }, 150);
  }
  form.addEventListener("input", typed);
  form.addEventListener("compositionend", function (event) { composing = false; typed(event); });
  form.addEventListener("mousedown", function (event) {
    var option = event.target.closest && event.target.closest("[data-code]");
    if (!option) return;
    event.preventDefault();
    pick(document.getElementById(option.parentNode.id.replace(/-list$/, "")), option);
  });
  form.addEventListener("focusout", function (event) {
    if (event.target.dataset && event.target.dataset.codes) close(event.target);
  });

  // Keys arrive faster than answers: a field that is being typed in keeps what is typed.
  document.addEventListener("htmx:before:swap", function (event) {
    var tasks = event.detail && event.detail.tasks;
    if (!tasks) return;
    tasks.forEach(function (task) {
      var goal = task.target;
      var held = document.activeElement;
      if (!goal || !goal.contains || !held || !goal.contains(held) || !task.fragment) return;
      var fresh = held.id && task.fragment.querySelector("#" + window.CSS.escape(held.id));
      if (fresh && held.value !== undefined && fresh.tagName === held.tagName && held.type === "text" && dirtyBox === held) fresh.setAttribute("value", held.value);
    });
  });
  // A field the cursor already stands in may be filled by an answer that came late (a birth date from the id
  // number): the filled text is then selected, so that the next key replaces it instead of adding to it.
  var stoodIn = null;
  document.addEventListener("htmx:before:swap", function () {
    var held = document.activeElement;
    stoodIn = held && held.type === "text" && held.id && form.contains(held) && dirtyBox !== held ? { id: held.id, value: held.value } : null;
  });
  document.addEventListener("htmx:after:swap", function () {
    var held = document.activeElement;
    if (stoodIn && held && held.id === stoodIn.id && dirtyBox !== held && held.value !== stoodIn.value) held.select();
    stoodIn = null;
  });
  var dirtyBox = null;
  form.addEventListener("input", function (event) { dirtyBox = event.target; });
  form.addEventListener("change", function (event) { if (dirtyBox === event.target) dirtyBox = null; });
})();

// What browsers of 2021 lack and the libraries below use: the oldest on the agencies' desks is Chromium 90.
// Loaded before everything else.

if (typeof Object.hasOwn !== "function") {
  Object.defineProperty(Object, "hasOwn", {
    value: (owner, name) => Object.prototype.hasOwnProperty.call(owner, name), configurable: true, writable: true,
  });
}

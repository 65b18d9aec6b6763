// The few words of a form's `states` that a verifier needs (docs/format.md section 16): who may take which step.
// Decides nothing about guards, rules or deadlines: `unchecked` names them.

import { parseForm } from "./canonical.mjs";
import { Invalid, isList, isObject, isText } from "./refusal.mjs";

export const SYSTEM = "system";

/** Present and not empty, 0 or false. */
function isSaid(value) {
  if (isList(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

function texts(value, pointer) {
  if (isText(value)) return [value];
  if (!isList(value) || !value.every(isText)) throw new Invalid(pointer, "form.states");
  return value;
}

function text(pointer, ...values) {
  const found = values.find(isSaid) ?? "";
  if (!isText(found)) throw new Invalid(pointer, "form.states");
  return found;
}

function readMove(value, pointer, isSystem) {
  if (!isObject(value)) throw new Invalid(pointer, "form.states");
  const by = isSaid(value.by) ? value.by : {};
  if (!isObject(by)) throw new Invalid(`${pointer}/by`, "form.states");
  const roles = new Set(texts(by.roles ?? ("roles" in by ? null : []), `${pointer}/by/roles`));
  if (isSystem) roles.add(SYSTEM);
  if (!isText(value.name) || !isText(value.to)) throw new Invalid(pointer, "form.states");
  const inside = isSaid(by.rule) ? [`${value.name}: by.rule`] : [];
  for (const key of ["guards", "second", "when"]) if (isSaid(value[key])) inside.push(`${value.name}: ${key}`);
  return {
    name: value.name,
    sources: texts("from" in value ? value.from : [], `${pointer}/from`),
    target: value.to,
    roles,
    unit: text(`${pointer}/by`, by.department, by.head_of),
    sameAs: text(`${pointer}/by`, by.same_as),
    holder: text(pointer, value.holder, value.holds),
    notBy: texts("not_by" in value ? value.not_by : [], `${pointer}/not_by`),
    unchecked: inside,
  };
}

/** The transitions in the text of a form bundle: `{initial, find(name, from, to)}`; throws `Invalid`. */
export function readWorkflow(bytes) {
  const value = parseForm(bytes);
  const states = isObject(value) ? value.states : undefined;
  if (!isObject(states) || !isText(states.initial)) throw new Invalid("/states", "form.states");
  const moves = [];
  for (const group of ["transitions", "system"]) {
    const listed = group in states ? states[group] : [];
    if (!isList(listed)) throw new Invalid(`/states/${group}`, "form.states");
    listed.forEach((one, at) => moves.push(readMove(one, `/states/${group}/${at}`, group === "system")));
  }
  return {
    initial: states.initial,
    find: (name, from, to) =>
      moves.filter((one) => one.name === name && one.sources.includes(from) && one.target === to),
  };
}

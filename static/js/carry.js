// Carries words that were typed while an answer travelled into the form, or the rows, that the answer brought: into the same field, and with rows that
// were moved, into the field where its row went.
import { show } from "./merge.js";
import { ROW, changes, params, wordsOf } from "./words.js";

// The contents of the rows of a group, by number.
function rowsOf(words, group) {
  const rows = new Map();
  for (const [name, text] of params(words)) {
    const [, own, number, field] = ROW.exec(name) ?? [];
    if (own === group && text) rows.set(number, [...(rows.get(number) ?? []), [field, text]]);
    else if (own === group && !rows.has(number)) rows.set(number, []);
  }
  return new Map([...rows].map(([number, fields]) => [Number(number), JSON.stringify(fields.sort())]));
}

// Where a row went by the action that was pressed (app/wizard/edits.py); null: it was removed.
function moved(number, verb, at) {
  if (verb === "remove") return number === at ? null : number - (number > at);
  const other = { up: at - 1, down: at + 1 }[verb];
  if (number === at) return other ?? number;
  return number === other ? at : number;
}

// Returns a function: the name of a field in `before` -> its name in `after`, or null where its row is not there any more. A row is looked for where
// the action puts it. If another text stands there, others changed the rows too: then it is the one row that says the same, if there is just one.
function renaming(before, after, action = "") {
  const [group, verb, at] = action.split(".");
  return (name) => {
    const [, own, number, field] = ROW.exec(name) ?? [];
    if (!own) return name;
    const [were, are] = [rowsOf(before, own), rowsOf(after, own)];
    const wanted = were.get(Number(number));
    const target = own === group ? moved(Number(number), verb, Number(at)) : Number(number);
    if (target === null) return null;
    if (are.get(target) === wanted) return `${own}-${target}-${field}`;
    const same = [...are].filter(([, row]) => row === wanted);
    return same.length === 1 ? `${own}-${same[0][0]}-${field}` : null;
  };
}

// Returns `gone`, the names whose field is not there any more; `rename`, what a name has become; and `met`: [name, words] of fields in which the answer brought other words than those
// that the typed ones grew out of.
export function carry(form, before, typed, action, brought = wordsOf(form)) {
  const [was, now, there] = [before, typed, brought].map(params);
  const rename = renaming(before, brought, action);
  const found = { gone: [], met: [], rename, before, typed };
  for (const name of changes(before, typed)) {
    const target = rename(name);
    const of = (values, key) => params(values.getAll(key).map((text) => [target, text])).toString();
    const isShown = target !== null && show(form, target, now.getAll(name)) && of(params(wordsOf(form)), target) === of(now, name);
    if (!isShown) found.gone.push(name);
    else if (of(was, name) !== of(there, target)) found.met.push([target, of(was, name)]);
  }
  return found;
}

// The same where an answer brought rows alone: `old` are no longer in the form, `rows` are. `saved` is what the server has then.
export function carryRows(form, before, old, rows, action) {
  const words = wordsOf(form);
  const names = new Set([...old.querySelectorAll("[name]"), ...rows.querySelectorAll("[name]")].map((each) => each.name));
  const without = (line) => [...params(line)].filter(([name]) => !names.has(name));
  const within = (line) => [...params(line)].filter(([name]) => names.has(name));
  const holder = document.createElement("form");
  holder.append(old);
  const typed = wordsOf(params([...without(words), ...params(wordsOf(holder))]));
  const saved = wordsOf(params([...without(before), ...within(words)]));
  return { ...carry(form, before, typed, action, saved), saved };
}

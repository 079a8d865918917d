// The words of a step's form: what somebody typed or chose, without what only steers the request. One line of text, names in order, so that two
// states can be compared, sent and kept.
const STEERING = /^(csrf_token|version|action|asked|base|sent|since|last|keep|chosen)$|\./;

export const ROW = /^([^-]+)-(\d{1,3})-(.+)$/; // the field of a row: its group, its place and its name; the id of a file has more digits

export const params = (words) => new URLSearchParams(words ?? "");
// A file is no word. (A field of files belongs to a form of its own, but not in a copy of the form that it stands in.)
const textsOf = (form) => params([...new FormData(form)].filter(([, value]) => typeof value === "string"));

function line(values) {
  for (const name of [...values.keys()]) if (STEERING.test(name)) values.delete(name);
  values.sort();
  return values.toString();
}

// Of a form, of the body of a request that it made, or of the server's line.
export const wordsOf = (source) => line(source instanceof HTMLFormElement ? textsOf(source) : params(source));

// Of a form as the page brought it, whatever was typed since.
export function wordsAtFirst(form) {
  const page = form.cloneNode(true);
  page.reset();
  return wordsOf(page);
}

// What the server keeps of a form's words: they lack what no page can show, which are control characters.
export const exactly = (form, words) => withTexts(words, form.elements.version.dataset.exact);

// The same words with other texts for the names that `others` has.
function withTexts(words, others) {
  const [values, changed] = [params(words), params(others)];
  for (const name of new Set(changed.keys())) values.delete(name);
  for (const [name, text] of changed) values.append(name, text);
  return line(values);
}

// A unit is a field, or the fields of a day or a row ("mon", "packages-1").
export const isIn = (unit, name) => name === unit || name.startsWith(`${unit}-`);

export function partOf(words, unit) {
  return params([...params(words)].filter(([name]) => isIn(unit, name))).toString();
}

export const withPart = (words, unit, part) => line(params([...params(words)].filter(([name]) => !isIn(unit, name)).concat([...params(part)])));

// The names whose texts are not the same. A box that isn't ticked, and a field that isn't there, say as little as an empty one; a row without
// a word is a row.
export function changes(before, after) {
  const [one, other] = [params(before), params(after)];
  const texts = (values, name) => {
    const all = values.getAll(name);
    return JSON.stringify(all.join("") || ROW.test(name) ? all : []);
  };
  return [...new Set([...one.keys(), ...other.keys()])].filter((name) => texts(one, name) !== texts(other, name));
}

// The words of a step's form: what somebody typed or chose, without what only steers the request.
const STEERING = ["csrf_token", "version", "action"];

// Of a form, or of the body of a request that it made: one text for all of it, so that two states can be compared.
export function wordsOf(source) {
  const values = new URLSearchParams(source instanceof HTMLFormElement ? new FormData(source) : source);
  for (const name of STEERING) values.delete(name);
  return values.toString();
}

// Whether a field differs from the page as it was sent.
export function wasTyped(field) {
  if (STEERING.includes(field.name) || !field.willValidate) return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  // A time field shows nothing for a text that is no time: that alone is nobody's typing.
  return field.value !== "" && "defaultValue" in field && field.value !== field.defaultValue;
}

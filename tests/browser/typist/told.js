// Runs in each page of the typist before anything else: it tells what the person does there, and lets the page's clock jump. It hears events that
// a person caused, and reads what templates make; it knows no script of the product.
(() => {
  const say = (what, more) => console.debug(`typist ${JSON.stringify({ what, ...more })}`);
  const wordsOf = (text) => [...(text ?? "").matchAll(/q\d+x?|\b\d{3,4}\b/g)].map((each) => each[0]);
  const isNumber = (field) => ["numeric", "decimal"].includes(field.inputMode);
  const inField = (field, text) => (isNumber(field) ? wordsOf(/^\d{3,4}$/.test(text.trim()) ? text : "") : text.match(/q\d+x?/g) ?? []);
  const without = (words, others) => [...new Set(words)].filter((each) => !others.includes(each));
  const stepOf = (form) => form.getAttribute("action").split("?")[0].split("/").pop();
  const fieldsOf = (place) => [...place.querySelectorAll("input, textarea")].filter((each) => !["hidden", "radio", "checkbox", "time", "file"].includes(each.type));
  const shown = (place) => fieldsOf(place).flatMap((each) => inField(each, each.value));

  const removed = new Set(); // names of fields of photos that were removed: what is typed there meanwhile goes with the photo
  let before = "";
  addEventListener("beforeinput", ({ target }) => { before = target.value ?? ""; }, true);
  addEventListener("input", ({ target, isTrusted }) => {
    if (!isTrusted || target.form?.id !== "step-form" || ["radio", "checkbox"].includes(target.type)) return;
    const [old, fresh] = [inField(target, before), inField(target, target.value)];
    const length = Math.max(0, target.value.length - before.length);
    say("typed", { step: stepOf(target.form), name: target.name, length, came: without(fresh, old), went: without(old, fresh) });
    before = target.value;
    if (removed.has(target.name)) say("dropped", { words: fresh, names: [] });
  }, true);

  addEventListener("beforeunload", () => say("leaving", { is_plain: document.querySelector("#save-status")?.textContent.includes("Press “Continue”") ?? false }));

  addEventListener("click", ({ target, isTrusted }) => {
    if (!isTrusted) return;
    const row = target.closest("button[name=action]:is([value^='packages.remove'], [value^='media.remove'])")?.closest("fieldset.row, li.tile");
    const names = row?.matches("li.tile") ? fieldsOf(row).map((each) => each.name) : [];
    if (row) say("dropped", { words: shown(row), names });
    for (const name of names) removed.add(name);
    const choice = target.closest("form.kept-choice");
    if (!choice) return;
    const texts = (wanted) => [...choice.querySelectorAll(".choice")].filter(wanted).flatMap((each) => [...each.querySelectorAll(".as-typed")])
      .flatMap((each) => wordsOf(each.textContent));
    const chosen = (each) => each.querySelector("input").checked;
    const isSaved = (each) => each.querySelector("input").value === "saved";
    // What is saved may be another text by now, which the question does not show yet: then it is asked again, and nothing comes back by this answer.
    if (target.closest("[data-drop]")) say("chose", { kept: [], lost: without(texts((each) => !isSaved(each)), texts(isSaved)) });
    else if (target.closest("button")?.type === "submit") {
      say("chose", { kept: texts((each) => chosen(each) && !isSaved(each)), lost: without(texts((each) => !chosen(each)), texts(chosen)) });
    }
  }, true);

  addEventListener("change", ({ target, isTrusted }) => {
    const dispute = target.closest(".dispute");
    if (!isTrusted || !dispute || target.type !== "radio") return;
    const { unit } = dispute.dataset;
    const fields = [...target.form.elements].filter((each) => each.name === unit || each.name.startsWith(`${unit}-`));
    const here = fields.flatMap((each) => inField(each, each.value));
    const sides = [...dispute.querySelectorAll(".side")];
    // The card says a duration in hours; its button has the text as it was typed.
    const inSide = (each) => [...new URLSearchParams(each.querySelector("[type=radio]").dataset.words).values()].flatMap((text) => wordsOf(/^[\d.]*$/.test(text) ? text : text.match(/q\d+x?/g)?.join(" ")));
    const [chosen, other] = [true, false].map((is) => sides.filter((each) => each.contains(target) === is).flatMap(inSide));
    const kept = target.value === "mine" && fields.length ? here : chosen; // the card may show what stood in the field a moment ago
    say("chose", { kept, lost: without(target.value === "mine" ? other : [...other, ...here], kept) });
  }, true);

  const Machine = Date;
  let ahead = 0;
  globalThis.Date = class extends Machine {
    constructor(...given) { super(...(given.length ? given : [Machine.now() + ahead])); }
    static now() { return Machine.now() + ahead; }
  };
  globalThis.jumpAhead = (ms) => { ahead = ms; };

  globalThis.lookAround = () => {
    const form = document.querySelector("#step-form");
    const status = document.querySelector("#save-status .save-status");
    const told = [...document.querySelectorAll("[role=alert], .kept-choice .error")].filter((each) => each.checkVisibility() && each.textContent.trim()).map((each) => each.textContent.trim());
    const dialog = document.querySelector("dialog[open]");
    const open = [...document.querySelectorAll(".dispute")].filter((each) => !each.querySelector(":checked"));
    return {
      title: document.querySelector("h1")?.textContent.trim() ?? "",
      step: form ? stepOf(form) : "",
      fields: form ? Object.fromEntries(fieldsOf(form).filter((each) => each.name && each.checkVisibility() && !each.closest(".dispute")).map((each) => [each.name, each.value])) : {},
      state: status?.dataset.state ?? "",
      says: status?.textContent.trim() ?? "",
      told,
      dialog: dialog ? dialog.querySelector("h2")?.textContent.trim() ?? "?" : "",
      asks: dialog?.querySelector(".kept-choice") ? "kept" : document.querySelector("#sign-in-form") ? "sign in" : dialog ? "other" : "",
      disputes: open.map((each) => each.dataset.unit),
    };
  };
})();

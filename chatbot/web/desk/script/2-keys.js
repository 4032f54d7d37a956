// Single keys. They act while no field has the focus, never with Control, Alt or Meta, and not at all once switched off (WCAG 2.1.4).
const dialog = $("keys");
const keysOn = document.body.dataset.keys === "on";
const closeKeys = () => dialog.open && dialog.close();
if (dialog) $("keys-close").addEventListener("click", closeKeys);

const stops = () => all(".rows .question").concat(all("[data-quote]"));
let at = -1; // which of them was last gone to

const go = (by) => {
  const list = stops();
  if (!list.length) return;
  const here = list.findIndex((one) => one === document.activeElement || one.contains(document.activeElement));
  at = Math.min(Math.max((here >= 0 ? here : at) + by, 0), list.length - 1);
  list[at].focus();
  list[at].scrollIntoView({ block: "nearest" });
};

const judge = (key) => {
  // A key of a quote acts on the one that was gone to, or on the only one there is.
  const quotes = all("[data-quote]");
  const quote = quotes.find((one) => one.contains(document.activeElement)) || quotes[at] || (quotes.length === 1 ? quotes[0] : null);
  const button = quote && quote.querySelector(`input[data-key="${key}"]`);
  if (!button) return false;
  button.click();
  say(button.closest("fieldset").querySelector("legend").textContent + ": " + button.value.replace("_", " "));
  return true;
};

const press = (key) => {
  const button = all("[data-press]").find((one) => one.dataset.press === key);
  if (button) button.form.requestSubmit(button);
  return Boolean(button);
};

const label = (key) => {
  const button = document.querySelector(`#verdict .labels input[data-key="${key}"]`);
  if (!button || button.disabled) return false;
  button.click();
  say(button.closest("label").textContent.trim());
  const ways = all("#verdict input[name=triage]");
  if (button.value === "wrong_triage" && ways.length) (ways.find((one) => one.checked) || ways[0]).focus(); // the arrows choose from here
  return true;
};

const reach = (id) => {
  const field = $(id);
  if (field) field.focus();
  return Boolean(field);
};

const unfold = (key) => {
  const details = document.querySelector(`details[data-open="${key}"]`);
  if (details) open(details);
  return Boolean(details);
};

const act = (key) => {
  if (key === "j" || key === "k") return go(key === "j" ? 1 : -1), true;
  if (key === "?") return dialog && dialog.showModal(), true;
  if (key === "/") return reach("search");
  if (key === "n") return reach("note");
  if (/^[1-5]$/.test(key)) return label(key);
  if (/^[apdm]$/.test(key)) return judge(key);
  if (/^[cbg]$/.test(key)) return unfold(key);
  if (/^[tsSu]$/.test(key)) return press(key);
  return false;
};

const writes = (element) =>
  element.matches("textarea, select, [contenteditable]") || (element.matches("input") && !/^(radio|checkbox)$/.test(element.type));

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && writes(event.target)) event.target.blur();
  if (!keysOn || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (writes(event.target) || (dialog && dialog.open)) return;
  if (act(event.key)) event.preventDefault();
});

// What makes the desk quicker: keys, and words marked in a document. Nothing needs it; it stores nothing, and sends nothing but the page's
// own forms. `frame.look` puts these files into one function.
const $ = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const say = (words) => {
  $("announce").textContent = "";
  requestAnimationFrame(() => ($("announce").textContent = words));
};
const make = (tag, className, words) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (words) element.textContent = words;
  return element;
};
const open = (details) => {
  details.open = true;
  details.scrollIntoView({ block: "start" });
  const field = details.querySelector("textarea, select, input:not([type=hidden])");
  if (field) field.focus({ preventScroll: true });
};

// What makes the desk quicker: keys, and words marked in a document. Nothing needs it; it stores nothing, and sends nothing but the page's
// own forms. `frame.look` puts these files into one function, after those of `web/script/both`.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const open = (details) => {
  details.open = true;
  details.scrollIntoView({ block: "start" });
  const field = details.querySelector("textarea, select, input:not([type=hidden])");
  if (field) field.focus({ preventScroll: true });
};

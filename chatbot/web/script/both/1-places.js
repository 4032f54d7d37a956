// What the readers' page and the moderators' desk share: small pieces, and a document's page taken over at the place that it marks.
// `theme.script` puts these files before those of either.
const $ = (id) => document.getElementById(id);
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
const mark = (link) => {
  // The only link whose place is shown, or none.
  for (const each of document.querySelectorAll("a.place[aria-current]")) each.removeAttribute("aria-current");
  if (link) link.setAttribute("aria-current", "true");
};
const documentAt = async (address) => {
  // The document of a page of this server; null when it is not to be had.
  try {
    const response = await fetch(address, { credentials: "omit" });
    return new DOMParser().parseFromString(await response.text(), "text/html").getElementById("document");
  } catch {
    return null;
  }
};
const toHere = (within) => {
  // Scrolls what holds the document, so that the marked place is a third down.
  const here = $("here");
  if (!here) return;
  const top = here.getBoundingClientRect().top - within.getBoundingClientRect().top + within.scrollTop;
  within.scrollTop = Math.max(0, top - within.clientHeight / 3);
};

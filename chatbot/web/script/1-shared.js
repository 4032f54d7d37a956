// What the other files share. `theme.script` puts all of them into one function, in the order of their names. The page stores nothing.
// To the server it sends places of quotes with the question (to make a file of them), a judgement, or a receipt; never words that a
// reply showed.
const $ = (id) => document.getElementById(id);
const announcer = $("announce");
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
const say = (words) => {
  announcer.textContent = "";
  requestAnimationFrame(() => (announcer.textContent = words));
};
const make = (tag, className, words) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (words) element.textContent = words;
  return element;
};
const post = (address, body) =>
  fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    credentials: "omit",
    cache: "no-store",
  });
const wordsOf = async (response) => {
  try {
    const told = await response.json();
    return (told.error && told.error.message) || "That did not work. Please try again.";
  } catch {
    return "That did not work. Please try again.";
  }
};

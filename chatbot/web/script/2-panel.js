// The document behind a quote, opened beside the conversation at the very place.
const panel = $("panel");
let opener = null; // what opened the panel, so that the keyboard can go back to it
let asked = 0;
const beside = window.matchMedia("(min-width: 1080px)"); // as in 6-panel.css; below, the panel lies over the page

function cover() {
  // What lies under the panel is out of the keyboard's way and out of what is read aloud.
  const over = !panel.hidden && !beside.matches;
  for (const part of document.body.children) if (part !== panel && part.id !== "tip") part.inert = over;
  if (over) panel.setAttribute("aria-modal", "true");
  else panel.removeAttribute("aria-modal");
  panel.setAttribute("role", over ? "dialog" : "complementary");
}
beside.addEventListener("change", cover);

function closePanel() {
  asked++; // what is on its way is no longer wanted
  mark(null);
  if (panel.hidden) return;
  panel.hidden = true;
  cover();
  document.body.classList.remove("reading");
  if (opener && opener.isConnected) opener.focus();
  opener = null;
}

async function openPanel(link) {
  const number = ++asked;
  opener = link;
  mark(link);
  const page = await documentAt(link.href);
  if (number !== asked) return; // another place was asked for meanwhile
  const title = $("panel-title");
  const body = $("panel-body");
  if (page) {
    title.textContent = page.getAttribute("aria-label");
    body.replaceChildren(...page.childNodes);
  } else {
    title.textContent = "The document cannot be shown";
    body.replaceChildren(make("p", "stale", "It is not to be had just now. Please try again, or open the publisher’s page."));
  }
  panel.hidden = false;
  cover();
  document.body.classList.add("reading");
  panel.scrollTop = 0;
  title.focus({ preventScroll: true });
  toHere(panel);
}

$("panel-close").addEventListener("click", closePanel);

panel.addEventListener("click", (event) => {
  // A section of the document that is open: go there, and leave the page's address as it is.
  const link = event.target.closest('.sections a[href*="#"]');
  if (!link) return;
  event.preventDefault();
  const target = panel.querySelector("#" + CSS.escape(link.hash.slice(1)));
  if (!target) return;
  target.setAttribute("tabindex", "-1");
  target.scrollIntoView({ block: "start" });
  target.focus({ preventScroll: true });
});

// Names and live regions that Gradio does not give, the newest turn in view, the keyboard's place kept.
function label(id, role, name) {
  const element = $(id);
  if (element && !element.hasAttribute("aria-label")) {
    element.setAttribute("role", role);
    element.setAttribute("aria-label", name);
  }
}

function show(turn) {
  const box = turn.getBoundingClientRect();
  const composer = $("composer");
  const room = window.innerHeight - (composer ? composer.offsetHeight : 0);
  if (box.top >= 0 && box.bottom <= room) return;
  turn.scrollIntoView({ block: "start" });
}

function keepPlace(turn) {
  // A suggestion that was pressed is gone with its button: go on from the question it asked.
  if (document.activeElement && document.activeElement !== document.body) return;
  const heading = turn.querySelector(".asked");
  if (!heading) return;
  heading.setAttribute("tabindex", "-1");
  heading.focus({ preventScroll: true });
}

function dress(turns) {
  // What Gradio's sanitizer takes out of a turn.
  turns.forEach((turn, index) => {
    const undo = turn.querySelector("button.as-typed");
    if (undo) undo.hidden = index !== turns.length - 1;
    if (turn.dataset.dressed === turn.className) return;
    turn.dataset.dressed = turn.className;
    for (const term of turn.querySelectorAll(".term")) {
      const meaning = meaningOf(term);
      if (!meaning) continue;
      term.setAttribute("role", "button");
      term.setAttribute("aria-describedby", meaning.id);
    }
  });
}

const SOON = 3000; // milliseconds within which the turn of what was asked is there
let pressed = -SOON;

function begin() {
  // What makes room for the first turn goes as somebody asks, not when the turn comes: nothing jumps that nobody touched.
  pressed = performance.now();
  document.body.classList.add("begun");
  setTimeout(look, SOON + 50); // where no turn came
}

const typed = () => (document.querySelector("#question :is(textarea, input)") || { value: "" }).value.trim();
document.addEventListener(
  "click",
  (event) => {
    if (event.target.closest("#suggestions button") || (event.target.closest("#question button") && typed())) begin();
  },
  true,
);
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Enter" && !event.shiftKey && event.target.closest("#question") && typed()) begin();
  },
  true,
);

let known = "";
let measured = null;

function measure() {
  // How much of the window the question box takes, so that what has the focus is never scrolled under it.
  const composer = $("composer");
  if (!composer || composer === measured) return;
  measured = composer;
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--composer", composer.offsetHeight + "px");
  }).observe(composer);
}

function look() {
  measure();
  label("conversation", "log", "Conversation");
  label("suggestions", "group", "Questions you can ask");
  const log = $("conversation");
  if (log && log.getAttribute("aria-live") !== "off") log.setAttribute("aria-live", "off");
  for (const link of document.querySelectorAll('a[href^="tel:"][target]')) link.removeAttribute("target");
  for (const box of document.querySelectorAll('#question :is(textarea, input):not([dir="auto"])')) box.dir = "auto";

  const turns = [...document.querySelectorAll("#conversation .turn")];
  if (turns.length) pressed = -SOON;
  dress(turns);
  const turn = turns[turns.length - 1]; // the newest: the slots stand in order
  const state = turn ? turn.id + " " + turn.className : "";
  document.body.classList.toggle("begun", turns.length > 0 || performance.now() < pressed + SOON);
  if (state === known) return;
  known = state;
  if (opener && !opener.isConnected) {
    opener = null;
    closePanel();
  }
  if (!turn) {
    announcer.textContent = "";
    return;
  }
  if (!turn.classList.contains("pending")) {
    const summary = turn.querySelector(".summary");
    announcer.textContent = summary ? summary.textContent.trim() : "";
  }
  keepPlace(turn);
  show(turn);
}

let planned = false;
new MutationObserver(() => {
  if (planned) return;
  planned = true;
  requestAnimationFrame(() => {
    planned = false;
    look();
  });
}).observe($("page"), { childList: true, subtree: true });

$("skip").addEventListener("click", (event) => {
  const box = document.querySelector("#question textarea, #question input");
  if (!box) return;
  event.preventDefault();
  box.focus();
});

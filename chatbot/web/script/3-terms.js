// A term explained where it stands: on focus, under the pointer, or pressed. Escape takes it away.
const tip = $("tip");
let explained = null;

function meaningOf(term) {
  const turn = term.closest(".turn");
  const number = [...term.classList].map((name) => /^term-(\d+)$/.exec(name)).find(Boolean);
  return turn && number ? turn.querySelectorAll(".words dd")[Number(number[1])] : null;
}

function showTip(term) {
  const meaning = meaningOf(term);
  if (!meaning) return;
  explained = term;
  tip.replaceChildren(...[...meaning.childNodes].map((node) => node.cloneNode(true)));
  tip.hidden = false;
  const at = term.getBoundingClientRect();
  const width = Math.min(window.innerWidth - 16, 22 * 16);
  tip.style.maxWidth = width + "px";
  const left = Math.max(8, Math.min(at.left, window.innerWidth - tip.offsetWidth - 8));
  const above = at.top - tip.offsetHeight - 6;
  tip.style.left = left + "px";
  tip.style.top = (above > 8 ? above : at.bottom + 6) + "px";
}

function hideTip() {
  tip.hidden = true;
  explained = null;
}

document.addEventListener("focusin", (event) => {
  const term = event.target.closest ? event.target.closest(".term") : null;
  if (term) showTip(term);
  else if (!tip.contains(event.target)) hideTip();
});
document.addEventListener("mouseover", (event) => {
  const term = event.target.closest(".term");
  if (term) showTip(term);
  else if (explained && !tip.contains(event.target) && document.activeElement !== explained) hideTip();
});
document.addEventListener("keydown", (event) => {
  const term = event.target.closest ? event.target.closest(".term") : null;
  if (!term || (event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  if (tip.hidden) showTip(term);
  else hideTip();
});
window.addEventListener("scroll", () => explained && showTip(explained), { passive: true });

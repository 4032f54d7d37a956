// What the page needs of scripting beside Gradio: tell a screen reader what came, bring the newest turn into view, and keep
// the keyboard's place. It sends nothing, stores nothing and reads nothing but the newest turn's state.
"use strict";

(() => {
  const status = document.getElementById("announce");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  let known = "";

  function label(id, role, name) {
    const element = document.getElementById(id);
    if (element && !element.hasAttribute("aria-label")) {
      element.setAttribute("role", role);
      element.setAttribute("aria-label", name);
    }
  }

  function show(turn) {
    const box = turn.getBoundingClientRect();
    const composer = document.getElementById("composer");
    const room = window.innerHeight - (composer ? composer.offsetHeight : 0);
    if (box.top >= 0 && box.bottom <= room) return;
    turn.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
  }

  function keepPlace(turn) {
    // A suggestion that was pressed is gone with its button: go on from the question it asked.
    if (document.activeElement && document.activeElement !== document.body) return;
    const heading = turn.querySelector(".asked");
    if (!heading) return;
    heading.setAttribute("tabindex", "-1");
    heading.focus({ preventScroll: true });
  }

  function look() {
    label("conversation", "log", "Conversation");
    label("suggestions", "group", "Questions you can ask");
    const log = document.getElementById("conversation");
    if (log && log.getAttribute("aria-live") !== "off") log.setAttribute("aria-live", "off");
    for (const link of document.querySelectorAll('a[href^="tel:"][target]')) link.removeAttribute("target");

    const turns = document.querySelectorAll("#conversation .turn");
    let turn = null; // the newest: the slots stand in order, and the newest is the last one filled
    for (const each of turns) turn = each;
    const state = turn ? turn.id + " " + turn.className : "";
    if (state === known) return;
    known = state;
    if (!turn) {
      status.textContent = "";
      return;
    }
    if (!turn.classList.contains("pending")) {
      const summary = turn.querySelector(".summary");
      status.textContent = summary ? summary.textContent.trim() : "";
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
  }).observe(document.getElementById("page"), { childList: true, subtree: true });

  document.getElementById("skip").addEventListener("click", (event) => {
    const box = document.querySelector("#question textarea, #question input");
    if (!box) return;
    event.preventDefault();
    box.focus();
  });
})();

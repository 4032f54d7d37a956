// The document beside a record: another place opened in it, and words marked in it handed to the forms.
const beside = $("beside-body");
if (beside) {
  const marked = $("marked");
  const hint = $("select-hint");
  let place = null; // { doc, start, end, words }
  let asked = 0;

  const show = async (link) => {
    const number = ++asked;
    mark(link);
    const page = await documentAt(link.href);
    if (number !== asked) return; // another place was asked for meanwhile
    beside.replaceChildren(page || make("p", "stale", "This document cannot be shown just now. Please try again."));
    $("beside-title").textContent = page ? page.getAttribute("aria-label") : "In the sources";
    toHere(beside);
    $("beside-title").focus({ preventScroll: innerWidth >= 1080 });
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.place");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      show(link);
    }
    const section = event.target.closest('.sections a[href*="#"]');
    if (section && beside.contains(section)) {
      event.preventDefault();
      const target = beside.querySelector("#" + CSS.escape(section.hash.slice(1)));
      if (target) target.scrollIntoView({ block: "start" });
    }
  });

  const offset = (node, index) => {
    // Where a point of the selection lies in the document's text, in code points, as the server counts.
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    const block = element && element.closest("[data-at]");
    if (!block || !beside.contains(block)) return -1;
    const before = document.createRange();
    before.setStart(block, 0);
    before.setEnd(node, index);
    return Number(block.dataset.at) + [...before.toString()].length;
  };

  const look = () => {
    const selection = getSelection();
    const article = beside.querySelector("[data-doc]");
    place = null;
    if (article && selection.rangeCount && !selection.isCollapsed) {
      const range = selection.getRangeAt(0);
      const start = offset(range.startContainer, range.startOffset);
      const end = offset(range.endContainer, range.endOffset);
      if (start >= 0 && end > start) place = { doc: article.dataset.doc, start, end, words: selection.toString().trim() };
    }
    marked.hidden = !place;
    if (place) marked.querySelector(".words").textContent = "“" + place.words + "”";
  };
  document.addEventListener("selectionchange", look);

  const hand = (use) => {
    const name = use === "gold" ? "gold" : "place";
    const details = $(use === "gold" ? "do-case" : "do-proposal");
    const list = document.querySelector(`ul[data-marked="${name}"]`);
    const value = `${place.doc}:${place.start}-${place.end}`;
    const input = make("input");
    Object.assign(input, { type: list.dataset.kind, name, value, checked: true, id: `${name}-${place.doc}-${place.start}-${place.end}` });
    const choice = make("label", "choice");
    choice.htmlFor = input.id;
    choice.append(input, make("span", "", `The whole sentence around “${place.words}”`));
    const item = make("li");
    item.append(choice);
    if (name === "place") list.replaceChildren(item);
    else if (!$(input.id)) list.append(item);
    if (use === "gold") $("case-expectation").value = "answer";
    else $(`action-${use}`).checked = true;
    getSelection().removeAllRanges();
    open(details);
    say("Taken over into the form.");
  };
  marked.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the selection
  for (const button of all("button", marked)) button.addEventListener("click", () => place && hand(button.dataset.use));

  hint.hidden = false;
  toHere(beside);
}

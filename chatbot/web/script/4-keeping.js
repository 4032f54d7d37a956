// A reply copied, kept as a file, printed, judged, or deleted from the log.
const identOf = (turn) => turn.id.replace(/^turn-\d+-?/, "");
const placeOf = (item) => {
  const link = item.querySelector("a.place");
  const found = link && /read\/(.+)$/.exec(link.getAttribute("href"));
  return found ? found[1] : null;
};
const named = (turn, pattern) => {
  const found = [...turn.classList].map((name) => pattern.exec(name)).find(Boolean);
  return found ? found[1] : "";
};
const placesIn = (root, selector) => [...root.querySelectorAll(selector + " > li")].map(placeOf).filter(Boolean);

function told(turn) {
  // A turn as the server takes it back: the question and places, no words of a reply.
  const kinds = ["answer", "abstention", "crisis", "drug-request", "medical-advice"];
  const kind = kinds.find((name) => turn.classList.contains(name));
  const typed = turn.querySelector(".asked .typed");
  if (!kind || !typed) return null;
  const carried = turn.querySelector(".understood .carried"); // what a follow-up was taken to be about, which nobody else can know
  return {
    question: typed.textContent + (carried ? " (about: " + carried.textContent + ")" : ""),
    kind: kind.replace("-", "_"),
    quotes: placesIn(turn, ":is(.reply, .near) > .quotes"),
    keep_in_mind: placesIn(turn, ".keep > .quotes"),
    unanswered: [...turn.querySelectorAll(".partial .open")].map((part) => part.textContent),
    generation: named(turn, /^gen-(.+)$/),
    reason: named(turn, /^why-(.+)$/),
    false_premise: Boolean(turn.querySelector(".premise")),
  };
}

async function save(turns, form, beside) {
  const sent = turns.map(told).filter(Boolean);
  if (!sent.length) return tell(beside, "There is no reply to keep yet.");
  const response = await post("api/export", { as: form === "print" ? "html" : form, turns: sent });
  if (!response.ok) return tell(beside, await wordsOf(response));
  if (form === "print") return print(await response.text());
  const address = URL.createObjectURL(await response.blob());
  const named = /filename="?([^";]+)/.exec(response.headers.get("content-disposition") || "");
  const link = make("a");
  link.href = address;
  link.download = named ? named[1] : "answer";
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
  return tell(beside, "Saved as " + link.download + ".");
}

function print(page) {
  // The card in a frame of its own, so that it prints as it would be saved.
  const frame = make("iframe", "hidden");
  frame.title = "The reply as it is printed";
  frame.addEventListener("load", () => {
    frame.contentWindow.addEventListener("afterprint", () => frame.remove());
    frame.contentWindow.focus();
    frame.contentWindow.print();
  });
  frame.srcdoc = page;
  document.body.append(frame);
}

async function copyQuote(button) {
  const item = button.closest("li");
  const quote = item.querySelector("blockquote").textContent;
  const label = item.querySelector(".source cite").textContent;
  const section = item.querySelector(".source .section");
  const where = section ? section.textContent : "";
  const open = item.querySelector('.source .line + .line a[href^="http"]');
  const lead = item.querySelector(".lead").textContent;
  const note = /written by/.test(lead) ? lead.replace(/:$/, "") : label;
  const alert = item.querySelector(".alert");
  const cited = (alert ? alert.textContent + "\n" : "") + "“" + quote + "”\n— " + note + (where ? ", " + where : "") + (open ? "\n" + open.href : "");
  let copied = true;
  try {
    await navigator.clipboard.writeText(cited);
  } catch {
    const area = make("textarea", "hidden");
    area.value = cited;
    document.body.append(area);
    area.select();
    copied = document.execCommand("copy");
    area.remove();
    button.focus();
  }
  flash(button, copied ? "copied" : "not copied");
  say(copied ? "Quote copied with its citation." : "The quote could not be copied.");
}

function flash(button, words) {
  const first = button.firstChild;
  const before = first.textContent;
  if (before === words) return;
  first.textContent = words;
  setTimeout(() => (first.textContent = before), 2000);
}

const REASONS = [
  ["wrong_passage", "The wrong passage"],
  ["not_answered", "It does not answer"],
  ["unclear", "Hard to understand"],
  ["other", "Something else"],
];

async function judge(turn, thumb, reason, comment) {
  const response = await post("api/feedback", { id: identOf(turn), thumb, reason, comment });
  const box = turn.querySelector(".judge");
  if (!box) return undefined; // the row was deleted meanwhile
  if (!response.ok) return tell(box, await wordsOf(response), true);
  const taken = await response.json();
  if (taken.message) return comfort(box, taken);
  box.replaceChildren();
  return tell(box, "Thank you. The people who look after this page will see it.", true);
}

function comfort(box, taken) {
  // The comment reads as somebody in danger: the message and the lines to call, as a reply would show them.
  const lines = make("ul", "lines");
  for (const { country, name, contact } of taken.help_lines || []) {
    const item = make("li");
    const number = /^[+\d][\d ().-]*$/.test(contact);
    const call = make(number || /^https?:\/\//.test(contact) ? "a" : "span", number ? "phone" : "", contact);
    if (call.tagName === "A") call.href = number ? "tel:" + contact.replace(/[^\d+]/g, "") : contact;
    item.append(make("span", "where", country), " ", make("span", "who", name), " ", call);
    lines.append(item);
  }
  box.classList.add("comfort");
  box.replaceChildren(make("p", "", taken.message), lines);
  say(taken.message);
}

function askWhy(turn) {
  const box = turn.querySelector(".judge");
  const form = make("form", "why");
  const group = make("fieldset");
  group.append(make("legend", "", "What was wrong?"));
  for (const [value, words] of REASONS) {
    const label = make("label");
    const choice = make("input");
    choice.type = "radio";
    choice.name = "why-" + turn.id;
    choice.value = value;
    label.append(choice, " " + words);
    group.append(label);
  }
  const more = make("label", "more", "In your words, if you like (please nothing about yourself)");
  const area = make("textarea");
  area.maxLength = 500;
  area.rows = 2;
  area.dir = "auto";
  more.append(area);
  const send = make("button", "act send", "Send");
  send.type = "submit";
  form.append(group, more, send);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = form.querySelector("input:checked");
    judge(turn, "down", chosen ? chosen.value : "other", area.value);
  });
  box.replaceChildren(form);
  group.querySelector("input").focus();
}

async function forget(button) {
  const turn = button.closest(".turn");
  const receipt = turn.querySelector("code.receipt").textContent;
  const response = await post("api/receipts", { receipts: [receipt], do: "delete" });
  const box = button.closest(".logged");
  if (!response.ok) return tell(box, await wordsOf(response), true);
  turn.querySelector(".judge")?.remove();
  box.replaceChildren();
  return tell(box, "It was deleted from the log.", true);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#conversation a.place");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    openPanel(link);
    return;
  }
  const term = event.target.closest(".term");
  if (term) showTip(term);
  const button = event.target.closest("button");
  if (!button) return;
  const turn = button.closest(".turn");
  const is = (name) => button.classList.contains(name);
  if (button.closest("#export")) save([...document.querySelectorAll("#conversation .turn")], button.className, button.parentNode);
  else if (!turn) return;
  else if (is("copy")) copyQuote(button);
  else if (is("as-typed")) $("as-typed").click();
  else if (is("save")) save([turn], button.classList[2], button.parentNode);
  else if (is("up")) judge(turn, "up", "", "");
  else if (is("down")) askWhy(turn);
  else if (is("forget")) forget(button);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (!tip.hidden) hideTip();
  else closePanel();
});

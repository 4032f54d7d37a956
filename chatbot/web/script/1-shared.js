// What the other files share, after `both`. `theme.script` puts all of them into one function, in the order of their names. The page stores nothing.
// To the server it sends places of quotes with the question (to make a file of them), a judgement, or a receipt; never words that a
// reply showed.
const announcer = $("announce");
const AWAY = "The server cannot be reached just now. Please try again.";
const post = async (address, body) => {
  try {
    return await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
    });
  } catch {
    return new Response(JSON.stringify({ error: { message: AWAY } }), { status: 503 });
  }
};
const tell = (beside, words, focus) => {
  // Words for everybody: seen beside what was pressed, and read out.
  let note = beside.querySelector(":scope > .told");
  if (!note) {
    note = make("p", "told");
    note.tabIndex = -1;
    beside.append(note);
  }
  note.textContent = words;
  if (focus) note.focus({ preventScroll: true });
  say(words);
};
const wordsOf = async (response) => {
  try {
    const told = await response.json();
    return (told.error && told.error.message) || "That did not work. Please try again.";
  } catch {
    return "That did not work. Please try again.";
  }
};

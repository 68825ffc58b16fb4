/* Vetting by keyboard: the next candidates are here before they are asked for, and what is
   said goes to the site behind one's back. Without this file the page is links and forms. */

import { listen } from "./keys.js";
import { Outbox } from "./outbox.js";

const AHEAD = 3;
const KEPT = 200;
const UNCAT = "UNCAT";
const WORDS = ["T1_CAND", "T2_CAND", "KNOWN_PSR", "NB_PSR", "RFI", "NOISE", UNCAT];

const root = document.querySelector("[data-vet]");
const part = (name) => root.querySelector(`[data-${name}]`);
const place = part("cards");
const whole = part("whole");
const sheet = part("sheet");

/* The candidates in the order in which they came, and which of them is shown. */
const line = [place.firstElementChild];
let here = 0;
/* What was said and not undone, and what was undone and not said since. */
const acts = [];
const undone = [];
let judged = Number(part("judged").textContent.replace(/\D/g, ""));
let left = Number(root.dataset.left);
let advances = root.dataset.advance === "1";
let isFilling = false;
/* The end of what is here: the next one is shown as soon as it has come. */
let isWanted = false;

const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
const shown = () => (isWanted ? null : line[here]);
const formOf = (card) => card?.querySelector("form[data-verdict]");
const rowOf = (card) => `row ${card.dataset.card.replace(/.*-/, "")}`;
const say = (words) => { part("says").textContent = words; };

/* --- one candidate on the page ------------------------------------------------------ */

const describe = (card) => `${card.dataset.says}${card.said ? `, you said ${card.said}` : ""}. ${judged} judged, ${left} to go.`;

const show = () => {
  const card = line[here];
  const hadFocus = place.contains(document.activeElement);
  isWanted = false;
  place.replaceChildren(card);
  history.replaceState(null, "", card.dataset.address);
  root.querySelector('[data-do="previous"]').href = card.dataset.back;
  root.querySelector('[data-do="next"]').href = card.dataset.onward;
  if (hadFocus) card.querySelector("h2").focus({ preventScroll: true });
  if (root.getBoundingClientRect().top < 0) root.scrollIntoView();
  if (whole.open) enlarge();
  draw();
  say(describe(card));
};

const enlarge = () => {
  const picture = shown()?.querySelector("picture, .strips");
  whole.querySelector("div").replaceChildren(...(picture ? [picture.cloneNode(true)] : []));
};

/* Which word is said of a card; the same candidate may stand in the line twice. */
const mark = (card, word) => {
  const same = line.filter(({ dataset }) => dataset.same === card.dataset.same);
  for (const one of new Set([card, ...same])) {
    one.said = word;
    one.querySelectorAll("button.word").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.value === word));
    });
  }
};

const count = (before, after) => {
  const step = Number(Boolean(after)) - Number(Boolean(before));
  judged = Math.max(0, judged + step);
  if (!root.dataset.more) left = Math.max(0, left - step);
  part("judged").textContent = grouped(judged);
  root.querySelector("strong[data-left]").textContent = grouped(left);
};

/* --- the line of candidates --------------------------------------------------------- */

const taken = (card) => {
  /* What was picked is what the form says; it is read once, when the card comes. */
  card.said = card.querySelector('button.word[aria-pressed="true"]')?.value ?? "";
  return card;
};

/* Pictures that are not here come one at a time, the nearest first: a site that draws three
   of them at once would have nobody left to answer. */
const PICTURE = "picture > img";
let isDrawing = false;
const draw = async () => {
  const waits = (card) => card.querySelector(PICTURE)?.loading === "lazy";
  const card = line.slice(here, here + 1 + AHEAD).find(waits);
  if (isDrawing || !card) return;
  const picture = card.querySelector(PICTURE);
  isDrawing = true;
  picture.loading = "eager";
  /* Drawn by the browser, too, before it is shown. */
  await picture.decode().catch(() => {});
  isDrawing = false;
  draw();
};

const fetched = async (key, value) => {
  const answer = await fetch(`${root.dataset.ahead}&${key}=${value}`, { redirect: "manual" });
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  page.querySelectorAll(PICTURE).forEach((picture) => { picture.loading = "lazy"; });
  return [...page.querySelectorAll("[data-card]")].map((card) => taken(document.importNode(card, true)));
};

const isNew = (card) => {
  const rest = line.slice(here);
  const isSaid = line.some((one) => one.said && one.dataset.same === card.dataset.same);
  return !isSaid && !rest.some(({ dataset }) => dataset.same === card.dataset.same);
};

const fill = async () => {
  if (isFilling || line.length - 1 - here >= AHEAD) return;
  isFilling = true;
  let hasFailed = false;
  try {
    for (const card of await fetched("after", line.at(-1).dataset.card)) {
      if (isNew(card)) line.push(card);
    }
  } catch {
    hasFailed = true;
  }
  isFilling = false;
  draw();
  if (isWanted) arrive(hasFailed);
};

/* What was waited for has come, or there is no more. */
const arrive = (hasFailed) => {
  if (here + 1 < line.length) {
    here += 1;
    show();
    fill();
  } else if (hasFailed) {
    setTimeout(fill, 2_000);
  } else if (!outbox.posts.length) {
    location.replace(root.dataset.start);
  }
};

const wait = () => {
  isWanted = true;
  const words = document.createElement("p");
  words.className = "card empty";
  words.textContent = "Looking for the next candidate…";
  place.replaceChildren(words);
  say(words.textContent);
};

const next = () => {
  if (isWanted) return;
  if (here + 1 < line.length) {
    here += 1;
    if (here > KEPT) {
      line.shift();
      here -= 1;
    }
    show();
  } else {
    wait();
  }
  fill();
};

const previous = async () => {
  if (isWanted) {
    show();
    return;
  }
  if (here === 0) {
    const found = await fetched("before", line[0].dataset.card).catch(() => []);
    if (!found.length) {
      tell("This is the first one.");
      return;
    }
    line.unshift(...found);
    here += found.length;
  }
  here -= 1;
  show();
};

const goTo = (card) => {
  if (shown() === card) return;
  if (!line.includes(card)) line.splice(here + 1, 0, card);
  here = line.indexOf(card);
  show();
};

/* --- what is said ------------------------------------------------------------------- */

const judge = (word) => {
  const card = shown();
  const form = formOf(card);
  if (!form) return;
  if (!word || (word === UNCAT && !card.said)) {
    tell(word ? "You have said nothing of it." : "Say what it is: one of the six words.");
    return;
  }
  const body = new FormData(form);
  body.set("word", word);
  /* From here on this page knows what was said; the site need not compare. */
  form.elements.seen?.remove();
  /* Said anew where the first word was refused: that one goes no more. */
  const waiting = acts.find((one) => one.card === card && outbox.trouble?.post === one.post);
  if (waiting) takeOut(waiting);
  const act = { card, before: card.said, after: word === UNCAT ? "" : word };
  act.post = { url: form.action, body, act };
  acts.push(act);
  undone.length = 0;
  mark(card, act.after);
  count(act.before, act.after);
  outbox.put(act.post);
  if (advances && act.after) next();
  else say(describe(card));
};

/* As if it had never been said. */
const takeOut = (act) => {
  act.isVain = true;
  for (const pile of [acts, undone]) {
    if (pile.includes(act)) pile.splice(pile.indexOf(act), 1);
  }
  mark(act.card, act.before);
  count(act.after, act.before);
  outbox.drop(act.post);
};

const undo = () => {
  const act = acts.pop();
  if (act) {
    undone.push(act);
    mark(act.card, act.before);
    count(act.after, act.before);
    goTo(act.card);
    act.isUnsent = outbox.drop(act.post);
    if (act.isUnsent) return;
  }
  step("undo", act);
};

const redo = () => {
  const act = undone.pop();
  if (act) {
    acts.push(act);
    mark(act.card, act.after);
    count(act.before, act.after);
    goTo(act.card);
    if (act.isUnsent) {
      outbox.put(act.post);
      return;
    }
  }
  step("redo", act);
};

/* One step back or forth on the site; vain where the verdict it is about never held. */
const step = (kind, act) => {
  const isVain = () => Boolean(act?.isVain);
  outbox.put({ kind, url: root.dataset[kind], body: new FormData(), of: act, isVain });
};

/* --- what the site answers ---------------------------------------------------------- */

const delivered = (post, said) => {
  if (post.act) {
    post.act.isVain = said.did === "";
    if (post.act.isVain && acts.includes(post.act)) acts.splice(acts.indexOf(post.act), 1);
    told = said.stood ? `${rowOf(post.act.card)}: ${said.stood}` : "";
  } else if (said) {
    stepped(post, said);
  }
  if (!outbox.posts.length) fill();
};

/* The site steps over what was said in other windows too: one is led to where it was. */
const stepped = async (post, { did, url }) => {
  if (!did) {
    told = `There is nothing to ${post.kind}.`;
    return;
  }
  const [, batch, row] = url.match(/\/batches\/(\d+)\/rows\/(\d+)\//) ?? [];
  const at = `${batch}-${row}`;
  told = `${post.kind === "undo" ? "Undone" : "Said again"}: ${did}.`;
  if (!row || post.of?.card.dataset.card === at) return;
  const [card] = await fetched("at", at).catch(() => []);
  if (card) goTo(card);
};

const refused = ({ act }) => {
  if (act) goTo(act.card);
};

const leaveOut = () => {
  const { post } = outbox.trouble;
  if (post.act) takeOut(post.act);
  else outbox.drop(post);
};

/* In words how what was said is on its way. */
let told = "";
const tell = (words) => {
  told = words;
  changed();
};
const button = (words, does) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.textContent = words;
  made.addEventListener("click", does);
  return made;
};
const changed = () => {
  const saving = part("saving");
  const { posts, trouble } = outbox;
  saving.dataset.state = trouble ? "trouble" : posts.length ? "saving" : "saved";
  if (!trouble) {
    const state = posts.length ? `Saving ${posts.length}…` : outbox.hasSent ? "Saved." : "";
    saving.replaceChildren([told, state].filter(Boolean).join(" "));
    return;
  }
  const { post, words, again } = trouble;
  const what = post.act ? `${post.act.after || "taking back"} on ${rowOf(post.act.card)}` : post.kind;
  const more = posts.length > 1 ? ` ${posts.length - 1} more wait.` : "";
  const when = again ? ` It is tried again in ${again / 1_000} s.` : "";
  saving.replaceChildren(
    `Not saved: ${what}: ${words}.${more}${when} `,
    button("Retry", () => outbox.retry()),
    ...(again ? [] : [" ", button("Leave it out", leaveOut)]),
  );
};

const outbox = new Outbox({ changed, refused, delivered });

/* --- keys and buttons --------------------------------------------------------------- */

const toggle = (dialog) => {
  if (dialog.open) {
    dialog.close();
    return;
  }
  if (dialog === whole) enlarge();
  dialog.showModal();
};

const does = {
  previous,
  next,
  undo,
  redo,
  note: () => formOf(shown())?.elements.note.focus(),
  whole: () => toggle(whole),
  help: () => toggle(sheet),
};

const act = (name) => {
  if (sheet.open && name !== "help") return false;
  if (WORDS.includes(name)) judge(name);
  else if (does[name]) does[name]();
  else return false;
  return true;
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-do]");
  const isPlain = !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (link && isPlain && act(link.dataset.do)) event.preventDefault();
});

const choose = async (form) => {
  const pressed = form.querySelector("button");
  const body = new FormData(form);
  body.set("advance", pressed.value);
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
  /* It leads back here; or, when the log-in has ended, elsewhere. */
  if (!answer?.ok || new URL(answer.url).pathname !== location.pathname) {
    tell("That could not be kept.");
    return;
  }
  advances = pressed.value === "1";
  pressed.value = advances ? "0" : "1";
  pressed.setAttribute("aria-pressed", String(advances));
  pressed.textContent = `Go on by itself: ${advances ? "yes" : "no"}`;
};

root.addEventListener("submit", (event) => {
  const form = event.target;
  const name = form.querySelector("button[data-do]")?.dataset.do;
  if (form.matches("[data-verdict]")) judge(event.submitter?.value);
  else if (name) act(name);
  else if (form.matches("[data-advance-form]")) choose(form);
  else return; /* closes a dialog */
  event.preventDefault();
});

taken(line[0]);
root.querySelectorAll("button[data-do]").forEach((one) => { one.disabled = false; });
listen(JSON.parse(root.dataset.keys), act);
fill();
root.dataset.ready = "yes";

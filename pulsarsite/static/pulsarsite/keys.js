/* The keys by which one judges. A module: names stay here. */

const WRITES = "input:not([type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable]";
const PRESSES = "button, a[href], summary, input";
/* Whatever else is chosen; only a key of one's own comes before. */
const ALWAYS = { ArrowLeft: "previous", ArrowRight: "next", "Ctrl+Z": "undo", "Ctrl+Shift+Z": "redo" };

/* A key as the site writes it down: Y, Shift+Y, ?, Space, ArrowLeft. */
const named = ({ key, shiftKey, ctrlKey, metaKey }) => {
  if (key === " ") return "Space";
  if (key.length !== 1) return key;
  const letter = key.toUpperCase();
  const shift = shiftKey && letter !== key.toLowerCase() ? "Shift+" : "";
  return `${ctrlKey || metaKey ? "Ctrl+" : ""}${shift}${letter}`;
};

/* What a key press asks for; nothing while one writes, or presses what has the focus. */
const asked = (event, actions) => {
  const { target, repeat, isComposing, altKey } = event;
  if (repeat || isComposing || altKey || event.defaultPrevented || target.closest?.(WRITES)) return null;
  const key = named(event);
  if (["Space", "Enter"].includes(key) && target.closest?.(PRESSES)) return null;
  return actions.get(key) ?? ALWAYS[key] ?? null;
};

/* Have each key do what it is for; `does` says whether it was for anything here. */
export const listen = (keys, does) => {
  const actions = new Map(Object.entries(keys).map(([action, key]) => [key, action]));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest?.(WRITES)) {
      event.target.blur();
      return;
    }
    const action = asked(event, actions);
    if (action && does(action)) event.preventDefault();
  });
};

/* The field of a key takes the key that is pressed in it. */
document.querySelectorAll("[data-key-field]").forEach((field) => {
  field.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey || ["Tab", "Enter", "Escape", "Shift", "Backspace", "Delete"].includes(key)) return;
    event.preventDefault();
    field.value = named(event);
  });
});

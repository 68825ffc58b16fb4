/* Keys on the page of a row: each presses what names it in data-key. Not while one types. */

const TYPED = "input, textarea, select, [contenteditable]";
const named = ({ key, shiftKey }) => {
  if (key === " ") return "Space";
  const capital = key.toUpperCase();
  const isLetter = key.length === 1 && capital !== key.toLowerCase();
  return isLetter ? `${shiftKey ? "Shift+" : ""}${capital}` : key;
};

document.addEventListener("keydown", (event) => {
  const isUndo = (event.ctrlKey || event.metaKey) && event.key === "z";
  if (event.altKey || event.repeat || ((event.ctrlKey || event.metaKey) && !isUndo)) return;
  if (event.target.matches(TYPED)) return;
  const pressed = isUndo
    ? document.querySelector("form[data-undo] button")
    : document.querySelector(`[data-key="${CSS.escape(named(event))}"]`);
  if (!pressed) return;
  event.preventDefault();
  pressed.click();
});

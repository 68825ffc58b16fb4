/* Colours and names of a page as Plotly understands them. */

/* A colour of its style, whatever it is mixed from. */
const canvas = document.createElement("canvas");
canvas.width = canvas.height = 1;
const paint = canvas.getContext("2d", { willReadFrequently: true });

export const inkOf = (place, kind) => {
  const probe = document.createElement("i");
  probe.className = kind;
  place.append(probe);
  paint.clearRect(0, 0, 1, 1);
  paint.fillStyle = getComputedStyle(probe).color;
  paint.fillRect(0, 0, 1, 1);
  probe.remove();
  const [red, green, blue, alpha] = paint.getImageData(0, 0, 1, 1).data;
  return `rgba(${red},${green},${blue},${alpha / 255})`;
};

/* Plotly reads tags in the texts that it shows, and names come from anywhere. */
export const plain = (text) => text.replaceAll("<", "&lt;");

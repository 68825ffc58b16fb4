/* Two columns of a dataset against each other: to be read off and looked at closer. */

import { inkOf, plain } from "./ink.js";

/* On a phone there is room for less. */
const isSmall = (place) => place.clientWidth < 560;
const sizes = (place) => (isSmall(place) ? { dots: 4, diamonds: 6 } : { dots: 5, diamonds: 8 });

const marks = (place, { x, y }, points, kind) => ({
  type: "scatter", mode: "markers",
  x: points.map((point) => point[4]), y: points.map((point) => point[5]),
  text: points.map(([row, name, across, upwards]) =>
    `<b>Row ${row.toLocaleString("en").replaceAll(",", "\u202f")}</b>${name ? `, ${plain(name)}` : ""}` +
    `<br>${plain(x.label)} ${across}<br>${plain(y.label)} ${upwards}`),
  hovertemplate: "%{text}<extra></extra>",
  marker: {
    symbol: kind === "diamonds" ? "diamond" : "circle", size: sizes(place)[kind], opacity: 0.8,
    color: inkOf(place, kind), line: { color: inkOf(place, "ground"), width: 0.5 },
  },
});

const axis = (place, side) => ({
  title: { text: plain(side.label), font: { size: 13 }, standoff: 8 }, range: side.ends,
  tickmode: "array", tickvals: side.ticks.map(([at]) => at), ticktext: side.ticks.map(([, text]) => text),
  gridcolor: inkOf(place, "grid"), linecolor: inkOf(place, "frame"), mirror: true, showline: true, zeroline: false,
});

const draw = async (section) => {
  const figure = JSON.parse(section.querySelector("#plane-figure").textContent);
  const place = section.querySelector(".space");
  place.dataset.drawn = "";
  const plot = place.querySelector(".plot");
  const small = isSmall(place);
  const ground = inkOf(place, "ground");
  const data = [marks(place, figure, figure.others, "dots"), marks(place, figure, figure.pulsars, "diamonds")];
  const layout = {
    height: small ? 400 : 600, margin: { l: small ? 44 : 62, r: 10, t: 10, b: 54 }, showlegend: false,
    paper_bgcolor: ground, plot_bgcolor: ground, font: { color: inkOf(place, "text"), size: 12, family: getComputedStyle(place).fontFamily },
    xaxis: axis(place, figure.x), yaxis: axis(place, figure.y), dragmode: "zoom", hovermode: "closest",
  };
  place.querySelector(":scope > svg")?.remove();
  plot.hidden = false;
  section.querySelector(".hint").hidden = false;
  await Plotly.newPlot(plot, data, layout, {
    responsive: true, displaylogo: false, modeBarButtons: [["toImage"]], toImageButtonOptions: { filename: document.title, scale: 2 },
  });
  place.dataset.drawn = "yes";
};

const drawAll = () => document.querySelectorAll("#plane:has(.space):not(:has([data-drawn]))").forEach(draw);
document.addEventListener("htmx:afterSettle", drawAll);
/* Its colours were read from the page, and are others now. */
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.querySelectorAll("#plane:has(.space)").forEach(draw));
drawAll();

/* The plane of two features: to be read off, and a box drawn in it is a filter. */

import { inkOf } from "./ink.js";

const value = (side, place) => Number((side.stretched ? Math.sinh(place) : place).toPrecision(6));
const short = (side, place) => Number(value(side, place).toPrecision(3));
const grouped = (number) => number.toLocaleString("en").replaceAll(",", "\u202f");
const rows = (number) => (number === 1 ? "1 row" : `${grouped(number)} rows`);

const shades = (place, { x, y, size, cells }) => {
  const step = (side) => (side.ends[1] - side.ends[0]) / size;
  const start = (side, cell) => side.ends[0] + cell * step(side);
  const empty = () => Array.from({ length: size }, () => Array(size).fill(null));
  const depths = empty();
  const words = empty();
  const span = (side, cell) => `${short(side, start(side, cell))} to ${short(side, start(side, cell + 1))}`;
  for (const [column, line, n, pulsars] of cells) {
    depths[line][column] = Math.log1p(n);
    words[line][column] =
      `<b>${rows(n)}</b>, ${grouped(pulsars)} called pulsar` +
      `<br>${x.feature} ${span(x, column)}<br>${y.feature} ${span(y, line)}`;
  }
  const steps = 8;
  return {
    type: "heatmap",
    x0: start(x, 0.5), dx: step(x), y0: start(y, 0.5), dy: step(y),
    z: depths, text: words, hovertemplate: "%{text}<extra></extra>", hoverongaps: false,
    zmin: 0, zmax: Math.max(...cells.map(([, , n]) => Math.log1p(n)), 1), showscale: false,
    colorscale: Array.from({ length: steps }, (_, shade) => [
      shade / (steps - 1), inkOf(place, `shade-${shade + 1}`),
    ]),
  };
};

/* Sizes are those of the picture without script, which is 960 wide. */
const diamonds = (place, marks) => ({
  type: "scatter", mode: "markers", hoverinfo: "skip",
  x: marks.map(([x]) => x), y: marks.map(([, y]) => y),
  marker: {
    symbol: "diamond", size: marks.map(([, , , size]) => (size * place.clientWidth) / 960), opacity: 1,
    color: inkOf(place, "diamonds"), line: { color: inkOf(place, "ground"), width: 0.7 },
  },
});

const dots = (place, { x, y, points }, predicted) => {
  const chosen = points.filter((point) => point[6] === predicted);
  return {
    type: "scatter", mode: "markers",
    x: chosen.map((point) => point[3]), y: chosen.map((point) => point[4]),
    customdata: chosen.map(([row]) => row),
    text: chosen.map(([row, across, upwards, , , score]) =>
      `<b>Row ${grouped(row)}</b>, score ${score.toFixed(4)}` +
      `<br>${x.feature} ${Number(across.toPrecision(5))}<br>${y.feature} ${Number(upwards.toPrecision(5))}`),
    hovertemplate: "%{text}<extra></extra>",
    marker: {
      symbol: predicted ? "diamond" : "circle", size: predicted ? 10 : 6, opacity: predicted ? 1 : 0.75,
      color: inkOf(place, predicted ? "diamonds" : "dots"), line: { color: inkOf(place, "ground"), width: 0.7 },
    },
  };
};

const shapes = (place, outlines) => outlines.flatMap(([kind, path]) => {
  const line = { color: inkOf(place, `outline ${kind}`), width: 1.6, dash: kind.startsWith("others") ? "5px,4px" : "solid" };
  return [
    { type: "path", path, layer: "below", fillrule: "evenodd", fillcolor: inkOf(place, `region ${kind}`), line: { width: 0 } },
    { type: "path", path, layer: "above", fillcolor: "rgba(0,0,0,0)", line: { color: inkOf(place, "halo"), width: 4 } },
    { type: "path", path, layer: "above", fillcolor: "rgba(0,0,0,0)", line },
  ];
});

const axis = (place, side) => ({
  title: { text: side.label, font: { size: 13 }, standoff: 8 }, range: side.ends, fixedrange: false,
  tickmode: "array", tickvals: side.ticks.map(([at]) => at), ticktext: side.ticks.map(([, text]) => text),
  gridcolor: inkOf(place, "grid"), linecolor: inkOf(place, "frame"), mirror: true, showline: true, zeroline: false,
});

/* What was drawn fills the fields of the form, which knows the rest. */
const filter = (section, { x, y }, range) => {
  const form = section.querySelector("form");
  for (const [side, ends] of [[x, range.x], [y, range.y]]) {
    const [low, high] = [...ends].sort((a, b) => a - b);
    form.elements[`${side.feature}_from`].value = value(side, low);
    form.elements[`${side.feature}_to`].value = value(side, high);
  }
  form.requestSubmit();
};

const draw = async (section) => {
  const figure = JSON.parse(section.querySelector("#space-figure").textContent);
  const place = section.querySelector(".space");
  place.dataset.drawn = "";
  const plot = place.querySelector(".plot");
  const data = figure.points.length
    ? [dots(place, figure, 0), dots(place, figure, 1)]
    : [shades(place, figure), diamonds(place, figure.marks)];
  const small = place.clientWidth < 560;
  const ground = inkOf(place, "ground");
  const layout = {
    height: small ? 400 : 600, margin: { l: small ? 44 : 62, r: 10, t: 10, b: 54 }, showlegend: false,
    paper_bgcolor: ground, plot_bgcolor: ground, font: { color: inkOf(place, "text"), size: 12, family: getComputedStyle(place).fontFamily },
    xaxis: axis(place, figure.x), yaxis: axis(place, figure.y), shapes: shapes(place, figure.outlines),
    dragmode: "select", newselection: { line: { color: inkOf(place, "diamonds"), width: 1.5, dash: "solid" } }, hovermode: "closest",
  };
  const picture = { filename: document.title, scale: 2 };
  place.querySelector(":scope > svg")?.remove();
  plot.hidden = false;
  section.querySelector(".hint").hidden = false;
  await Plotly.newPlot(plot, data, layout, {
    responsive: true, displaylogo: false, doubleClick: false, modeBarButtons: [["toImage"]], toImageButtonOptions: picture,
  });
  plot.on("plotly_selected", (event) => event?.range && filter(section, figure, event.range));
  plot.on("plotly_click", ({ points: [point] }) => {
    if (point.customdata) location.assign(place.dataset.rows.replace("/0/", `/${point.customdata}/`));
  });
  place.dataset.drawn = "yes";
};

const drawAll = () => document.querySelectorAll("#space:not(:has([data-drawn]))").forEach(draw);
document.addEventListener("htmx:afterSettle", drawAll);
/* Its colours were read from the page, and are others now. */
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.querySelectorAll("#space:has(.space)").forEach(draw));
drawAll();

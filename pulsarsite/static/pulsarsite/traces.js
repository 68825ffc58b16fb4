/* Lines or marks of several runs: to be read off, and to choose a run by. */

import { inkOf, plain } from "./ink.js";

/* As the picture without script has them. */
const DASHES = ["solid", "7px,4px", "2px,4px", "10px,4px,2px,4px", "4px,2px", "12px,6px"];
const SYMBOLS = ["circle", "diamond", "square", "triangle-up", "triangle-down", "x-thin"];

const trace = (place, { place: number, name, points, is_line: isLine }) => {
  const ink = inkOf(place, `line-${number}`);
  const drawn = {
    type: "scatter", name: plain(name), x: points.map(([x]) => x), y: points.map(([, y]) => y),
  };
  if (isLine) {
    return {
      ...drawn, mode: "lines", line: { color: ink, width: 2, dash: DASHES[number - 1] },
      hovertemplate: `<b>%{fullData.name}</b><br>%{x:.4f}, %{y:.4f}<extra></extra>`,
    };
  }
  return {
    ...drawn, mode: "markers", text: points.map(([, , words]) => plain(words)), customdata: points.map(([, , , url]) => url),
    hovertemplate: "%{text}<extra></extra>",
    marker: {
      symbol: SYMBOLS[number - 1], size: 10, color: ink, opacity: 0.85,
      line: { color: SYMBOLS[number - 1] === "x-thin" ? ink : inkOf(place, "ground"), width: SYMBOLS[number - 1] === "x-thin" ? 2 : 0.7 },
    },
  };
};

const axis = (place, { label, low, high, ticks }) => ({
  title: { text: plain(label), font: { size: 13 }, standoff: 8 }, range: [low, high], automargin: true,
  tickmode: "array", tickvals: ticks.map(([at]) => at), ticktext: ticks.map(([, text]) => plain(text)),
  gridcolor: inkOf(place, "grid"), linecolor: inkOf(place, "frame"), mirror: true, showline: true, zeroline: false,
});

const draw = async (place) => {
  const figure = JSON.parse(document.getElementById(place.dataset.plot).textContent);
  place.dataset.drawn = "";
  const plot = place.querySelector(".plot");
  const ground = inkOf(place, "ground");
  const layout = {
    height: place.clientWidth < 560 ? 360 : Math.min(520, Math.round(place.clientWidth * 0.6)), margin: { l: 62, r: 10, t: 10, b: 54 }, showlegend: false,
    paper_bgcolor: ground, plot_bgcolor: ground, font: { color: inkOf(place, "text"), size: 12, family: getComputedStyle(place).fontFamily },
    xaxis: axis(place, figure.x), yaxis: axis(place, figure.y), hovermode: "closest", dragmode: "zoom",
  };
  place.querySelector(":scope > svg")?.remove();
  plot.hidden = false;
  await Plotly.newPlot(plot, figure.traces.map((one) => trace(place, one)), layout, {
    responsive: true, displaylogo: false, modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
    toImageButtonOptions: { filename: figure.title, scale: 2 },
  });
  plot.on("plotly_click", ({ points: [point] }) => {
    if (point.customdata) location.assign(point.customdata);
  });
  place.dataset.drawn = "yes";
};

const drawAll = () => document.querySelectorAll(".trace-plot").forEach(draw);
/* Its colours were read from the page, and are others now. */
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
drawAll();

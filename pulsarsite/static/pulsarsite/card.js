/* The card of a version: curves to be read off, and thresholds tried by a slider. */

const chosen = document.documentElement.dataset.theme;
const dark = chosen === "dark" || (chosen === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);

/* As the pages have them. */
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
const score = (value) => (value >= 0.01 ? value.toFixed(4) : value.toPrecision(3));

const panels = new Map();
const draw = async (place) => {
  const answer = await fetch(dark ? place.dataset.dark : place.dataset.light);
  if (!answer.ok) return; /* the drawings stay */
  const figures = Object.entries(await answer.json());
  for (const [name, { data, layout }] of figures) {
    const panel = document.createElement("div");
    panel.dataset.panel = name;
    place.append(panel);
    panels.set(name, panel);
    await Plotly.newPlot(panel, data, layout, { responsive: true, displaylogo: false });
  }
  place.classList.add("interactive");
  place.dataset.drawn = figures.length;
  /* In a hidden place they had no width. */
  panels.forEach((panel) => Plotly.Plots.resize(panel));
};

/* A line of the trade, in the order in which the page sends them. */
const named = ([threshold, recall, precision, fpr, f1, tp, fp, fn, tn]) =>
  ({ threshold, recall, precision, fpr, f1, tp, fp, fn, tn });

const words = (line) => ({
  threshold: score(line.threshold),
  recall: line.recall.toFixed(4),
  precision: line.precision.toFixed(4),
  fpr: line.fpr.toFixed(4),
  f1: line.f1.toFixed(4),
  tp: grouped(line.tp),
  fp: grouped(line.fp),
  fn: grouped(line.fn),
  tn: grouped(line.tn),
});

const signed = (number) => (number < 0 ? `\u2212${grouped(-number)}` : `+${grouped(number)}`);

const moveMarks = (line) => {
  for (const [name, x, y] of [["roc", line.fpr, line.recall], ["precision_recall", line.recall, line.precision]]) {
    const panel = panels.get(name);
    const trace = panel?.data?.findIndex(({ uid }) => uid === "mark") ?? -1;
    if (trace >= 0) Plotly.restyle(panel, { x: [[x]], y: [[y]], name: `threshold ${score(line.threshold)}` }, trace);
  }
};

const slide = (section) => {
  const lines = JSON.parse(section.querySelector("#card-trade").textContent).map(named);
  const slider = section.querySelector("input[type=range]");
  const field = section.querySelector("input[name=threshold]");
  const shipped = lines[Number(slider.dataset.shipped)];
  const show = () => {
    const line = lines[Number(slider.value)];
    for (const [name, text] of Object.entries(words(line))) {
      /* The legend of the curves has the threshold too. */
      document.querySelectorAll(`[data-trade="${name}"]`).forEach((place) => { place.textContent = text; });
    }
    section.querySelector("[data-trade=found]").textContent = signed(line.tp - shipped.tp);
    section.querySelector("[data-trade=false]").textContent = signed(line.fp - shipped.fp);
    slider.setAttribute("aria-valuetext", `threshold ${score(line.threshold)}`);
    field.value = line.threshold;
    moveMarks(line);
  };
  slider.addEventListener("input", show);
  section.querySelector("[data-slider]").hidden = false;
  section.querySelector("[data-shipped-again]").addEventListener("click", (event) => {
    event.preventDefault();
    slider.value = slider.dataset.shipped;
    show();
  });
  section.dataset.ready = "yes";
};

document.querySelectorAll("[data-curves]").forEach(draw);
document.querySelectorAll("[data-trade-form]").forEach(slide);

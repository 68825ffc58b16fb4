/* Plots that can be zoomed and read off, before the picture of them, which paper gets. */

const chosen = document.documentElement.dataset.theme;
const dark = chosen === "dark" || (chosen === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);

const draw = async (place) => {
  const answer = await fetch(dark ? place.dataset.dark : place.dataset.light);
  if (!answer.ok) return; /* the picture stays */
  const figures = await answer.json();
  const drawn = Object.entries(figures).map(([name, figure]) => {
    const panel = document.createElement("div");
    panel.dataset.panel = name;
    return [panel, figure];
  });
  place.prepend(...drawn.map(([panel]) => panel));
  place.classList.add("interactive");
  for (const [panel, { data, layout }] of drawn) {
    await Plotly.newPlot(panel, data, layout, { responsive: true, displaylogo: false });
  }
  place.dataset.drawn = drawn.length;
};

document.querySelectorAll(".plots").forEach(draw);

/* What makes pages more comfortable; each works without it. A module: names stay here. */

const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

/* HTMX sends what a form would have sent. */
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = token();
});

/* The browser tells its time zone once, while none is known. */
const zoneAddress = document.documentElement.dataset.tellZone;
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zoneAddress && zone) {
  const body = new URLSearchParams({ zone, csrfmiddlewaretoken: token() });
  fetch(zoneAddress, { method: "POST", body });
}

/* The user's menu closes when one turns elsewhere. */
const menu = document.querySelector("details.menu");
document.addEventListener("click", (event) => {
  if (menu && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu?.open) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

/* Where the words of a bar do not fit, it begins with the current one in sight. */
document.querySelectorAll(":is(.nav, .tabs) [aria-current]").forEach((word) => {
  const bar = word.parentElement;
  bar.scrollLeft = word.offsetLeft - bar.offsetLeft - (bar.clientWidth - word.offsetWidth) / 2;
});

/* A drop zone names the files it has, and takes what is dropped on it. */
const size = (bytes) => {
  /* As the pages have it. */
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  const step = Math.min(4, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return `${(bytes / 1024 ** step).toFixed(step ? 1 : 0)}\u00a0${units[step]}`;
};

const prepareDropZone = (dropZone) => {
  const input = dropZone.querySelector("input[type=file]");
  const list = dropZone.querySelector("[data-drop-zone-files]");
  const limit = Number(dropZone.dataset.maxBytes ?? Infinity);
  const show = () => {
    const files = [...input.files];
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const names = files.slice(0, 3).map((file) => file.name).join(", ");
    const more = files.length > 3 ? ` and ${files.length - 3} more` : "";
    list.textContent = files.length ? `${names}${more} (${size(bytes)})` : "";
    /* Better said now than after an hour's transfer. */
    const tooLarge = bytes > limit ? `More than ${size(limit)}: send it in several uploads.` : "";
    input.setCustomValidity(tooLarge);
  };
  input.addEventListener("change", show);
  for (const kind of ["dragenter", "dragover"]) {
    dropZone.addEventListener(kind, (event) => {
      event.preventDefault();
      dropZone.classList.add("over");
    });
  }
  dropZone.addEventListener("dragleave", () => dropZone.classList.remove("over"));
  dropZone.addEventListener("drop", (event) => {
    event.preventDefault();
    dropZone.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    show();
  });
};

/* An upload shows how far it is, then goes where its answer leads. */
const transfer = (form) => {
  const button = form.querySelector("button");
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", "Upload");
  form.append(bar);
  button.disabled = true;

  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    /* All is sent, but not yet read: nobody knows how long that takes. */
    if (loaded < total) bar.value = loaded / total;
    else bar.removeAttribute("value");
  });
  request.addEventListener("load", () => arrive(request, form));
  request.addEventListener("error", () => {
    bar.remove();
    button.disabled = false;
    form.querySelector("[data-drop-zone-files]").textContent =
      "The connection broke off, and nothing was kept. Try again.";
  });
  request.open("POST", form.action);
  request.send(new FormData(form));
};

const arrive = (request, form) => {
  if (request.responseURL !== form.action) {
    location.assign(request.responseURL);
    return;
  }
  const answer = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = answer.querySelector("main") ?? answer.body;
  document.title = answer.title;
  document.querySelector("main").replaceWith(main);
  prepare(main);
  main.scrollIntoView();
};

/* One tick for all of a page. */
const prepareChoice = (form) => {
  const label = form.querySelector("[data-choose-all]");
  const boxes = [...form.querySelectorAll("input[name=row]")];
  const all = label.querySelector("input");
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && !all.checked;
  };
  label.hidden = false;
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
  form.addEventListener("change", show);
  show();
};

/* The address that is made of a name, shown while one types it; made by the site. */
const prepareSlug = (field) => {
  const name = document.getElementById(field.dataset.slugOf);
  const show = () => {
    const plain = name.value.normalize("NFKD").replace(/[^\w\s-]/g, "").toLowerCase();
    field.placeholder = plain.trim().replace(/[-\s]+/g, "-").slice(0, 50);
  };
  name.addEventListener("input", show);
  show();
};

/* A part that looks again by itself disturbs nobody: what is open stays open, what is
   scrolled or half filled in stays so, the focus stays; and it waits while one selects or
   fills in. */
const FIELDS = "input, select, textarea";
const isBusy = (live) => {
  const selection = getSelection();
  const selects = !selection.isCollapsed && selection.containsNode(live, true);
  return selects || (live.contains(document.activeElement) && document.activeElement.matches(FIELDS));
};
const FOCUSABLE = "a[href], button, summary, [tabindex]";
const named = (element) =>
  [element.closest("[id]")?.id, element.tagName, element.getAttribute("href"), element.getAttribute("formaction")].join(" ");
const remembered = (live) => {
  const active = live.contains(document.activeElement) ? document.activeElement : null;
  return {
    folds: new Map([...live.querySelectorAll("details[id]")].map(({ id, open }) => [id, open])),
    filled: [...live.querySelectorAll("input[id], textarea[id]")]
      .filter((field) => field.value !== field.defaultValue)
      .map(({ id, value }) => [id, value]),
    ticked: [...live.querySelectorAll("input[type=checkbox][id]")]
      .filter((box) => box.checked !== box.defaultChecked)
      .map(({ id, checked }) => [id, checked]),
    scrolled: [...live.querySelectorAll(".table-scroll")].map(({ scrollLeft, scrollTop }) => [scrollLeft, scrollTop]),
    focus: active && named(active),
    place: active && active.getBoundingClientRect().top,
  };
};
const restore = (live, { folds, filled, ticked, scrolled, focus, place }) => {
  live.querySelectorAll("details[id]").forEach((fold) => { fold.open = folds.get(fold.id) ?? fold.open; });
  filled.forEach(([id, value]) => {
    const field = live.querySelector(`#${CSS.escape(id)}`);
    if (field) field.value = value;
  });
  ticked.forEach(([id, checked]) => {
    const box = live.querySelector(`#${CSS.escape(id)}`);
    if (box) box.checked = checked;
  });
  live.querySelectorAll(".table-scroll").forEach((box, n) => box.scrollTo(...(scrolled[n] ?? [0, 0])));
  const again = focus && [...live.querySelectorAll(FOCUSABLE)].find((element) => named(element) === focus);
  if (!again) return;
  again.focus({ preventScroll: true });
  /* What is new above must not push it away from under the eye. */
  scrollBy(0, again.getBoundingClientRect().top - place);
};
const memories = new Map();
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches("[data-live]") && isBusy(event.target)) event.preventDefault();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const live = event.detail.target;
  if (!live?.matches("[data-live]")) return;
  if (isBusy(live)) event.detail.shouldSwap = false;
  else memories.set(live.id, remembered(live));
});
document.addEventListener("htmx:load", (event) => {
  const live = event.detail.elt;
  if (!memories.has(live.id)) return;
  restore(live, memories.get(live.id));
  memories.delete(live.id);
});

/* A table that scrolls by itself is a stop of the tab key; not every browser sees to it. */
const stops = new ResizeObserver((tables) => {
  for (const { target } of tables) {
    const scrolls = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
    if (scrolls) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
const watchTables = () => document.querySelectorAll(".table-scroll").forEach((table) => stops.observe(table));
document.addEventListener("htmx:load", watchTables);
watchTables();

const prepare = (root) => {
  root.querySelectorAll("[data-slug-of]").forEach(prepareSlug);
  root.querySelectorAll("form[data-choose]").forEach(prepareChoice);
  root.querySelectorAll("[data-drop-zone]").forEach(prepareDropZone);
  root.querySelectorAll("form[data-upload]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      transfer(form);
    });
  });
};

prepare(document);

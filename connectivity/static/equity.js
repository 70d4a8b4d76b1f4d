// Reading the map: hover, touch and keyboard. What is read aloud and shown stands in the table's rows; this file adds no number.
(() => {
  "use strict";
  const frame = document.getElementById("map-frame");
  if (!frame || typeof map_equity === "undefined" || typeof geo_json_areas === "undefined") return;
  const map = map_equity;
  const reading = document.getElementById("map-reading");
  const rows = new Map([...document.querySelectorAll("#ranked tr[data-area]")].map((row) => [Number(row.dataset.area), row]));
  const layers = new Map();
  geo_json_areas.eachLayer((layer) => layers.set(layer.feature.properties.number, layer));
  const LABELS_FROM = 1.4; // zoom steps above the whole city: names fit then
  const quiet = { interactive: false, fill: false, lineJoin: "round" };
  let picked = null;
  let cityZoom = 0;

  // White edges come with the areas; a thin dark line inside them keeps borders visible between the lightest and the darkest fills.
  L.geoJSON(geo_json_areas.toGeoJSON(), { style: { ...quiet, color: "#3d444b", weight: 0.8 } }).addTo(map);
  const halo = L.polygon([], { ...quiet, color: "#ffffff", weight: 8 }).addTo(map);
  const ring = L.polygon([], { ...quiet, color: "#111111", weight: 4 }).addTo(map);
  const labels = L.layerGroup();
  // One tooltip for all, not bound to the areas: Leaflet's bindTooltip listens for focus, and 77 paths would be tab stops.
  const tooltip = L.tooltip({ opacity: 1, className: "area-tooltip" });

  for (const [number, layer] of layers) {
    const row = rows.get(number);
    const tell = (event) => tooltip.setContent(textNode(row.dataset.reading)).setLatLng(event.latlng).openOn(map);
    layer.on("mouseover", (event) => { outline(number); tell(event); });
    layer.on("mousemove", (event) => tooltip.setLatLng(event.latlng));
    layer.on("mouseout", () => { outline(picked); tooltip.close(); });
    layer.on("click", (event) => { pick(number); tell(event); });
    L.tooltip({ permanent: true, direction: "center", className: "area-label" })
      .setLatLng(layer.feature.properties.label).setContent(textNode(row.dataset.name)).addTo(labels);
    row.addEventListener("mouseenter", () => outline(number));
    row.addEventListener("mouseleave", () => outline(picked));
    row.addEventListener("focusin", () => outline(number));
    row.addEventListener("focusout", () => outline(picked));
    row.addEventListener("click", (event) => { if (!event.target.closest("a")) pick(number); });
  }

  function textNode(text) {
    const node = document.createElement("span");
    node.textContent = text;
    return node;
  }

  function outline(number) {
    const shape = number === null ? [] : layers.get(number).getLatLngs();
    halo.setLatLngs(shape);
    ring.setLatLngs(shape);
  }

  function pick(number) {
    if (picked !== null) rows.get(picked).classList.remove("picked");
    picked = number;
    outline(number);
    reading.classList.toggle("hint", number === null);
    reading.replaceChildren(number === null ? reading.dataset.hint : "");
    if (number === null) return;
    const row = rows.get(number);
    row.classList.add("picked");
    showInTable(row);
    const link = document.createElement("a");
    link.href = row.querySelector("a").href;
    link.textContent = reading.dataset.open;
    reading.append(`${row.dataset.reading}. `, link);
    const label = layers.get(number).feature.properties.label;
    if (map.getZoom() > cityZoom && !map.getBounds().pad(-0.15).contains(label)) map.panTo(label, { animate: false });
  }

  function showInTable(row) {
    const box = row.closest(".ranked-scroll");
    if (box.scrollHeight <= box.clientHeight) return; // the whole table is laid out: the page must not jump
    box.scrollTop = row.offsetTop - box.clientHeight / 2;
  }

  // Without animation: two quick presses add up, and nobody has to ask for less motion.
  function zoom(steps) {
    const center = picked === null ? map.getCenter() : layers.get(picked).feature.properties.label;
    map.setView(center, Math.max(cityZoom, map.getZoom() + steps), { animate: false });
    if (map.getZoom() <= cityZoom) showCity();
  }

  function showCity() {
    map.setMinZoom(0);
    map.invalidateSize({ animate: false });
    map.fitBounds(geo_json_areas.getBounds(), { padding: [8, 8], animate: false });
    cityZoom = map.getZoom();
    map.setMinZoom(cityZoom);
    afterZoom();
  }

  // One finger scrolls the page while the whole city is in view; it moves the map only once there is something to move.
  function afterZoom() {
    const near = map.getZoom() > cityZoom + 0.01;
    map.dragging[near ? "enable" : "disable"]();
    labels[map.getZoom() >= cityZoom + LABELS_FROM ? "addTo" : "removeFrom"](map);
  }

  function step(direction) {
    if (picked === null) return pick(Number(document.querySelector("#ranked tr[data-area]").dataset.area));
    const next = layers.get(picked).feature.properties.next[direction];
    if (next) pick(next);
  }

  const keys = {
    ArrowUp: () => step("up"), ArrowDown: () => step("down"), ArrowLeft: () => step("left"), ArrowRight: () => step("right"),
    Enter: () => { if (picked !== null) location.assign(rows.get(picked).querySelector("a").href); },
    Escape: () => { pick(null); tooltip.close(); },
    "+": () => zoom(1), "=": () => zoom(1), "-": () => zoom(-1), "0": showCity,
  };

  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") tooltip.close();
  });

  const buttons = document.getElementById("map-buttons");
  buttons.hidden = false;
  buttons.addEventListener("click", (event) => {
    const action = event.target.closest("button")?.dataset.map;
    if (action) ({ in: () => zoom(1), out: () => zoom(-1), city: showCity })[action]();
  });

  map.on("zoomend", afterZoom);
  new ResizeObserver(() => {
    if (!frame.clientWidth || !frame.clientHeight) return; // nothing fits into no room: the zoom would be no number
    map.getZoom() > cityZoom + 0.01 ? map.invalidateSize({ animate: false }) : showCity();
  }).observe(frame);
  frame.classList.add("map-ready");
  pick(null);
  showCity();
})();

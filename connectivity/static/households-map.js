// A click on the map fills in longitude and latitude. The fields do the same without a mouse.
const map = document.querySelector("[data-place-map]");
const lon = document.getElementById("lon");
const lat = document.getElementById("lat");
const area = document.getElementById("area");
const mark = map.querySelector("[data-point]");
const said = document.querySelector("[data-place-said]");
const { west, north, scaleX, scaleY } = Object.fromEntries(Object.entries(map.dataset).map(([name, text]) => [name, Number(text)]));
const whole = map.viewBox.baseVal;
const [WIDTH, HEIGHT] = [whole.width, whole.height];

function show(x, y, width) {
  const wide = Math.min(Math.max(width, WIDTH / 64), WIDTH);
  const tall = (wide * HEIGHT) / WIDTH;
  const left = Math.min(Math.max(x - wide / 2, 0), WIDTH - wide);
  const top = Math.min(Math.max(y - tall / 2, 0), HEIGHT - tall);
  map.setAttribute("viewBox", `${left} ${top} ${wide} ${tall}`);
  // Names of streets appear when there is room for them, in one size however near the map is.
  map.classList.toggle("near", wide < WIDTH / 3);
  for (const name of map.querySelectorAll("text.street")) name.setAttribute("font-size", (14 * wide) / WIDTH);
  place();
}

function mark_area() {
  for (const shape of map.querySelectorAll("[data-area]")) shape.classList.toggle("main", shape.dataset.area === area.value);
}

function place() {
  const [x, y] = [(Number(lon.value) - west) * scaleX, (north - Number(lat.value)) * scaleY];
  const known = lon.value !== "" && lat.value !== "" && Number.isFinite(x) && Number.isFinite(y);
  mark.setAttribute("visibility", known ? "visible" : "hidden");
  // The mark keeps its size however near the map is.
  if (known) mark.setAttribute("transform", `translate(${x} ${y}) scale(${map.viewBox.baseVal.width / WIDTH})`);
}

map.addEventListener("click", (event) => {
  const spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
  lon.value = (west + spot.x / scaleX).toFixed(5);
  lat.value = (north - spot.y / scaleY).toFixed(5);
  area.value = event.target.dataset.area ?? "";
  said.textContent = event.target.dataset.name ?? "";
  mark_area();
  place();
});

for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => {
    const now = map.viewBox.baseVal;
    const known = lon.value !== "" && lat.value !== "";
    const x = known ? (Number(lon.value) - west) * scaleX : now.x + now.width / 2;
    const y = known ? (north - Number(lat.value)) * scaleY : now.y + now.height / 2;
    show(x, y, now.width / Number(button.dataset.zoom));
  });
}

area.addEventListener("change", () => {
  mark_area();
  const shape = map.querySelector(`[data-area="${area.value}"]`);
  if (!shape) return show(WIDTH / 2, HEIGHT / 2, WIDTH);
  const box = shape.getBBox();
  return show(box.x + box.width / 2, box.y + box.height / 2, 1.3 * Math.max(box.width, (box.height * WIDTH) / HEIGHT));
});

for (const field of [lon, lat]) field.addEventListener("input", place);
document.querySelector("[data-map-buttons]").hidden = false;
mark_area();
place();

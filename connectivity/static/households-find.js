// Results while somebody types. Without this script the form posts and the page comes back with the results.
const form = document.querySelector("[data-find]");
const box = form.querySelector("[name=text]");
const results = document.getElementById("results");
const count = document.getElementById("found-count");
const PAUSE = 150; // ms after the last key
const KEPT = "household-search";
let waiting;
let asking;

async function ask() {
  sessionStorage.setItem(KEPT, JSON.stringify({ account: form.dataset.account, text: box.value }));
  clearTimeout(waiting);
  asking?.abort();
  asking = new AbortController();
  const mine = asking;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams({ text: box.value }),
      headers: { Accept: "application/json", "X-CSRFToken": form.querySelector("[name=csrf_token]").value },
      signal: mine.signal,
    });
    if (!answer.ok || answer.redirected) {
      form.submit(); // signed out, or the form expired: let the server say so on a page of its own
      return;
    }
    const found = await answer.json();
    if (mine === asking) {
      results.innerHTML = found.html; // rendered and escaped by the server
      count.textContent = found.said;
    }
  } catch (error) {
    if (error.name !== "AbortError") count.textContent = form.dataset.failed;
  }
}

const links = () => [...results.querySelectorAll("a")];

box.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await ask();
  if (links().length === 1) links()[0].click();
});

// Arrow keys walk from the box through the results and back.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [box, ...links()];
  const at = stops.indexOf(document.activeElement);
  const next = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
});

// Back from a household: the last search of this tab, kept only in the browser and only for the account that made it.
const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
if (kept && kept.account !== form.dataset.account) sessionStorage.removeItem(KEPT);
else if (kept && !box.value) {
  box.value = kept.text;
  box.select();
}
if (box.value) ask();

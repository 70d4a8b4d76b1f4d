// The progress of a roster: asked for every second, and the page is opened anew when the roster came a step further.
const working = document.querySelector("[data-roster-progress]");
if (working) {
  const bar = working.querySelector("progress");
  const words = working.querySelector("[data-words]");

  const show = (said) => {
    if (words.textContent !== said.words) words.textContent = said.words;
    bar.hidden = !said.worker;
    if (said.total) {
      bar.max = said.total;
      bar.value = Math.min(said.done, said.total);
    } else {
      bar.removeAttribute("value");
    }
  };

  const ask = async () => {
    try {
      const answer = await fetch(working.dataset.rosterProgress, { headers: { Accept: "application/json" } });
      if (answer.redirected || !answer.ok) throw new Error(answer.status);
      const said = await answer.json();
      if (said.state !== working.dataset.state) {
        location.reload();
        return;
      }
      show(said);
      setTimeout(ask, 1000);
    } catch {
      setTimeout(ask, 5000); // the server is being started again, or the network is away
    }
  };
  setTimeout(ask, 1000);
}
document.querySelector("#error-summary")?.focus();

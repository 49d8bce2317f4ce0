"use strict";
// Loads the page again when it changed. A page that nobody looks at asks nothing: browsers allow few open questions.
(() => {
  const since = document.currentScript.dataset.since;
  let question = null;

  async function ask() {
    while (!document.hidden) {
      question = new AbortController();
      try {
        const address = "/.carrel/changes?page=" + encodeURIComponent(location.pathname) + "&since=" + since;
        const answer = await fetch(address, { cache: "no-store", signal: question.signal });
        if (answer.status === 200) {
          location.reload();
          return;
        }
      } catch (error) {
        if (error.name === "AbortError") return;
        await new Promise((done) => setTimeout(done, 1000)); // the server is gone, or not there yet
      }
    }
  }

  document.addEventListener("visibilitychange", () => {
    question?.abort();
    if (!document.hidden) ask();
  });
  addEventListener("pagehide", () => question?.abort());
  ask();
})();

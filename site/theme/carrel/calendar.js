/* Days of calendars: one of them takes the keyboard's focus, arrows go from it to the others. */
(() => {
  const days = [...document.querySelectorAll(".carrel-month td > a")];
  if (days.length === 0) return;
  const dates = days.map((day) => Date.parse(day.hash.slice(1)));
  const week = 7 * 24 * 3600 * 1000;
  const focusable = (chosen) => days.forEach((day) => (day.tabIndex = day === chosen ? 0 : -1));
  const last = days.length - 1;

  /* The number of the day that a key leads to from the day `here`. */
  const reached = (key, here) => {
    switch (key) {
      case "ArrowLeft": return Math.max(here - 1, 0);
      case "ArrowRight": return Math.min(here + 1, last);
      case "ArrowUp": return Math.max(dates.findLastIndex((date) => date <= dates[here] - week), 0);
      case "ArrowDown": {
        const below = dates.findIndex((date) => date >= dates[here] + week);
        return below < 0 ? last : below;
      }
      case "Home": return 0;
      case "End": return last;
      default: return undefined;
    }
  };

  focusable(days[last]);
  days.forEach((day, here) => day.addEventListener("keydown", (event) => {
    const next = event.ctrlKey || event.metaKey || event.altKey ? undefined : reached(event.key, here);
    if (next === undefined) return;
    event.preventDefault();
    focusable(days[next]);
    days[next].focus();
  }));
})();

/* Says of open predictions that their day is past: the site itself knows no day. */
(() => {
  const now = new Date();
  const today = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
  for (const due of document.querySelectorAll(".carrel-due")) {
    const day = due.querySelector("time")?.dateTime;
    if (!day || day >= today) continue;
    due.classList.add("carrel-overdue");
    due.append(", overdue");
  }
})();

// Applied before the first paint: the choice of the person, else that of the system.
(function () {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  function chosen() {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  }
  function apply() {
    document.documentElement.dataset.bsTheme = chosen() || (dark.matches ? "dark" : "light");
  }
  apply();
  dark.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", function () {
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      button.hidden = false;
      button.addEventListener("click", function () {
        const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
        try {
          localStorage.setItem("theme", next);
        } catch {
          // Storage is closed: the choice holds for this page only.
        }
        document.documentElement.dataset.bsTheme = next;
      });
    }
  });
})();

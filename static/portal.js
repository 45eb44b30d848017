// What htmx leaves to us: where the focus goes, menus that close, and a form that is sent once.
(function () {
  function focusOn(root) {
    const spot = root.matches?.("[data-focus]") ? root : root.querySelector?.("[data-focus], [aria-invalid=true]");
    if (spot) spot.focus({ preventScroll: false });
  }

  document.addEventListener("htmx:after:swap", function () {
    const notice = document.querySelector("#notice [data-focus]");
    const changed = notice || document.querySelector("#account-card [data-focus], #account-card [aria-invalid=true]");
    if (changed && !changed.dataset.focused) {
      changed.dataset.focused = "yes";
      focusOn(changed);
    }
  });

  document.addEventListener("click", function (event) {
    for (const menu of document.querySelectorAll("details.dropdown[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.dropdown[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // A plain form that is being sent is not sent again; htmx forms are guarded by hx-disable.
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.hasAttribute("hx-post") || form.hasAttribute("hx-get") || form.method === "get") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", function () {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
})();

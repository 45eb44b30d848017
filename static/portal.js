// What htmx and the browser leave to us: where the focus goes, what is announced, forms that are sent once, menus.
(function () {
  const requests = new Set(); // those that somebody is waiting for
  const focusWasInside = new WeakMap();
  const PRESSED = ["click", "submit"];
  const SPOT = "[data-focus], [aria-invalid=true]";

  const find = (root, selector) => (root.matches(selector) ? root : root.querySelector(selector));
  const pressed = (ctx) => PRESSED.includes(ctx.sourceEvent?.type);
  const inBackground = (ctx) => ctx.sourceEvent?.type === "every";

  // What asked the question that has gone.
  function onlySwitch(root) {
    const switches = root.querySelectorAll("button[role=switch]:enabled");
    return switches.length === 1 ? switches[0] : null;
  }

  function focusOn(element) {
    if (!element.matches("a[href], button, input, select, textarea, summary, [tabindex]")) element.tabIndex = -1;
    element.focus();
  }

  function announce(words) {
    const place = document.getElementById("announcer");
    const text = words.trim().replace(/\s+/g, " ").slice(0, 300);
    if (place && text && place.textContent !== text) place.textContent = text;
  }

  function notice(ctx, name) {
    const place = document.getElementById("notice");
    const words = document.getElementById(name)?.content;
    if (!place || !words || place.textContent.includes(words.textContent.trim())) return;
    place.replaceChildren(words.cloneNode(true));
    if (pressed(ctx)) focusOn(place.firstElementChild);
  }

  function setBusy(button, busy) {
    if (!button?.matches?.("button, a.btn")) return;
    button.toggleAttribute("aria-busy", busy);
    if (busy) button.setAttribute("aria-busy", "true");
    if (!button.dataset.busy) return;
    const words = button.querySelector("span") ?? button;
    button.dataset.words ??= words.textContent;
    words.textContent = busy ? button.dataset.busy : button.dataset.words;
  }

  function showProgress() {
    const bar = document.getElementById("request-bar");
    if (bar) bar.hidden = requests.size === 0;
  }

  document.addEventListener("htmx:before:request", function ({ detail: { ctx } }) {
    if (inBackground(ctx)) return;
    requests.add(ctx);
    setTimeout(showProgress, 150);
    if (!pressed(ctx)) return;
    setBusy(ctx.request.submitter ?? ctx.sourceElement, true);
    document.getElementById("notice")?.replaceChildren();
  });

  document.addEventListener("htmx:finally:request", function ({ detail: { ctx } }) {
    requests.delete(ctx);
    showProgress();
    setBusy(ctx.request.submitter ?? ctx.sourceElement, false);
  });

  // Only fragments belong inside a page. A whole page is one of ours (then go there) or a proxy's (then say so).
  document.addEventListener("htmx:after:request", function ({ detail: { ctx } }) {
    if (ctx.select || ctx.target === document.body || !/^\s*<(!doctype|html)/i.test(ctx.text)) return;
    ctx.hx.reswap = "none";
    if (ctx.response.status < 400) window.location.assign(ctx.response.raw.url);
    else notice(ctx, "says-unexpected");
  });

  document.addEventListener("htmx:error", function ({ detail: { ctx } }) {
    if (ctx) notice(ctx, "says-unreachable");
  });

  document.addEventListener("htmx:before:swap", function ({ detail: { ctx, tasks } }) {
    const inside = tasks.some((task) => task.target?.contains?.(document.activeElement) && document.activeElement !== document.body);
    focusWasInside.set(ctx, { inside, tasks });
  });

  // A fragment whose state is the page's title says what the page is called now.
  function entitle() {
    const title = document.querySelector("[data-title]")?.dataset.title;
    const heading = document.querySelector("h1");
    if (!title || heading.textContent === title) return;
    document.title = document.title.replace(heading.textContent, title);
    heading.textContent = title;
  }

  document.addEventListener("htmx:after:swap", function ({ detail: { ctx } }) {
    entitle();
    const { inside = false, tasks = [] } = focusWasInside.get(ctx) ?? {};
    const roots = tasks.map((task) => task.target).filter((target) => target?.isConnected && target !== document.body);
    const lost = document.activeElement === document.body;
    const spot = roots.map((root) => find(root, SPOT)).find(Boolean);
    if (spot && (pressed(ctx) || lost)) focusOn(spot);
    else if (lost && (inside || pressed(ctx)) && roots.length) focusOn(onlySwitch(roots[0]) ?? find(roots[0], "h1, h2, h3, h4") ?? roots[0]);
    for (const task of tasks) {
      if (!task.target?.isConnected || task.target.closest("#notice") || /morph/i.test(task.swapSpec?.style)) continue;
      const status = find(task.target, "[data-announce], [role=status]");
      if (status && !status.contains(document.activeElement)) announce(status.textContent);
    }
  });

  // A plain form is sent once; the page that answers takes its place. htmx forms have prevented the default by now.
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    setBusy(event.submitter, true);
  });
  window.addEventListener("pageshow", function () {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("[aria-busy]")) setBusy(button, false);
    }
  });

  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details.dropdown[open]")) {
      if (!except || !menu.contains(except)) menu.open = false;
    }
  }
  document.addEventListener("click", (event) => closeMenus(event.target.closest(".dropdown-item") ? null : event.target));
  document.addEventListener("focusin", (event) => closeMenus(event.target));
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    const here = document.activeElement;
    const wayOut = here?.closest(".confirm, .account-body")?.querySelector("[data-way-out]");
    if (wayOut && !here.matches("input, select, textarea")) return wayOut.click();
    const open = document.activeElement?.closest("details.dropdown[open]") ?? document.querySelector("details.dropdown[open]");
    closeMenus();
    open?.querySelector("summary").focus();
  });

  // The tick box of a heading ticks every box below it.
  document.addEventListener("change", function (event) {
    const name = event.target.dataset?.tick;
    if (!name) return;
    const boxes = event.target.closest("table").querySelectorAll(`input[type=checkbox][name=${name}]`);
    for (const box of boxes) box.checked = event.target.checked;
  });

  // What is typed for one answer of a question chooses that answer; another answer takes it away again.
  document.addEventListener("input", function (event) {
    const answer = event.target.value && document.getElementById(event.target.dataset?.answers);
    if (answer) answer.checked = true;
  });
  document.addEventListener("change", function (event) {
    if (event.target.type !== "radio") return;
    for (const control of event.target.form?.querySelectorAll("[data-answers]") ?? []) {
      if (!document.getElementById(control.dataset.answers)?.checked) control.value = "";
    }
  });

  // The button of a selection says how many are ticked, and cannot be pressed while nobody is.
  function countTicks() {
    for (const button of document.querySelectorAll("[data-ticks]")) {
      const count = document.querySelectorAll(`input[type=checkbox][name=${button.dataset.ticks}]:checked`).length;
      button.disabled = !count;
      button.querySelector("[data-tick-count]").textContent = count ? `(${count})` : "";
    }
  }
  for (const moment of ["change", "htmx:after:swap"]) document.addEventListener(moment, countTicks);
  window.addEventListener("pageshow", countTicks);
  countTicks();

  // A button that proposes a value puts it into its field, as if it had been typed.
  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-fill]");
    const input = button && document.getElementById(button.dataset.fill);
    if (!input) return;
    input.value = button.value;
    input.focus();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.addEventListener("click", async function (event) {
    const button = event.target.closest("[data-copy]");
    const source = button && document.getElementById(button.dataset.copy);
    if (!source) return;
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
    } catch {
      window.getSelection().selectAllChildren(source); // no clipboard here: it is left selected, to be copied by hand
      if (!document.execCommand("copy")) return;
    }
    const words = button.querySelector("span");
    const before = words.textContent;
    const copied = button.dataset.copied;
    if (before === copied) return;
    words.textContent = copied;
    announce(copied);
    setTimeout(() => (words.textContent = before), 2000);
  });
})();

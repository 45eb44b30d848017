// Cards of a board can be dragged. A drop presses the button for that stage in the card's own menu, and no more.
(function () {
  let dragged = null;
  const card = (event) => event.target.closest?.(".board-card");
  const column = (event) => event.target.closest?.(".board-column");
  const button = (event) => column(event) && dragged?.querySelector(`button[name=stage][value="${column(event).dataset.stage}"]`);

  function prepare() {
    for (const each of document.querySelectorAll(".board-card")) each.draggable = true;
  }
  function light(found) {
    for (const each of document.querySelectorAll(".board-column.is-over")) each.classList.toggle("is-over", each === found);
    found?.classList.add("is-over");
  }

  document.addEventListener("dragstart", function (event) {
    dragged = card(event) ?? null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.id);
    dragged.classList.add("is-dragged");
  });
  document.addEventListener("dragover", function (event) {
    const possible = button(event);
    light(possible ? column(event) : null);
    if (possible) event.preventDefault();
  });
  document.addEventListener("drop", function (event) {
    const pressed = button(event);
    if (!pressed) return;
    event.preventDefault();
    pressed.click();
  });
  document.addEventListener("dragend", function () {
    dragged?.classList.remove("is-dragged");
    dragged = null;
    light(null);
  });
  document.addEventListener("htmx:after:swap", prepare);
  prepare();
})();

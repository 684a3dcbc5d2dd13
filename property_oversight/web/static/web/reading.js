// Keys for the page that shows one unsure reading at a time. Every key presses a button, link or box
// that stands on the page, so without this file the page works by hand.
"use strict";
(() => {
  const page = document.querySelector("[data-keys]");
  if (!page) return;
  const memory = "reading-keys";
  const toggle = page.querySelector("[data-keys-off]");
  let on = recall() !== "off";
  let gone = false; // something was pressed: the next case is on its way

  function recall() {
    try { return localStorage.getItem(memory); } catch { return null; }
  }

  function show() {
    toggle.textContent = on ? "关闭快捷键" : "打开快捷键";
    page.classList.toggle("keys-off", !on);
  }

  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    on = !on;
    try { localStorage.setItem(memory, on ? "on" : "off"); } catch { /* until the page is left */ }
    show();
  });
  show();

  window.addEventListener("pageshow", () => { gone = false; });
  page.addEventListener("submit", () => { gone = true; });

  document.addEventListener("keydown", (event) => {
    // A key that is held down must not run through the queue.
    if (!on || gone || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const at = event.target;
    if (event.key === "Enter" && at.matches("select")) {
      event.preventDefault(); // the browser would press the first button of the form
      at.parentElement.querySelector("button").click();
      return;
    }
    if (at.closest("select, textarea, input:not([type=checkbox])")) return;
    if (event.key === "Enter" && at.closest("a, button, summary, input")) return;
    const key = event.key.toLowerCase();
    const wanted = [...page.querySelectorAll("[data-key]")].find(
      (one) => one.dataset.key.split(" ").includes(key),
    );
    if (!wanted) return;
    event.preventDefault();
    if (wanted.matches("select")) {
      wanted.focus();
      return;
    }
    gone = wanted.matches("a");
    wanted.click();
  });
})();

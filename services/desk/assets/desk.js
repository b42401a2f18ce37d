// What pages do beyond links and forms: move by keyboard, replay by a slider, warn before what was typed is left, and keep
// from sending twice. Nothing depends on it.
"use strict";

(() => {
  const one = (selector) => document.querySelector(selector);

  // Moving through a list: j and k, Enter; / searches.
  const rows = () => Array.from(document.querySelectorAll("table[data-rows] tbody tr"));
  let here = -1;
  const moveTo = (at) => {
    const all = rows();
    if (!all.length) return;
    if (all[here]) all[here].classList.remove("here");
    here = Math.max(0, Math.min(at, all.length - 1));
    all[here].classList.add("here");
    const link = all[here].querySelector("a");
    if (link) link.focus({ preventScroll: true });
    all[here].scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      const search = one("[data-search]");
      if (search) { search.focus(); event.preventDefault(); }
    } else if (event.key === "j") {
      moveTo(here + 1);
    } else if (event.key === "k") {
      moveTo(here - 1);
    }
  });

  // The slider of a case: the page as it stood at an event.
  const slider = one("[data-slider]");
  if (slider) {
    const form = slider.closest("[data-replay]");
    const positions = form.dataset.replay.split(",");
    slider.addEventListener("change", () => {
      const at = Number(slider.value);
      const now = at === positions.length;
      location.assign(form.getAttribute("action") + (now ? "" : "?at_position=" + positions[at - 1]));
    });
  }

  // What has changed: the counts of the navigation are fetched anew, and the page says that it is no longer the latest.
  const body = document.body;
  if (body.dataset.live && window.EventSource) {
    const news = new EventSource("/live?after=" + body.dataset.live);
    let fetching = 0;
    const refresh = () => {
      fetching = 0;
      fetch("/account", { credentials: "same-origin" })
        .then((answer) => (answer.ok && !answer.redirected ? answer.text() : Promise.reject()))
        .then((text) => {
          const fresh = new DOMParser().parseFromString(text, "text/html").querySelectorAll("nav a");
          document.querySelectorAll("nav a").forEach((link) => {
            const same = Array.from(fresh).find((other) => other.getAttribute("href") === link.getAttribute("href"));
            if (same) link.innerHTML = same.innerHTML;
          });
        })
        .catch(() => {});
    };
    news.onmessage = () => {
      if (!fetching) fetching = setTimeout(refresh, 1000);
      const main = one("main");
      if (one("[data-told], .replaying") || !one("[data-rows], [data-replay]")) return;
      const told = document.createElement("div");
      told.className = "banner";
      told.setAttribute("role", "status");
      told.dataset.told = "";
      const link = document.createElement("a");
      link.className = "btn";
      link.href = location.href;
      link.textContent = body.dataset.refresh;
      told.append(body.dataset.news + " ", link);
      main.prepend(told);
    };
    addEventListener("pagehide", () => news.close());
  }

  // A form that was filled in: asks before it is left, and is sent once.
  const form = one("[data-form]");
  if (form) {
    let typed = false;
    let sent = false;
    let saving = 0;
    // A draft is kept a moment after the last key; files are sent with the form itself.
    const save = () => {
      saving = 0;
      const fields = new URLSearchParams();
      let files = false;
      new FormData(form).forEach((value, name) => {
        if (typeof value === "string") fields.append(name, value);
        else files = files || value.size > 0;
      });
      fields.append("draft", "auto");
      typed = files;
      fetch(location.pathname, { method: "POST", body: fields, credentials: "same-origin", redirect: "error" })
        .then((answer) => (answer.ok ? answer.text() : Promise.reject()))
        .then((text) => { one("[data-drafted]").textContent = text; })
        .catch(() => { typed = true; });
    };
    form.addEventListener("input", () => {
      typed = true;
      if (form.dataset.draft !== undefined) {
        clearTimeout(saving);
        saving = setTimeout(save, 3000);
      }
    });
    form.addEventListener("submit", (event) => {
      if (sent) event.preventDefault();
      clearTimeout(saving);
      sent = true;
    });
    addEventListener("pageshow", () => { sent = false; });
    addEventListener("beforeunload", (event) => {
      if (typed && !sent) event.preventDefault();
    });
  }
})();

// What pages do beyond links and forms: move by keyboard, replay by a slider, warn before what was typed is left, and keep
// from sending twice. Nothing depends on it.
"use strict";

(() => {
  const one = (selector) => document.querySelector(selector);

  // Moving through a list: j and k, x selects, Enter opens; / searches, ? says so.
  const rows = () => Array.from(document.querySelectorAll("table[data-rows] tbody tr"));
  const keys = one("[data-keys]");
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
    const typing = event.target.closest("input:not([type=checkbox]), select, textarea, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") {
      const search = one("[data-search]");
      if (search) { search.focus(); event.preventDefault(); }
    } else if (event.key === "j") {
      moveTo(here + 1);
    } else if (event.key === "k") {
      moveTo(here - 1);
    } else if (event.key === "x") {
      const box = rows()[here] && rows()[here].querySelector("input[type=checkbox]");
      if (box) box.click();
    } else if (event.key === "?" && keys) {
      keys.showModal();
    }
  });

  // The keys, for whoever can use them.
  const help = one("[data-help]");
  if (keys && help && keys.showModal) {
    help.hidden = false;
    help.addEventListener("click", () => keys.showModal());
  }

  // A menu is closed by Escape, and by whatever is done beside it.
  const menus = () => Array.from(document.querySelectorAll("details.menu[open]"));
  document.addEventListener("click", (event) => {
    menus().filter((menu) => !menu.contains(event.target)).forEach((menu) => { menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus().forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // What is selected: how many, and all of the page at once. Without a script the box of the page says all by itself.
  const selecting = one("[data-select]");
  if (selecting) {
    const all = one("[data-all]");
    const boxes = Array.from(selecting.querySelectorAll("tbody input[type=checkbox]"));
    const told = selecting.querySelector("[data-count]");
    const nothing = told.textContent;
    all.removeAttribute("name");
    const count = () => {
      const picked = boxes.filter((box) => box.checked).length;
      boxes.forEach((box) => box.closest("tr").classList.toggle("picked", box.checked));
      all.checked = picked === boxes.length;
      all.indeterminate = picked > 0 && !all.checked;
      told.parentElement.classList.toggle("some", picked > 0);
      told.parentElement.classList.toggle("none", !picked);
      told.textContent = picked ? told.dataset.count.replace("#", picked) : nothing;
      return picked;
    };
    all.addEventListener("change", () => {
      boxes.forEach((box) => { box.checked = all.checked; });
      count();
    });
    selecting.addEventListener("change", count);
    selecting.addEventListener("submit", (event) => {
      if (count()) return;
      event.preventDefault();
      told.textContent = told.dataset.none;
    });
    addEventListener("pageshow", count);
  }

  // The slider of a case: the page as it stood at an event.
  const slider = one("[data-slider]");
  if (slider) {
    const form = slider.closest("[data-replay]");
    const positions = form.dataset.replay.split(",");
    // Whoever moves it by keyboard goes on from where they are.
    const moving = "rectify-replay";
    if (sessionStorage.getItem(moving) === location.pathname) slider.focus({ preventScroll: true });
    sessionStorage.removeItem(moving);
    slider.addEventListener("change", () => {
      if (document.activeElement === slider) sessionStorage.setItem(moving, location.pathname);
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

  // An import under way: how far it is, and once it is done the page that says what came of it.
  const work = one("[data-progress]");
  if (work && window.EventSource) {
    const told = new EventSource(work.dataset.progress);
    told.onmessage = (event) => {
      const far = JSON.parse(event.data);
      const bar = work.querySelector("progress");
      work.querySelector("[data-said]").textContent = far.said;
      if (far.total) { bar.max = far.total; bar.value = far.rows; } else bar.removeAttribute("value");
    };
    told.addEventListener("done", () => { told.close(); location.reload(); });
    addEventListener("pagehide", () => told.close());
  }

  // Files may be dropped anywhere on their field.
  const drop = one("[data-drop]");
  if (drop) {
    const field = drop.querySelector("input");
    drop.querySelector("[data-drop-hint]").hidden = false;
    ["dragenter", "dragover"].forEach((name) => drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    }));
    ["dragleave", "drop"].forEach((name) => drop.addEventListener(name, () => drop.classList.remove("over")));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!event.dataTransfer.files.length) return;
      field.files = event.dataTransfer.files;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
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

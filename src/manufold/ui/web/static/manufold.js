// What pages can do beyond forms and links. Everything here has a way without it.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
// refusals from before the pages come as problems: shown beside the form, which stays as it is
const PAGES = { Accept: "text/html, application/problem+json" };
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// An upload: dropped onto its frame, named once chosen, refused early when it is too large.
function drops(frame) {
  const input = $("input[type=file]", frame), told = $(".chosen", frame);
  const over = on => event => { event.preventDefault(); frame.classList.toggle("over", on); };
  frame.addEventListener("dragover", over(true));
  frame.addEventListener("dragleave", over(false));
  frame.addEventListener("drop", event => {
    over(false)(event);
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change"));
    }
  });
  input.addEventListener("change", () => {
    const files = [...input.files], form = input.form;
    told.textContent = files.map(file => file.name).join(", ");
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    input.setCustomValidity(bytes > +form.dataset.most ? form.dataset.tooLarge : "");
    input.reportValidity();
  });
}

// A form that takes a while: says so, and keeps the chosen file when it comes back refused.
function asks(form) {
  form.addEventListener("submit", async event => {
    event.preventDefault();
    const button = $("button", form), status = $("[role=status]", form) || button.lastElementChild;
    const before = status ? status.textContent : "";
    button.disabled = true;
    if (status) status.textContent = form.dataset.busy;
    const body = new FormData(form);
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: PAGES });
      if (answer.redirected) { location.assign(answer.url); return; }
      refused(form, await pageOf(answer));
    } catch {
      HTMLFormElement.prototype.submit.call(form);
      return;
    }
    button.disabled = false;
    if (status) status.textContent = before;
  });
}

// A refusal as a page; one that came from before the pages is a problem, and its words are enough.
async function pageOf(answer) {
  const text = await answer.text(), page = new DOMParser().parseFromString("<main id=main tabindex=-1><div id=refusal></div></main>", "text/html");
  if ((answer.headers.get("content-type") || "").includes("html")) return new DOMParser().parseFromString(text, "text/html");
  const note = page.createElement("p");
  note.className = "refused";
  note.textContent = JSON.parse(text).detail;
  $("#refusal", page).append(note);
  return page;
}

function refused(form, page) {
  const now = $("#refusal"), next = $("#refusal", page);
  if (!now || !next || !form.contains($("#quantity"))) {
    show(page);
    return;
  }
  all(".no-script", next).forEach(one => one.remove());
  now.replaceChildren(...next.childNodes);
  all(".error", form).forEach(one => one.remove());
  all("[aria-invalid]", form).forEach(one => one.removeAttribute("aria-invalid"));
  all(".wrong", form).forEach(one => one.classList.remove("wrong"));
  for (const one of all(".error", page)) {
    const field = $(`[aria-describedby~="${one.id}"]`, page), own = field && document.getElementById(field.id);
    if (!own) continue;
    own.setAttribute("aria-invalid", "true");
    own.setAttribute("aria-describedby", field.getAttribute("aria-describedby"));
    own.closest(".field").classList.add("wrong");
    own.closest(".field").append(one);
  }
  now.focus();
  now.scrollIntoView({ block: "center" });
}

function show(page) {
  $("main").replaceWith($("main", page));
  ready($("main"));
  scrollTo(0, 0);
  $("main").focus();
}

// The world's clock: real in a live world; in a simulated one it stands until somebody lets it run.
function shows(clock) {
  const time = $("#clock");
  time.textContent = clock.text;
  time.dateTime = clock.exact;
}

async function asked(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

// How long an offer holds: seconds of the world's clock, counted here only where it is the real one.
function holds(note) {
  const left = $(".left", note), live = note.dataset.live;
  const began = performance.now(), ends = +note.dataset.expires;
  let now = +note.dataset.now, again = 0;
  const tell = () => {
    const rest = ends - now - (live ? Math.floor((performance.now() - began) / 1000) : 0);
    if (rest <= 0) {
      note.classList.add("gone");
      note.setAttribute("role", "alert");
      note.textContent = note.dataset.over;
      all(".accept button").forEach(button => { button.disabled = true; });
      clearInterval(again);
      setTimeout(() => location.reload(), 1500);
      return;
    }
    const two = number => String(number).padStart(2, "0");
    const hours = Math.floor(rest / 3600);
    left.textContent = (hours ? hours + ":" : "") + two(Math.floor(rest / 60) % 60) + ":" + two(rest % 60);
  };
  tell();
  again = setInterval(async () => {
    if (!live && !document.hidden) {
      try {
        const clock = await asked("/clock");
        now = clock.now_s;
        shows(clock);
      } catch { return; }
    }
    tell();
  }, live ? 1000 : 2000);
}

// An order's life, as it is told.
function follows(place) {
  const line = $("#timeline");
  let seen = new URL(place.dataset.life, location).searchParams.get("after") | 0, soon = 0;
  const refresh = async () => {
    soon = 0;
    const answer = await fetch(place.dataset.facts, { headers: { Accept: "text/html" } });
    if (answer.ok) $("#facts").innerHTML = await answer.text();
  };
  const later = () => { soon = soon || setTimeout(refresh, 500); };
  if (place.dataset.over) return;
  let told = null, over = false;
  const listen = () => {
    told = new EventSource(place.dataset.life.replace(/after=\d+/, `after=${seen}`));
    told.addEventListener("moment", event => {
      const one = JSON.parse(event.data);
      if (one.seq <= seen) return;
      seen = one.seq;
      const item = document.createElement("li"), time = document.createElement("time"), text = document.createElement("span");
      item.className = `${one.kind} new`;
      time.dateTime = one.exact;
      time.textContent = one.at;
      text.textContent = one.text;
      item.append(time, " ", text);
      line.prepend(item);
      all(".nothing").forEach(note => note.remove());
      later();
    });
    told.addEventListener("clock", event => {
      const clock = JSON.parse(event.data);
      shows(clock);
      all(".stopped.row").forEach(row => { row.hidden = clock.running; });
      all(".going.row").forEach(row => { row.hidden = !clock.running; });
      later();
    });
    told.addEventListener("over", () => {
      over = true;
      told.close();
      all(".while-open").forEach(one => one.remove());
      refresh();
    });
  };
  listen();
  // a browser has few lines to one host; a page that nobody looks at gives its line back
  document.addEventListener("visibilitychange", () => {
    if (over) return;
    told.close();
    if (!document.hidden) listen();
  });
  all('form[action="/run"]', place).forEach(form => form.addEventListener("submit", async event => {
    event.preventDefault();
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: PAGES });
    if (!answer.ok) show(await pageOf(answer));
  }));
}

function ready(root) {
  all(".drop", root).forEach(drops);
  all("form.ask", root).forEach(asks);
  all(".hold[data-expires]", root).forEach(holds);
  all(".follow", root).forEach(follows);
}
ready(document);
addEventListener("pageshow", event => {
  if (event.persisted) all("button[disabled]").forEach(button => { button.disabled = false; });
});

// The board's chart: one canvas that draws only what is in sight, so that thousands of bars stay
// crisp and quick. It fetches its own data; the page's socket carries clicks and a stamp only.
const EPOCH_S = 1577836800; // 2020-01-01T00:00Z, where the engine's seconds begin
const HOUR = 3600, DAY = 86400;
const AXIS = 42, ROW = 26, HEAD = 24;
const SHORTEST = HOUR, LONGEST = 31 * DAY;
const STEPS = [900, 1800, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY];
const TABLE_MOST = 500;
const THEMES = {
  light: {
    back: "#ffffff", head: "#e9edf2", label: "#f6f8fa", line: "#d5dbe2", text: "#17212b",
    soft: "#51606f", closed: "#e7eaee", now: "#111111", frozen: "rgba(40,90,160,.16)",
    down: "rgba(190,30,30,.28)", on_time: "#3d7ab8", at_risk: "#f0b429", late: "#c8321f",
    done: "#9aa7b3", offer: "#7a4fb5", ink: "#ffffff", dark: "#17212b", edge: "#5c0f06",
  },
  dark: {
    back: "#12181f", head: "#27323d", label: "#1a222b", line: "#33404d", text: "#e8eef4",
    soft: "#9fb0c0", closed: "#0a0e13", now: "#ffffff", frozen: "rgba(120,170,240,.20)",
    down: "rgba(255,90,80,.32)", on_time: "#5b9bd8", at_risk: "#f2bd45", late: "#f0604a",
    done: "#5d6b78", offer: "#b79aec", ink: "#0c1116", dark: "#0c1116", edge: "#ffe1dc",
  },
};
const formats = new Map();

function format(language, zone, options) {
  const key = language + zone + JSON.stringify(options);
  if (!formats.has(key)) {
    const tag = language === "en" ? "en-GB" : language; // day before month, as elsewhere here
    formats.set(key, new Intl.DateTimeFormat(tag, { ...options, timeZone: zone, hourCycle: "h23" }));
  }
  return formats.get(key);
}

const date = (s) => new Date((s + EPOCH_S) * 1000);

// seconds that the zone's wall clock is ahead of UTC
function ahead(zone, s) {
  const wall = {};
  const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  for (const one of format("en", zone, parts).formatToParts(date(s))) wall[one.type] = +one.value;
  const told = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute) / 1000 - EPOCH_S;
  return told - (s - (((s % 60) + 60) % 60));
}

function midnight(zone, s) {
  const off = ahead(zone, s);
  const guess = Math.floor((s + off) / DAY) * DAY - off;
  return guess + off - ahead(zone, guess);
}

function stripes(context, colour, step, width, steep) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = step;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  for (const shift of [-step, 0, step]) {
    pen.moveTo(shift, steep ? 0 : step);
    pen.lineTo(shift + step, steep ? step : 0);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat");
}

export default {
  template: `
    <div class="mf-gantt">
      <div class="mf-tools" role="toolbar" :aria-label="words.chart">
        <span class="mf-group">
          <button v-for="d in [1, 3, 7]" :key="d" type="button" :aria-pressed="span === d"
            @click="show(d)">{{ words["days_" + d] }}</button>
        </span>
        <span class="mf-group">
          <button type="button" @click="shift(-0.5)" :aria-label="words.earlier" :title="words.earlier">◀</button>
          <button type="button" @click="toNow()">{{ words.now }}</button>
          <button type="button" @click="shift(0.5)" :aria-label="words.later" :title="words.later">▶</button>
        </span>
        <span class="mf-group">
          <button type="button" @click="zoom(0.6)" :aria-label="words.closer" :title="words.closer">+</button>
          <button type="button" @click="zoom(1 / 0.6)" :aria-label="words.wider" :title="words.wider">−</button>
        </span>
        <button type="button" :aria-pressed="asTable" @click="toggleTable()">{{ words.as_table }}</button>
        <span class="mf-hint">{{ words.hint }}</span>
      </div>
      <div v-if="trouble" class="mf-trouble" role="alert">{{ trouble }}</div>
      <div class="mf-frame" ref="frame" @scroll="later">
        <div :style="{ height: height + 'px' }">
          <canvas ref="canvas" tabindex="0" role="img" :aria-label="summary"></canvas>
        </div>
      </div>
      <div class="mf-legend" aria-hidden="true">
        <span v-for="k in ['on_time', 'at_risk', 'late', 'done', 'begun', 'overdue', 'offer', 'set_up', 'closed', 'frozen', 'down']"
          :key="k"><i :class="'mf-key mf-' + k">{{ {at_risk: "!", late: "!!"}[k] || "" }}</i>{{ words["key_" + k] }}</span>
      </div>
      <div class="mf-tip" ref="tip" hidden></div>
      <div v-if="asTable" class="mf-scroll" tabindex="0">
        <table class="mf-table">
          <caption>{{ words.table_caption }}</caption>
          <thead><tr><th v-for="h in words.table_heads" :key="h" scope="col">{{ h }}</th></tr></thead>
          <tbody>
            <tr v-for="line in lines" :key="line.job">
              <td>{{ line.unit }}</td><td>{{ line.from }}</td><td>{{ line.to }}</td>
              <td>{{ line.operation }}</td><td>{{ line.quantity }}</td><td>{{ line.state }}</td>
              <td>{{ line.standing }}</td>
              <td><button v-if="line.id" type="button" @click="$emit('pick', { order: line.id, job: line.job })">{{ line.order }}</button></td>
            </tr>
          </tbody>
        </table>
      </div>
    </div>`,
  props: {
    url: String, site: String, stamp: String, picked: String, words: Object, language: String,
  },
  data: () => ({ span: 3, height: 400, trouble: "", asTable: false, lines: [], summary: "" }),
  watch: {
    stamp() { this.load(); },
    site() { this.load(true); },
    picked(order) { this.reveal(order); },
  },
  created() {
    // not reactive: Vue would make a proxy of every bar
    this.told = null;
    this.view = null;
    this.places = [];
    this.hover = null;
    this.asked = 0;
  },
  mounted() {
    const canvas = this.$refs.canvas;
    this.pen = canvas.getContext("2d");
    this.sizes = new ResizeObserver(() => this.later());
    this.sizes.observe(this.$refs.frame);
    this.looks = new MutationObserver(() => this.later());
    this.looks.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    this.seen = () => this.$emit("seen", !document.hidden);
    document.addEventListener("visibilitychange", this.seen);
    canvas.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
    canvas.addEventListener("pointerdown", (e) => this.grab(e));
    canvas.addEventListener("pointermove", (e) => this.move(e));
    canvas.addEventListener("pointerup", (e) => this.drop(e));
    canvas.addEventListener("pointercancel", () => { this.held = null; });
    canvas.addEventListener("pointerleave", () => this.point(null));
    canvas.addEventListener("keydown", (e) => this.key(e));
    // where a bar stands on the screen, for whoever drives a browser
    this.$el.whereIs = (job) => this.whereIs(job);
    this.$el.someBars = (standing) => this.someBars(standing);
    this.load(true);
  },
  beforeUnmount() {
    this.sizes.disconnect();
    this.looks.disconnect();
    document.removeEventListener("visibilitychange", this.seen);
    clearTimeout(this.wait);
  },
  methods: {
    async load(anew = false) {
      const ask = ++this.asked;
      const query = new URLSearchParams({ lang: this.language, v: this.stamp });
      if (this.site) query.set("site", this.site);
      if (this.view) {
        const days = Math.min(60, Math.ceil((this.view.to - this.view.from) / DAY) + 6);
        query.set("from", Math.floor(this.view.from / DAY - 2) * DAY);
        query.set("days", days);
      }
      let told;
      try {
        const answer = await fetch(this.url + "?" + query, { credentials: "same-origin" });
        told = await answer.json();
        if (!answer.ok) throw new Error(told.text || String(answer.status));
      } catch (fault) {
        if (ask === this.asked) this.trouble = String(fault.message || fault);
        return;
      }
      if (ask !== this.asked) return; // a later question is on its way
      this.trouble = "";
      this.take(told, anew);
    },
    take(told, anew) {
      const rows = told.rows.map(() => []);
      for (const row of told.bars) {
        const [at, order, start, setup, end, from, to, state, kind, quantity, good, op, job] = row;
        rows[at].push({ at, order, start, setup, end, from, to, state, kind, quantity, good, op, job });
      }
      told.longest = 0;
      for (const bars of rows) {
        bars.sort((one, other) => one.from - other.from);
        for (const bar of bars) told.longest = Math.max(told.longest, bar.to - bar.from);
      }
      told.byRow = rows;
      told.byOrder = new Map();
      for (const bar of rows.flat()) {
        if (bar.order < 0) continue;
        const id = told.orders[bar.order].id;
        if (!told.byOrder.has(id)) told.byOrder.set(id, []);
        told.byOrder.get(id).push(bar);
      }
      for (const bars of told.byOrder.values()) bars.sort((a, b) => a.from - b.from);
      const moved = this.told ? told.now - this.told.now : 0;
      this.told = Object.freeze(told);
      if (!this.view) { // a phone has room for the hours of one day
        this.span = this.$refs.frame.clientWidth < 600 ? 1 : 3;
        const from = told.now - Math.min(6 * HOUR, this.span * 2 * HOUR);
        this.view = { from, to: from + this.span * DAY };
      }
      else if (moved > 0 && this.follows) this.view = { from: this.view.from + moved, to: this.view.to + moved };
      this.follows = told.now >= this.view.from && told.now <= this.view.to;
      this.layout();
      if (this.asTable) this.fillTable();
      this.summary = this.words.summary
        .replace("{rows}", told.rows.length).replace("{bars}", told.bars.length)
        .replace("{late}", told.late).replace("{at_risk}", told.at_risk);
      this.draw();
      this.$el.dataset.stamp = told.seq + "-" + told.now;
    },
    layout() {
      const places = [];
      let y = AXIS, site = -1;
      this.told.rows.forEach((row, at) => {
        if (row.site !== site) {
          site = row.site;
          places.push({ y, head: site, row: -1, high: HEAD });
          y += HEAD;
        }
        places.push({ y, head: -1, row: at, high: ROW });
        y += ROW;
      });
      this.places = places;
      this.height = y + 2;
    },
    later() {
      if (this.frameAsked) return;
      this.frameAsked = requestAnimationFrame(() => { this.frameAsked = 0; this.draw(); });
    },
    theme() { return document.body.classList.contains("body--dark") ? THEMES.dark : THEMES.light; },
    draw() {
      const frame = this.$refs.frame, canvas = this.$refs.canvas;
      if (!frame || !this.told || !this.view) return;
      const wide = frame.clientWidth, high = frame.clientHeight, ratio = window.devicePixelRatio || 1;
      if (!wide || !high) return;
      if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(high * ratio)) {
        canvas.width = Math.round(wide * ratio);
        canvas.height = Math.round(high * ratio);
        canvas.style.width = wide + "px";
        canvas.style.height = high + "px";
      }
      const began = performance.now();
      this.label = wide < 600 ? 138 : 196;
      this.k = (wide - this.label) / (this.view.to - this.view.from);
      const pen = this.pen, t = this.theme();
      if (this.patternsOf !== t) {
        this.patternsOf = t;
        this.hatch = stripes(pen, t === THEMES.light ? "rgba(255,255,255,.62)" : "rgba(10,14,19,.5)", 6, 2.2, false);
        this.ice = stripes(pen, t.frozen, 9, 2, true);
        this.broken = stripes(pen, t.down, 7, 2.6, false);
        this.worry = stripes(pen, t === THEMES.light ? "rgba(92,15,6,.42)" : "rgba(12,17,22,.42)", 8, 2, true);
      }
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.font = "12px system-ui, sans-serif";
      pen.textBaseline = "middle";
      pen.fillStyle = t.back;
      pen.fillRect(0, 0, wide, high);
      const top = frame.scrollTop, marks = this.ticks();
      let drawn = 0;
      for (const place of this.places) {
        const y = place.y - top;
        if (y > high || y + place.high < AXIS) continue;
        drawn += place.head >= 0 ? 0 : this.drawRow(place, y, wide, t, marks);
      }
      if (this.picked) this.drawWay(top, t);
      for (const place of this.places) {
        const y = place.y - top;
        if (y > high || y + place.high < AXIS) continue;
        if (place.head >= 0) this.drawHead(place, y, wide, t);
        else this.drawLabel(place, y, t);
      }
      this.drawAxis(wide, high, t, marks);
      this.$el.dataset.bars = drawn;
      this.$el.dataset.ms = (performance.now() - began).toFixed(1);
    },
    x(s) { return this.label + (s - this.view.from) * this.k; },
    drawRow(place, y, wide, t, marks) {
      const pen = this.pen, told = this.told, row = told.rows[place.row], { from, to } = this.view;
      pen.fillStyle = t.closed;
      for (const [shut, open] of told.closed[row.cal] || []) {
        if (open <= from || shut >= to) continue;
        const left = Math.max(this.label, this.x(shut));
        pen.fillRect(left, y, Math.min(wide, this.x(open)) - left, ROW);
      }
      const frozen = told.sites[row.site].frozen;
      if (frozen > from && told.now < to) {
        const left = Math.max(this.label, this.x(told.now)), right = Math.min(wide, this.x(frozen));
        pen.fillStyle = this.ice;
        pen.fillRect(left, y, right - left, ROW);
        pen.fillStyle = t.frozen;
        pen.fillRect(right - 2, y, 2, ROW);
      }
      if (row.down !== null && row.down < to && told.now > from) {
        const left = Math.max(this.label, this.x(row.down)), right = Math.max(left + 4, Math.min(wide, this.x(told.now)));
        pen.fillStyle = this.broken;
        pen.fillRect(left, y, right - left, ROW);
      }
      pen.fillStyle = t.line;
      pen.fillRect(this.label, y + ROW - 1, wide - this.label, 1);
      for (const mark of marks) if (mark.day) pen.fillRect(Math.round(this.x(mark.s)), y, 1, ROW);
      const bars = told.byRow[place.row];
      let low = 0, top = bars.length;
      while (low < top) {
        const middle = (low + top) >> 1;
        if (bars[middle].from < from - told.longest) low = middle + 1; else top = middle;
      }
      let drawn = 0;
      for (let n = low; n < bars.length && bars[n].from < to; n++) {
        if (bars[n].to <= from) continue;
        this.drawBar(bars[n], y, wide, t);
        drawn++;
        if (row.down !== null && bars[n].state !== 5 && bars[n].kind > 0) { // it waits for the repair
          const left = Math.max(this.label, this.x(Math.max(bars[n].from, row.down)));
          pen.fillStyle = this.broken;
          if (this.x(bars[n].to) > left) pen.fillRect(left, y + 3, Math.min(wide, this.x(bars[n].to)) - left, ROW - 7);
        }
      }
      return drawn;
    },
    standing(bar) {
      if (bar.kind === 0) return "offer";
      return this.told.orders[bar.order].standing;
    },
    drawBar(bar, y, wide, t) {
      const pen = this.pen, told = this.told, standing = this.standing(bar);
      const left = Math.max(this.label - 3, this.x(bar.from)), right = Math.min(wide + 3, this.x(bar.to));
      const width = Math.max(standing === "late" ? 4 : 1.5, right - left - 0.8);
      const chosen = this.picked && bar.order >= 0 && told.orders[bar.order].id === this.picked;
      const finished = bar.state === 5;
      pen.globalAlpha = this.picked && !chosen ? 0.28 : 1;
      if (standing === "offer") {
        pen.strokeStyle = t.offer;
        pen.setLineDash([4, 3]);
        pen.lineWidth = 1.5;
        pen.strokeRect(left + 0.5, y + 10.5, Math.max(1, width - 1), 11);
        pen.setLineDash([]);
        pen.globalAlpha = 1;
        return;
      }
      const plain = finished || standing === "done" || standing === "cancelled";
      pen.fillStyle = plain ? t.done : t[standing];
      pen.fillRect(left, y + 3, width, ROW - 7);
      const setup = Math.min(this.x(bar.setup), right) - left;
      if (setup > 1 && !finished) {
        pen.fillStyle = this.hatch;
        pen.fillRect(left, y + 3, setup, ROW - 7);
      }
      if (standing === "late" && !finished) {
        pen.fillStyle = this.worry;
        pen.fillRect(left, y + 3, width, ROW - 7);
        pen.fillStyle = t.edge;
        pen.fillRect(left, y + 3, width, 2.5);
        pen.fillRect(left, y + ROW - 6.5, width, 2.5);
      } else if (standing === "at_risk" && !finished) {
        pen.fillStyle = t.dark;
        for (let n = left; n < left + width; n += 7) pen.fillRect(n, y + ROW - 6.5, Math.min(4, left + width - n), 2.5);
      } else if (finished && (standing === "late" || standing === "at_risk")) {
        pen.fillStyle = t[standing];
        pen.fillRect(left, y + ROW - 6.5, width, 2.5);
      }
      if (bar.kind === 2 && !finished && told.now > bar.from) { // begun: how far it has come
        pen.fillStyle = t.dark;
        pen.fillRect(left, y + 3, Math.min(width, Math.max(2, this.x(told.now) - left)), 2.5);
      }
      if (bar.end < told.now && !finished) { // should be over: drawn on to now
        pen.strokeStyle = t.late;
        pen.lineWidth = 1.5;
        pen.setLineDash([3, 2]);
        pen.strokeRect(left, y + 4, Math.max(2, Math.min(wide, this.x(told.now)) - left), ROW - 9);
        pen.setLineDash([]);
      }
      if (chosen || this.hover === bar) {
        pen.strokeStyle = t.text;
        pen.lineWidth = 2;
        pen.strokeRect(left - 1, y + 2, width + 2, ROW - 5);
      }
      const clear = setup > 1 && !finished && width - setup > 40 ? setup : 0; // not across the hatch
      this.write(bar, standing, finished, left + clear, width - clear, y, t);
      pen.globalAlpha = 1;
    },
    write(bar, standing, finished, left, width, y, t) {
      const sign = finished ? "" : { late: "!! ", at_risk: "! " }[standing] || "";
      const state = bar.state === 3 ? "❚❚ " : bar.state === 4 ? "■ " : finished ? "✓ " : "";
      const text = state + sign + (width > 46 ? this.told.ops[bar.op] : "");
      const fits = Math.floor((width - 7) / 6.4);
      if (fits < 1 || !text) return;
      this.pen.fillStyle = standing === "at_risk" && !finished ? t.dark : finished ? t.dark : t.ink;
      const shown = text.trim();
      this.pen.fillText(shown.length > fits ? shown.slice(0, Math.max(1, fits - 1)) + (fits > 3 ? "…" : "") : shown, left + 4, y + 13);
    },
    drawWay(top, t) { // the order's way from work unit to work unit
      const bars = this.told.byOrder.get(this.picked) || [], pen = this.pen;
      const yOf = new Map(this.places.filter((p) => p.row >= 0).map((p) => [p.row, p.y]));
      pen.strokeStyle = t.text;
      pen.lineWidth = 1.4;
      pen.beginPath();
      bars.slice(1).forEach((bar, n) => {
        const before = bars[n], x1 = this.x(before.to), x2 = this.x(bar.from);
        const y1 = yOf.get(before.at) - top + 13, y2 = yOf.get(bar.at) - top + 13;
        pen.moveTo(x1, y1);
        pen.bezierCurveTo(x1 + 18, y1, x2 - 18, y2, x2, y2);
      });
      pen.stroke();
    },
    drawHead(place, y, wide, t) {
      const pen = this.pen, site = this.told.sites[place.head];
      pen.fillStyle = t.head;
      pen.fillRect(0, y, wide, HEAD);
      pen.fillStyle = t.text;
      pen.font = "600 12.5px system-ui, sans-serif";
      pen.fillText(site.name, 8, y + 12);
      const after = pen.measureText(site.name).width + 20;
      pen.font = "11px system-ui, sans-serif";
      pen.fillStyle = t.soft;
      const clock = format(this.language, site.zone, { weekday: "short", hour: "2-digit", minute: "2-digit" });
      pen.fillText(this.words.local_time.replace("{time}", clock.format(date(this.told.now))), after, y + 12.5);
      pen.font = "12px system-ui, sans-serif";
    },
    drawLabel(place, y, t) {
      const pen = this.pen, row = this.told.rows[place.row];
      pen.fillStyle = t.label;
      pen.fillRect(0, y, this.label, ROW);
      pen.fillStyle = t.line;
      pen.fillRect(0, y + ROW - 1, this.label, 1);
      pen.fillRect(this.label - 1, y, 1, ROW);
      const down = row.down !== null;
      pen.fillStyle = down ? t.late : t.text;
      if (down) pen.font = "700 12px system-ui, sans-serif";
      const seat = row.seats > 1 ? " · " + (row.seat + 1) : "";
      const text = (down ? "✖ " : "") + row.name, room = this.label - 14 - pen.measureText(seat).width;
      pen.fillText(this.fitted(text, room) + seat, 8, y + 13); // seats tell rows apart
      pen.font = "12px system-ui, sans-serif";
    },
    fitted(text, room) {
      if (this.pen.measureText(text).width <= room) return text;
      let most = text.length - 1;
      while (most > 1 && this.pen.measureText(text.slice(0, most) + "…").width > room) most--;
      return text.slice(0, most) + "…";
    },
    ticks() {
      const { from, to } = this.view, zone = this.told.zone, marks = [];
      const step = STEPS.find((one) => one * this.k >= 48) || 7 * DAY;
      let day = midnight(zone, from), n = 0;
      while (day < to && n++ < 80) {
        const next = midnight(zone, day + 30 * HOUR);
        marks.push({ s: day, day: true, hour: false });
        if (step < DAY) for (let s = day + step; s < next; s += step) marks.push({ s, day: false, hour: true });
        day = next;
      }
      return marks;
    },
    drawAxis(wide, high, t, marks) {
      const pen = this.pen, told = this.told;
      pen.fillStyle = t.label;
      pen.fillRect(0, 0, wide, AXIS);
      const days = marks.filter((mark) => mark.day);
      const long = DAY * this.k > 110;
      const dayName = format(this.language, told.zone, long ? { weekday: "short", day: "numeric", month: "short" } : { day: "numeric", month: "numeric" });
      const hourName = format(this.language, told.zone, { hour: "2-digit", minute: "2-digit" });
      days.forEach((mark, n) => {
        const x = Math.max(this.label, this.x(mark.s)), end = n + 1 < days.length ? this.x(days[n + 1].s) : wide;
        pen.fillStyle = t.line;
        pen.fillRect(Math.round(this.x(mark.s)), 0, 1, AXIS);
        pen.fillStyle = t.text;
        const name = dayName.format(date(mark.s + 12 * HOUR));
        if (end - x > pen.measureText(name).width + 8) pen.fillText(name, x + 6, 12);
      });
      pen.fillStyle = t.soft;
      pen.font = "11px system-ui, sans-serif";
      const nowX = this.x(told.now), nowText = this.words.now + " " + hourName.format(date(told.now));
      const w = pen.measureText(nowText).width + 10;
      const nowLeft = Math.max(this.label, Math.min(nowX - w / 2, wide - w - 2));
      const seen = nowX >= this.label && nowX <= wide;
      for (const mark of marks) {
        const x = this.x(mark.s), covered = seen && x + 17 > nowLeft && x - 17 < nowLeft + w;
        if (mark.hour && !covered && x > this.label + 12 && x < wide - 20) {
          pen.fillRect(Math.round(x), AXIS - 6, 1, 6);
          pen.fillText(hourName.format(date(mark.s)), x - 14, 30);
        }
      }
      if (seen) {
        pen.fillStyle = t.now;
        pen.fillRect(Math.round(nowX) - 1, AXIS - 12, 2, high);
        pen.fillRect(nowLeft, AXIS - 21, w, 17);
        pen.fillStyle = t.back;
        pen.fillText(nowText, nowLeft + 5, AXIS - 12);
      }
      pen.fillStyle = t.label;
      pen.fillRect(0, 0, this.label - 1, AXIS);
      pen.fillStyle = t.soft;
      pen.fillText(this.words.times_in, 8, 14);
      pen.fillText(told.zone, 8, 30);
      pen.fillStyle = t.line;
      pen.fillRect(0, AXIS - 1, wide, 1);
      pen.fillRect(this.label - 1, 0, 1, AXIS);
      pen.font = "12px system-ui, sans-serif";
    },
    // -- moving about
    look(from, to) {
      const span = Math.min(LONGEST, Math.max(SHORTEST, to - from));
      this.view = { from, to: from + span };
      this.span = span / DAY;
      const told = this.told;
      if (told) this.follows = told.now >= from && told.now <= from + span;
      this.later();
      if (told && (from < told.from || from + span > told.to)) {
        clearTimeout(this.wait);
        this.wait = setTimeout(() => this.load(), 150);
      }
      if (this.asTable) this.fillTable();
    },
    show(days) {
      if (!this.told) return;
      const from = this.told.now - Math.min(6 * HOUR, days * 2 * HOUR);
      this.look(from, from + days * DAY);
    },
    toNow() {
      if (!this.told) return;
      const span = this.view.to - this.view.from;
      this.look(this.told.now - span / 8, this.told.now + (span * 7) / 8);
    },
    shift(share) {
      if (!this.view) return;
      const step = (this.view.to - this.view.from) * share;
      this.look(this.view.from + step, this.view.to + step);
    },
    zoom(factor, around) {
      if (!this.view) return;
      const { from, to } = this.view, at = around ?? (from + to) / 2;
      const span = Math.min(LONGEST, Math.max(SHORTEST, (to - from) * factor));
      const share = (at - from) / (to - from);
      this.look(at - share * span, at - share * span + span);
    },
    wheel(event) {
      if (!this.view) return;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const at = this.view.from + (event.offsetX - this.label) / this.k;
        this.zoom(Math.exp(Math.max(-0.5, Math.min(0.5, event.deltaY * 0.004))), at);
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        const step = (event.deltaX || event.deltaY) / this.k;
        this.look(this.view.from + step, this.view.to + step);
      }
    },
    key(event) {
      const frame = this.$refs.frame;
      const act = {
        ArrowLeft: () => this.shift(-0.15), ArrowRight: () => this.shift(0.15),
        ArrowUp: () => { frame.scrollTop -= ROW; }, ArrowDown: () => { frame.scrollTop += ROW; },
        "+": () => this.zoom(0.7), "=": () => this.zoom(0.7), "-": () => this.zoom(1 / 0.7), Home: () => this.toNow(),
      }[event.key];
      if (act) { event.preventDefault(); act(); }
    },
    grab(event) {
      if (!this.view || event.button) return;
      this.held = { x: event.clientX, y: event.clientY, from: this.view.from, top: this.$refs.frame.scrollTop, far: false };
      this.$refs.canvas.setPointerCapture(event.pointerId);
    },
    move(event) {
      if (!this.held) { this.point(event); return; }
      const dx = event.clientX - this.held.x, dy = event.clientY - this.held.y;
      if (Math.abs(dx) + Math.abs(dy) > 4) this.held.far = true;
      if (!this.held.far) return;
      this.point(null);
      const from = this.held.from - dx / this.k;
      if (event.pointerType === "mouse") this.$refs.frame.scrollTop = this.held.top - dy;
      this.look(from, from + (this.view.to - this.view.from));
    },
    drop(event) {
      const held = this.held;
      this.held = null;
      if (!held || held.far) return;
      const bar = this.under(event);
      if (bar) this.$emit("pick", { order: bar.order < 0 ? "" : this.told.orders[bar.order].id, job: bar.job });
      else if (this.picked) this.$emit("pick", { order: "", job: "" });
    },
    under(event) {
      const box = this.$refs.canvas.getBoundingClientRect();
      const x = event.clientX - box.left, y = event.clientY - box.top;
      if (y < AXIS || x < this.label || !this.told) return null;
      const place = this.places.find((one) => y + this.$refs.frame.scrollTop < one.y + one.high);
      if (!place || place.row < 0) return null;
      let found = null;
      for (const bar of this.told.byRow[place.row]) {
        if (this.x(bar.from) - 2 <= x && x <= Math.max(this.x(bar.from) + 3, this.x(bar.to)) + 1) {
          if (!found || bar.kind > 0) found = bar;
        }
      }
      return found;
    },
    point(event) {
      const bar = event ? this.under(event) : null, tip = this.$refs.tip;
      if (bar !== this.hover) { this.hover = bar; this.later(); }
      this.$refs.canvas.style.cursor = bar ? "pointer" : this.held ? "grabbing" : "grab";
      if (!bar) { tip.hidden = true; return; }
      tip.replaceChildren(...this.telling(bar).map(([kind, text]) => {
        const line = document.createElement("div");
        line.className = "mf-tip-" + kind;
        line.textContent = text;
        return line;
      }));
      tip.hidden = false;
      const right = event.clientX + 16 + tip.offsetWidth > window.innerWidth;
      const low = event.clientY + 16 + tip.offsetHeight > window.innerHeight;
      tip.style.left = Math.max(4, right ? event.clientX - tip.offsetWidth - 12 : event.clientX + 16) + "px";
      tip.style.top = Math.max(4, low ? event.clientY - tip.offsetHeight - 12 : event.clientY + 16) + "px";
    },
    clock(zone) { return format(this.language, zone, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }); },
    telling(bar) {
      const told = this.told, w = this.words, row = told.rows[bar.at], zone = told.sites[row.site].zone;
      const clock = this.clock(zone), at = (s) => clock.format(date(s));
      const lines = [["head", `${told.ops[bar.op]} · ${row.name}`]];
      const standing = this.standing(bar);
      if (bar.kind === 0) lines.push(["offer", w.key_offer]);
      else lines.push([standing, `${w.order} …${told.orders[bar.order].id.slice(-6)}: ${told.orders[bar.order].says}`]);
      lines.push(["line", `${w.planned} ${at(bar.start)} – ${at(bar.end)} (${zone})`]);
      if (bar.setup > bar.start) lines.push(["line", `${w.setup_until} ${at(bar.setup)}`]);
      if (bar.kind === 2) lines.push(["line", `${w.actual} ${at(bar.from)}${bar.state === 5 ? " – " + at(bar.to) : ""}`]);
      lines.push(["line", `${w.states[bar.state]} · ${w.pieces.replace("{count}", bar.quantity)}`]);
      if (bar.order >= 0) for (const why of told.orders[bar.order].why) lines.push(["why", why]);
      return lines;
    },
    reveal(order) {
      const bars = this.told && order ? this.told.byOrder.get(order) : null;
      if (bars) {
        const open = bars.find((bar) => bar.state !== 5) || bars[bars.length - 1];
        const { from, to } = this.view;
        if (open.from < from || open.from > to - (to - from) * 0.1) this.look(open.from - (to - from) * 0.2, open.from + (to - from) * 0.8);
        const place = this.places.find((one) => one.row === open.at), frame = this.$refs.frame;
        if (place && (place.y - AXIS < frame.scrollTop || place.y + ROW > frame.scrollTop + frame.clientHeight)) {
          frame.scrollTop = place.y - frame.clientHeight / 2;
        }
      }
      this.later();
    },
    toggleTable() { this.asTable = !this.asTable; if (this.asTable) this.fillTable(); },
    fillTable() {
      const told = this.told, { from, to } = this.view, lines = [];
      for (const bars of told ? told.byRow : []) {
        for (const bar of bars) {
          if (bar.to <= from || bar.from >= to || lines.length >= TABLE_MOST) continue;
          const row = told.rows[bar.at], clock = this.clock(told.sites[row.site].zone);
          const order = bar.order < 0 ? null : told.orders[bar.order];
          lines.push({
            unit: row.name, from: clock.format(date(bar.from)), to: clock.format(date(bar.to)),
            operation: told.ops[bar.op], quantity: bar.quantity, state: this.words.states[bar.state],
            standing: order ? order.says : this.words.key_offer, id: order ? order.id : "",
            order: order ? "…" + order.id.slice(-6) : "–", job: bar.job,
          });
        }
      }
      this.lines = lines;
    },
    whereIs(job) {
      for (const bars of this.told ? this.told.byRow : []) {
        for (const bar of bars) {
          if (bar.job !== job) continue;
          const place = this.places.find((one) => one.row === bar.at), box = this.$refs.canvas.getBoundingClientRect();
          const left = Math.max(this.label, this.x(bar.from)), right = Math.min(box.width, this.x(bar.to));
          return { x: box.left + (left + right) / 2, y: box.top + place.y - this.$refs.frame.scrollTop + 13 };
        }
      }
      return null;
    },
    someBars(standing) {
      const { from, to } = this.view;
      const inSight = (bar) => bar.from > from && bar.to < to && bar.to - bar.from > 8 / this.k;
      return this.told.byRow.flat().filter((bar) => inSight(bar) && this.standing(bar) === standing)
        .map((bar) => ({ job: bar.job, order: bar.order < 0 ? "" : this.told.orders[bar.order].id }));
    },
  },
};

// How fast it goes, and how that is said.
const WINDOW = 15_000; // ms that the speed is taken from
const SETTLED = 2_000; // ms before it means anything
const EACH = 400; // ms between two samples

export class Pace {
  samples = [];

  note(sent) {
    const now = performance.now();
    const last = this.samples.at(-1);
    if (last && sent < last.sent) this.samples = []; // something has to be sent again
    else if (last && now - last.at < EACH) return;
    this.samples.push({ at: now, sent });
    while (now - this.samples[0].at > WINDOW) this.samples.shift();
  }

  // Seconds until `left` bytes are sent; null while nobody knows.
  remaining(left) {
    const [first, last] = [this.samples[0], this.samples.at(-1)];
    if (!first || last.at - first.at < SETTLED || last.sent <= first.sent) return null;
    return (left * (last.at - first.at)) / (last.sent - first.sent) / 1000;
  }
}

const language = () => document.documentElement.lang;
const unit = (count, name) => new Intl.NumberFormat(language(), { style: "unit", unit: name, unitDisplay: "long" }).format(count);

// A number that changes every second is not read but watched: it gets coarser the further away the end is.
export function timeInWords(seconds) {
  if (seconds < 55) return unit(Math.max(5, Math.ceil(seconds / 5) * 5), "second");
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return unit(minutes, "minute");
  const rest = minutes % 60;
  return unit(Math.floor(minutes / 60), "hour") + (rest ? ` ${unit(rest, "minute")}` : "");
}

export function sizeInWords(size) {
  const number = new Intl.NumberFormat(language(), { maximumFractionDigits: 1 });
  const [name, power] = [["GB", 30], ["MB", 20], ["KB", 10]].find(([, each]) => size >= 2 ** each) ?? ["B", 0];
  return `${number.format(size / 2 ** power)} ${name}`;
}

// Quantities as people read them: three digits and the unit that fits. Used in advice and tables.

const TIME_UNITS: readonly (readonly [scale: number, unit: string])[] = [
  [1, "s"],
  [1e-3, "ms"],
  [1e-6, "µs"],
  [1e-9, "ns"],
];
const SIZE_UNITS: readonly (readonly [scale: number, unit: string])[] = [
  [2 ** 30, "GiB"],
  [2 ** 20, "MiB"],
  [2 ** 10, "KiB"],
];

/** `0.0123` gives `"12.3 ms"`. Below a nanosecond, where no clock of ours sees anything, `"under 1 ns"`. */
export function inSeconds(seconds: number): string {
  const unit = TIME_UNITS.find(([scale]) => seconds >= scale);
  return unit === undefined ? "under 1 ns" : `${threeDigits(seconds / unit[0])} ${unit[1]}`;
}

/** `2048` gives `"2 KiB"`. */
export function inBytes(bytes: number): string {
  const unit = SIZE_UNITS.find(([scale]) => bytes >= scale);
  if (unit !== undefined) return `${threeDigits(bytes / unit[0])} ${unit[1]}`;
  return counted(Math.round(bytes), "byte");
}

/** `1, "item"` gives `"1 item"`; `1200, "item"` gives `"1,200 items"`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** `1.874` gives `"1.87"`; `18.74` gives `"18.7"`. */
export function inTimes(factor: number): string {
  return factor < 10 ? factor.toFixed(2) : threeDigits(factor);
}

function threeDigits(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

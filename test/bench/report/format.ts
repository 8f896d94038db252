import type { Measured } from '../results.ts';

/** A ratio, or a count that need not be whole. */
export function ratio(value: number): string {
  return value.toFixed(2);
}

/** A number with as many digits as matter at its size. */
export function number(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return grouped(Math.round(value));
  return value.toFixed(size >= 10 ? 1 : 2);
}

/** How far a number that was measured many times strayed: from the first tenth of the sorted samples to the last. */
export function spread({ p10, p90 }: Measured, as: (value: number) => string = ratio): string {
  return `${as(p10)} to ${as(p90)}`;
}

/** A time in milliseconds. A difference of two may be below zero. */
export function ms(value: number): string {
  return `${number(value)} ms`;
}

/** Bytes by the thousand, as DynamoDB's limits and disks count them. */
export function kilobytes(bytes: number): string {
  return `${number(bytes / 1000)} KB`;
}

/** `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** `1 trial`, `5 trials`. */
export function count(value: number, what: string): string {
  return `${grouped(value)} ${what}${value === 1 ? '' : 's'}`;
}

function grouped(whole: number): string {
  return String(whole).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

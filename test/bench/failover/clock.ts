/** Milliseconds since 1970 with fractions, by a clock that never jumps and that all processes of a machine agree about. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

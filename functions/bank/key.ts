/**
 * The time at which a UUIDv7 was minted, in milliseconds since 1970 (RFC 9562, section 5.7: the first 48 bits).
 *
 * @example keyTimeMs('00000000-03e8-7000-8000-000000000000') // 1000
 */
export function keyTimeMs(key: string): number {
  return Number.parseInt(key.slice(0, 8) + key.slice(9, 13), 16);
}

/**
 * A key that the bank makes: a UUIDv8 (RFC 9562, section 5.8) with the time where a UUIDv7 has it. Callers cannot use one, so no
 * call can meet it.
 */
export function mintId(nowMs: number, random: Uint8Array): string {
  const time = nowMs.toString(16).padStart(12, '0');
  const digits = Buffer.from(random).toString('hex').padStart(18, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-8${digits.slice(0, 3)}-8${digits.slice(3, 6)}-${digits.slice(6, 18)}`;
}

/** Random bytes that {@link mintId} takes. */
export const ID_BYTES = 9;

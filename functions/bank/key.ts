/**
 * The time at which a UUIDv7 was minted, in milliseconds since 1970 (RFC 9562, section 5.7: the first 48 bits).
 *
 * @example keyTimeMs('00000000-03e8-7000-8000-000000000000') // 1000
 */
export function keyTimeMs(key: string): number {
  return Number.parseInt(key.slice(0, 8) + key.slice(9, 13), 16);
}

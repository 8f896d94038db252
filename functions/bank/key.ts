/**
 * The time at which a UUIDv7 was minted, in milliseconds since 1970 (RFC 9562, section 5.7: the first 48 bits).
 *
 * @example keyTimeMs('0198c5a0-7e57-7abc-8def-0123456789ab') // 1755679588951
 */
export function keyTimeMs(key: string): number {
  return Number.parseInt(key.slice(0, 8) + key.slice(9, 13), 16);
}

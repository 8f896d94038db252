/** The 32 hexadecimal digits of a UUID. */
export function hexOf(key: string): string {
  return key.replaceAll('-', '');
}

/** The UUID of 32 hexadecimal digits. */
export function uuidOf(digits: string): string {
  return [0, 8, 12, 16, 20].map((from, part, starts) => digits.slice(from, starts[part + 1])).join('-');
}

/** The 16 bytes of a UUID. They compare like the UUIDs that they are. */
export function bytesOf(key: string): Uint8Array {
  return Buffer.from(hexOf(key), 'hex');
}

/** The UUID of 16 bytes. */
export function keyOf(bytes: Uint8Array): string {
  return uuidOf(Buffer.from(bytes).toString('hex'));
}

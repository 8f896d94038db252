/**
 * Bytes of an item by DynamoDB's published rule: names and strings count their UTF-8 bytes, a number about half its
 * digits and one byte more, a boolean one byte, and a list or a map three bytes and one for each member.
 */
export function itemBytes(item: Record<string, unknown> | undefined): number {
  return Object.entries(item ?? {}).reduce(
    (bytes, [name, value]) => bytes + Buffer.byteLength(name) + valueBytes(value),
    0,
  );
}

function valueBytes(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return Buffer.byteLength(value);
    case 'bigint':
      return Math.ceil(String(value).length / 2) + 1;
    case 'boolean':
      return 1;
    case 'object':
      if (value instanceof Uint8Array) {
        return value.byteLength;
      }
      if (Array.isArray(value)) {
        return value.reduce((bytes, each) => bytes + 1 + valueBytes(each), 3);
      }
      return 3 + Object.keys(value ?? {}).length + itemBytes(value as Record<string, unknown>);
    default:
      throw new Error(`no item holds a ${typeof value}`);
  }
}

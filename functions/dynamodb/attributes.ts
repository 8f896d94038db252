import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

/** Values of an item, or of an expression, as DynamoDB takes them. */
export type Attributes = Record<string, AttributeValue>;

/**
 * Puts values into DynamoDB's form. The commands of `lib-dynamodb` do the same and this with it, but each of them adds
 * its middleware to the stack of the call: a quarter more CPU time for a write (`npm run bench`).
 */
export function toAttributes(values: Readonly<Record<string, unknown>>): Attributes {
  return marshall(values, { removeUndefinedValues: false, convertEmptyValues: false });
}

/** Reads values back. Numbers come out as bigint, so that no amount is ever rounded. */
export function fromAttributes(attributes: Attributes): Record<string, unknown> {
  return unmarshall(attributes, { wrapNumbers: BigInt });
}

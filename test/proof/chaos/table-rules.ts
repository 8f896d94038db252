import type { Operation } from './operation.ts';

/** How the rules were kept. */
export interface RuleBook {
  /** Requests that were looked at. */
  requests: number;
  /** What was against it, in words. */
  readonly breaches: string[];
}

/**
 * What a table with multi-Region strong consistency turns away, and DynamoDB Local does not: transactions, a time to live,
 * local indexes. And what this bank must not do on it although DynamoDB would: reads that may be behind. (A scan may be:
 * it lists accounts for operators, and decides nothing. Nor does an index: it says where the sweep looks.)
 *
 * Says what is against the rules, in words; undefined when nothing is.
 */
export function breachOf(operation: Operation, strong: readonly string[]): string | undefined {
  if (!operation.isAbout(strong)) {
    return undefined;
  }
  switch (operation.name) {
    case 'TransactWriteItems':
    case 'TransactGetItems':
    case 'ExecuteTransaction':
      return `${operation.name}: a strongly consistent global table has no transactions`;
    case 'UpdateTimeToLive':
      return 'UpdateTimeToLive: a strongly consistent global table has no time to live';
    case 'CreateTable':
      return 'LocalSecondaryIndexes' in operation.body
        ? 'CreateTable: a strongly consistent global table has no local secondary indexes'
        : undefined;
    case 'GetItem':
    case 'Query':
      return operation.isStrongRead || 'IndexName' in operation.body
        ? undefined
        : `${operation.name}: a book was read without ConsistentRead`;
    default:
      return undefined;
  }
}

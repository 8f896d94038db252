import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { createTables } from '../../infra/local/tables.ts';
import type { TableNames } from '../../infra/names.ts';

/** A pair of tables of its own, and where they are. */
export interface TestTables extends TableNames {
  readonly endpoint: string;
}

/** Creates a fresh pair of tables, so that tests share no state. */
export async function createTestTables(endpoint = inject('dynamodbEndpoint')): Promise<TestTables> {
  const names = await createTables({ endpoint, prefix: `test-${randomUUID()}` });
  return { ...names, endpoint };
}

import type { TableNames } from '../functions/dynamodb/schema.ts';

export type { TableNames };

/** The tables are known by their names alone, so that no stack has to ask another one for them. */
export function tableNames(prefix: string): TableNames {
  return { accounts: `${prefix}-accounts`, pages: `${prefix}-pages`, idempotency: `${prefix}-idempotency` };
}

/** The stack that holds the tables of both Regions. It is in the first of them. */
export function tablesStackName(prefix: string): string {
  return `${prefix}-tables`;
}

/** Names of a Region's functions and API. The same in both Regions, which the dashboard over both of them relies on. */
export interface FunctionNames {
  readonly api: string;
  readonly sweep: string;
  readonly protection: string;
}

export function functionNames(prefix: string): FunctionNames {
  return { api: `${prefix}-api`, sweep: `${prefix}-sweep`, protection: `${prefix}-protection` };
}

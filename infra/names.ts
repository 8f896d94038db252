import type { TableNames } from '../functions/dynamodb/schema.ts';

export type { TableNames };

/** Every stack refers to the tables by these names, so that no stack depends on the outputs of another. */
export function tableNames(prefix: string): TableNames {
  return { accounts: `${prefix}-accounts`, pages: `${prefix}-pages`, idempotency: `${prefix}-idempotency` };
}

/** How a function learns which bank it is of, and what its tables are called, deployed and on one machine alike. */
export function bankEnvironment(prefix: string, tables: TableNames) {
  return {
    BANK: prefix,
    ACCOUNTS_TABLE: tables.accounts,
    PAGES_TABLE: tables.pages,
    IDEMPOTENCY_TABLE: tables.idempotency,
  };
}

/** The stack that holds the tables of both Regions. It is in the first of them. */
export function tablesStackName(prefix: string): string {
  return `${prefix}-tables`;
}

/** The stack that holds the bank of one Region. */
export function regionStackName(prefix: string, region: string): string {
  return `${prefix}-${region}`;
}

/** Names of a Region's functions and API. The dashboard relies on them being the same in both Regions. */
export function functionNames(prefix: string) {
  return { api: `${prefix}-api`, sweep: `${prefix}-sweep`, protection: `${prefix}-protection` };
}

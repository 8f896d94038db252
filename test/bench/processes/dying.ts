import type { ContenderName } from '../contenders/contender.ts';
import { createContenders } from '../contenders/open.ts';
import type { ContenderTables } from '../contenders/tables.ts';

export interface DyingInput {
  readonly name: ContenderName;
  readonly endpoint: string;
  readonly tables: ContenderTables;
  readonly account: string;
  readonly key: string;
}

/** Makes a deposit, and kills itself when DynamoDB has answered the write that moves the money. */
const { name, endpoint, tables, account, key } = JSON.parse(process.argv[2] ?? '{}') as DyingInput;
const contender = createContenders({ endpoint, tables })[name];
contender.client.middlewareStack.add(
  (next) => async (args) => {
    const result = await next(args);
    const { TableName, TransactItems } = args.input as { TableName?: string; TransactItems?: unknown };
    if (TableName === tables[name].accounts || TransactItems !== undefined) {
      process.kill(process.pid, 'SIGKILL');
    }
    return result;
  },
  { name: 'benchDie', step: 'finalizeRequest', priority: 'low' },
);
await contender.execute({ account, key, operation: 'deposit', amountMinor: 10n });

import { intercept } from '../../support/intercept.ts';
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
intercept(contender.client, async ({ input }, send) => {
  const answer = await send();
  const movesMoney = input['TableName'] === tables[name].accounts || input['TransactItems'] !== undefined;
  if (answer.status < 300 && movesMoney) {
    process.kill(process.pid, 'SIGKILL');
  }
  return answer;
});
await contender.execute({ account, key, operation: 'deposit', amountMinor: 10n });

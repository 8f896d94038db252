import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from '../../functions/dynamodb/within.ts';
import { FUNCTION_TIMEOUT_MS } from '../../infra/configuration.ts';
import { awsEnvironment, withoutAws } from '../../infra/local/environment.ts';
import { newKey } from '../support/keys.ts';
import { CONTENDER_NAMES, CONTENDERS, type Contender, type Outcome } from './contenders/contender.ts';
import { createContenders } from './contenders/open.ts';
import { TableSetup } from './contenders/tables.ts';
import type { DyingInput } from './processes/dying.ts';
import { bundleInto } from './program.ts';
import type { Question, Row, Site } from './question.ts';

/** Powertools turns retries away for as long as the function may run. */
const RETRY_FOR_MS = 3 * FUNCTION_TIMEOUT_MS;
const RETRY_EVERY_MS = 100;
const LIFE_LIMIT_MS = 30_000;

export const interrupted: Question<undefined> = {
  title: 'A process that dies after its write',
  note:
    'A process makes a deposit of 10 and is killed when DynamoDB has answered the write that moves the money. Another process ' +
    'retries with the same key until it is answered.',
  plans: { quick: undefined, full: undefined },
  measure: async (_plan, site) => [{ title: 'The retry', rows: await measureAll(site) }],
};

async function measureAll({ endpoint, folder, onProgress, signal }: Site): Promise<readonly Row[]> {
  await using setup = new TableSetup(endpoint);
  const tables = await setup.createForAll();
  const file = await bundleInto(folder, 'dying', './processes/dying.ts');
  const contenders = createContenders({ endpoint, tables });
  const rows: Row[] = [];
  for (const name of CONTENDER_NAMES) {
    onProgress(CONTENDERS[name]);
    const input: DyingInput = { name, endpoint, tables, account: `dying-${randomUUID()}`, key: newKey() };
    await runUntilDeath(file, input, signal);
    rows.push({ contender: CONTENDERS[name], ...(await retry(contenders[name], input, signal)) });
    contenders[name].client.destroy();
  }
  return rows;
}

async function runUntilDeath(file: string, input: DyingInput, signal: AbortSignal): Promise<void> {
  const [, killedBy] = await within(LIFE_LIMIT_MS, signal, (signal) => {
    const child = fork(file, [JSON.stringify(input)], {
      env: { ...withoutAws(process.env), ...awsEnvironment(input.endpoint, 'us-east-1') },
      execArgv: [],
      signal,
    });
    return once(child, 'exit');
  });
  if (killedBy !== 'SIGKILL') {
    throw new Error(`the process of ${input.name} ended without being killed after its write`);
  }
}

async function retry(contender: Contender, { account, key }: DyingInput, signal: AbortSignal): Promise<Row> {
  const startedMs = performance.now();
  const answers: string[] = [];
  for (;;) {
    try {
      const outcome = await contender.execute({ account, key, operation: 'deposit', amountMinor: 10n });
      answers.push(inWords(outcome));
      break;
    } catch (error) {
      if (performance.now() > startedMs + RETRY_FOR_MS) {
        throw error;
      }
      answers.push((error as Error).name);
      await sleep(RETRY_EVERY_MS, undefined, { signal });
    }
  }
  const balance = Number(await contender.balance(account));
  return {
    executed: balance === 10 ? 'once' : 'twice',
    balance,
    firstRetry: answers[0] ?? '',
    lastRetry: answers.at(-1) ?? '',
    secondsUntilAnswered: answers.length === 1 ? 0 : Math.round((performance.now() - startedMs) / 1000),
  };
}

function inWords(outcome: Outcome): string {
  if (outcome.kind === 'refused') {
    return 'refused';
  }
  return outcome.balanceMinor === undefined ? 'executed' : `executed, balance ${outcome.balanceMinor}`;
}

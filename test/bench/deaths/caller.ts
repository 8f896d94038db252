import { setTimeout as pause } from 'node:timers/promises';
import type { ContenderName, ContenderParts, Moved } from '../contenders/contender.ts';
import { createContender } from '../contenders/contenders.ts';

/** What a caller's process is told at its start. */
export interface CallerInput extends ContenderParts {
  readonly contender: ContenderName;
  readonly account: string;
  readonly key: string;
  readonly amountMinor: number;
}

/** What a caller's process tells of each attempt. */
export type CallerMessage =
  | { readonly kind: 'turned_away'; readonly says: string }
  | { readonly kind: 'answered'; readonly says: string; readonly balanceMinor: number };

const RETRY_PAUSE_MS = 100;

/**
 * The program of a process that makes one deposit, again and again with the same key until it is answered. Its starter
 * decides when it ends, whatever it has come to.
 */
process.once('disconnect', () => process.exit(0));
if (!process.connected) process.exit(0);

const {
  contender: name,
  endpoint,
  tables,
  account,
  key,
  amountMinor,
} = JSON.parse(process.argv[2] ?? '{}') as CallerInput;
const contender = createContender(name, { endpoint, tables });
while (!(await attempt())) await pause(RETRY_PAUSE_MS);

async function attempt(): Promise<boolean> {
  try {
    const moved = await contender.move({ account, key, move: 'deposit', amountMinor: BigInt(amountMinor) });
    tell({ kind: 'answered', says: inWords(moved), balanceMinor: Number(await contender.balance(account)) });
    return true;
  } catch (error) {
    tell({ kind: 'turned_away', says: error instanceof Error ? error.name : String(error) });
    return false;
  }
}

function inWords(moved: Moved): string {
  if (moved.kind === 'refused') return 'refused';
  return moved.balanceMinor === undefined
    ? 'executed, without a balance'
    : `executed, balance ${moved.balanceMinor}`;
}

function tell(message: CallerMessage): void {
  process.send?.(message);
}

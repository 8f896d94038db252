import type { MeasuredBank } from './bank.ts';
import { GrowthError } from './errors.ts';
import { inLanes } from './lanes.ts';
import type { Level } from './levels.ts';

/** Calls under way at once while accounts are being called beforehand. */
const AT_ONCE = 16;

/** Calls between two words about it. */
const PROGRESS_EVERY = 1_000;

/** How much an account may be called beyond its level while it is measured, as a part of the level. */
const MOST_GROWTH = 0.1;

/** How many accounts a level takes for its calls, so that being measured does not take any of them to another level. */
export function accountsNeeded(pastCalls: number, calls: number): number {
  return Math.ceil(calls / Math.max(1, Math.floor(pastCalls * MOST_GROWTH)));
}

/** Makes the past calls on each of the accounts, which hold money, and then calls them in turns. */
export async function pastCallsLevel(
  bank: MeasuredBank,
  { pastCalls, names }: { readonly pastCalls: number; readonly names: readonly string[] },
  onCalls: (calls: number) => void,
  signal: AbortSignal,
): Promise<Level> {
  const held = new Map<string, string>();
  let calls = 0;
  const onCall = () => {
    calls += 1;
    if (calls % PROGRESS_EVERY === 0) onCalls(calls);
  };
  const callAccount = async (name: string) => {
    const lanes = Math.max(1, Math.floor(AT_ONCE / names.length));
    held.set(name, await makeCalls(bank, name, { calls: pastCalls, lanes, onCall }, signal));
  };
  const waiting = names.values();
  const begin = () => {
    const { value: name } = waiting.next();
    return name === undefined ? undefined : callAccount(name);
  };
  await inLanes(AT_ONCE, begin, signal);
  return levelOf(bank, { pastCalls, names, held });
}

function levelOf(
  bank: MeasuredBank,
  {
    pastCalls,
    names,
    held,
  }: { readonly pastCalls: number; readonly names: readonly string[]; readonly held: Map<string, string> },
): Level {
  let turn = 0;
  const nameOf = (index: number) => names[index % names.length] ?? '';
  return {
    level: pastCalls,
    callers: 1,
    call: async () => {
      const name = nameOf(turn);
      turn += 1;
      held.set(name, await bank.deposit(name, [held.get(name) ?? '']));
    },
    look: () => bank.look(nameOf(0)),
  };
}

/** Makes calls on an account, each of which gives back a reply before it. Returns the key of the one that is left. */
async function makeCalls(
  bank: MeasuredBank,
  account: string,
  { calls, lanes, onCall }: { readonly calls: number; readonly lanes: number; readonly onCall: () => void },
  signal: AbortSignal,
): Promise<string> {
  const held = new Map<number, string>();
  const call = async (lane: number) => {
    const before = held.get(lane);
    held.set(lane, await bank.deposit(account, before === undefined ? [] : [before]));
    onCall();
  };
  let begun = 0;
  await inLanes(lanes, (lane) => (begun++ < calls ? call(lane) : undefined), signal);
  const [key, ...others] = held.values();
  if (key === undefined) throw new GrowthError('not_as_grown', `${account} was not called`);
  if (others.length > 0) await bank.giveBack(account, others);
  return key;
}

import { answer, type Behaviour, sendJson } from '../support/behaviours.ts';
import { startTwoRegions, type TwoRegions } from '../support/two-regions.ts';

/** Starts two Regions that tell statements. */
export async function startTelling(): Promise<TwoRegions> {
  const regions = await startTwoRegions();
  for (const endpoint of [regions.east, regions.west]) endpoint.usually = tellStatements();
  return regions;
}

/** Answers as the bank does, and tells statements as well: of the calls that were executed, in one answer. */
export function tellStatements(
  otherwise: Behaviour = answer,
  isLeftOut: (key: string) => boolean = () => false,
): Behaviour {
  return (exchange) => {
    const { request, response, bank } = exchange;
    const [, account] = /^\/accounts\/([^/]+)\/entries\?/.exec(request.path) ?? [];
    if (account === undefined) {
      otherwise(exchange);
      return;
    }
    const entries = bank.executions
      .filter((execution) => execution.account === account && !isLeftOut(execution.key))
      .map(({ key, amountMinor, balanceMinor }, index) => ({
        sequence: index + 1,
        key,
        type: amountMinor < 0n ? 'withdrawal' : 'deposit',
        amount: String(amountMinor < 0n ? -amountMinor : amountMinor),
        change: String(amountMinor),
        balance: String(balanceMinor),
        at: new Date(bank.nowMs()).toISOString(),
      }));
    sendJson(response, request.region, 200, { account, entries: entries.toReversed() });
  };
}

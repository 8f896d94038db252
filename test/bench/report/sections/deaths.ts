import { CONTENDERS } from '../../contenders/contender.ts';
import type { Death, DeathsResult } from '../../deaths/result.ts';
import { ms, number } from '../format.ts';
import { numbers, type Section, words } from '../section.ts';

/** What becomes of a call whose process dies between its write and the answer. */
export function deathsSection(deaths: DeathsResult): Section {
  return {
    title: 'When a process dies after its write',
    paragraphs: [
      'A process makes a deposit of 10 to a new account, and is killed when DynamoDB has made the write and before it has heard of it. Another process then retries the same call until it is answered.',
    ],
    tables: [
      {
        columns: [
          words('Contender'),
          words('Executed'),
          numbers('Balance'),
          words('The first retry was told'),
          words('Stuck'),
        ],
        rows: deaths.map(rowOf),
      },
    ],
    points: deaths.flatMap(({ contender, stuckMs, lastRetrySays }) =>
      stuckMs === null
        ? []
        : [`${CONTENDERS[contender].title}: after ${ms(stuckMs)} a later retry was told ${lastRetrySays}.`],
    ),
    plots: [],
  };
}

function rowOf({ contender, executed, balanceMinor, retrySays, stuckMs }: Death): readonly string[] {
  return [
    CONTENDERS[contender].title,
    executed,
    number(balanceMinor),
    retrySays,
    stuckMs === null ? 'no' : ms(stuckMs),
  ];
}

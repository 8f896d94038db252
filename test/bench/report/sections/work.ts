import { CONTENDER_NAMES, CONTENDERS } from '../../contenders/contender.ts';
import { OPERATIONS, type WorkResult } from '../../work.ts';
import { number, ratio } from '../format.ts';
import { numbers, type Section, words } from '../section.ts';

/** What each operation of each contender has DynamoDB do. */
export function workSection(results: readonly WorkResult[]): Section {
  return {
    title: 'What a call takes',
    paragraphs: [
      'One call after the other, in the steady state, as DynamoDB Local counts it: requests with retries, units, bytes of bodies without headers. A long run is of many calls on each account, with the pages that they make due; in the last one callers keep their keys, so the bank caches their replies. The money is right when the balance after each call was what it had to be: a retry moved nothing, and nothing went below zero.',
    ],
    tables: [
      {
        columns: [
          words('Operation'),
          words('Contender'),
          numbers('Requests'),
          numbers('Write units'),
          numbers('Read units'),
          numbers('Bytes out'),
          numbers('Bytes back'),
          words('Money'),
        ],
        rows: OPERATIONS.flatMap((operation) =>
          results.filter((result) => result.operation === operation).map(rowOf),
        ),
      },
    ],
    points: CONTENDER_NAMES.map((name) => `${CONTENDERS[name].title}: ${CONTENDERS[name].says}.`),
    plots: [],
  };
}

function rowOf({ operation, contender, work, safe }: WorkResult): readonly string[] {
  return [
    operation,
    CONTENDERS[contender].title,
    ratio(work.requests),
    ratio(work.writeUnits),
    ratio(work.readUnits),
    number(Math.round(work.sentBytes)),
    number(Math.round(work.receivedBytes)),
    safe ? 'right' : 'WRONG',
  ];
}

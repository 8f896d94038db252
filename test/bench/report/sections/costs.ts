import type { CallersAtOnce, Compared, ComparedClient, Costs, Server } from '../../costs/result.ts';
import { number, ratio, spread } from '../format.ts';
import { numbers, type Section, words } from '../section.ts';

const SERVERS: Readonly<Record<Server, string>> = {
  region: 'a Region',
  instant: 'an instant server',
};

/** What the bank's own code costs. */
export function costsSection({ handler, client }: Costs): Section {
  const clients = (['region', 'instant'] as const).flatMap((server) =>
    (['1', '16'] as const).map((atOnce) => ({ server, atOnce, figures: client[server][atOnce] })),
  );
  return {
    title: "What the bank's own code costs",
    paragraphs: [
      'Processor time of a deposit: of the bundled function over a table that answers at once, beside a function that only imports the SDK and makes one unconditional write; and of the client, beside a bare fetch without timeout, retry or check. An instant server answers without moving anything, so that what is left is the asking side; a Region is what the local bank runs. Both sides take turns; ratios are taken round by round.',
    ],
    tables: [
      {
        caption: 'Processor time of a call, in microseconds',
        columns: [
          words('What'),
          words('Beside'),
          numbers('Ratio'),
          numbers('p10 to p90'),
          numbers('Ours'),
          numbers('The other'),
        ],
        rows: [
          processorRow('function', 'bare SDK', handler),
          ...clients.map(({ server, atOnce, figures }) =>
            processorRow(clientName(server, atOnce), 'bare fetch', figures),
          ),
        ],
      },
      {
        caption: 'Calls a second of the client',
        columns: [
          words('What'),
          words('Beside'),
          numbers('Ratio'),
          numbers('p10 to p90'),
          numbers('Ours'),
          numbers('The other'),
        ],
        rows: clients.map(({ server, atOnce, figures }) =>
          throughputRow(clientName(server, atOnce), figures),
        ),
      },
    ],
    points: [],
    plots: [],
  };
}

function clientName(server: Server, atOnce: CallersAtOnce): string {
  return `client to ${SERVERS[server]}, ${atOnce} at once`;
}

function processorRow(what: string, beside: string, figures: Compared): readonly string[] {
  const { cpuVsBare, ourCpuMicros, bareCpuMicros } = figures;
  return [
    what,
    beside,
    ratio(cpuVsBare.median),
    spread(cpuVsBare),
    number(Math.round(ourCpuMicros.median)),
    number(Math.round(bareCpuMicros.median)),
  ];
}

function throughputRow(what: string, figures: ComparedClient): readonly string[] {
  const { throughputVsBare, ourCallsPerSecond, bareCallsPerSecond } = figures;
  return [
    what,
    'bare fetch',
    ratio(throughputVsBare.median),
    spread(throughputVsBare),
    number(Math.round(ourCallsPerSecond.median)),
    number(Math.round(bareCallsPerSecond.median)),
  ];
}

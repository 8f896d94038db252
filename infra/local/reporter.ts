import { LOCAL_BANK } from '../../client/command/endpoints.ts';
import type { Paint, Terminal } from '../../client/command/terminal.ts';
import type { UsageError } from '../tools/program.ts';
import type { LocalBankError } from './errors.ts';
import type { RegionStatus } from './region.ts';

/** The variable by which the `bank` command finds the Regions: none where they have the usual ports, which it knows. */
export function endpointsVariable(regions: readonly { region: string; url: string }[]): readonly string[] {
  const endpoints = regions.map(({ region, url }) => `${region}=${url}`).join(',');
  return endpoints === LOCAL_BANK ? [] : [`BANK_ENDPOINTS=${endpoints}`];
}

/** What `npm start` prints, for people, or with `--json` for programs. */
export interface Reporter {
  region(status: RegionStatus): void;
  /** A step that takes a moment begins. */
  progress(doing: string): void;
  /** `screenUrl` is where the page is, or null when there is none. */
  ready(dynamodb: string, regions: readonly RegionStatus[], screenUrl: string | null): void;
  /** Something went wrong and the bank goes on. */
  error(error: LocalBankError): void;
  /** Something went wrong and the bank ends. */
  fatal(error: LocalBankError | UsageError): void;
  help(text: string): void;
}

/** One JSON object a line on standard output. People who watch still get a fatal error in words. */
export const jsonReporter: Reporter = {
  region: (status) => printJson(status),
  progress: () => undefined,
  ready: (_dynamodb, _regions, screenUrl) => {
    if (screenUrl !== null) {
      printJson({ event: 'screen', url: screenUrl });
    }
    printJson({ event: 'ready' });
  },
  error: ({ code, message }) => printJson({ event: 'error', code, message }),
  fatal: ({ code, message }) => {
    printJson({ event: 'error', code, message });
    console.error(message);
  },
  help: (text) => console.error(text),
};

const COLOURS = { up: 'good', frozen: 'warning', down: 'bad' } as const;

/** For people, on `terminal`; `isTerminal` says whether they see lines as they come. */
export function humanReporter(
  { out, err }: Pick<Terminal, 'out' | 'err'>,
  paint: Paint,
  isTerminal: boolean,
): Reporter {
  return {
    region: ({ region, url, pid, state }) => {
      out(
        `${region}  ${paint(COLOURS[state], state.padEnd(6))}  ${url}${pid === null ? '' : `  pid ${pid}`}`,
      );
    },
    progress: (doing) => {
      if (isTerminal) {
        out(doing);
      }
    },
    ready: (dynamodb, regions, screenUrl) => {
      const command = [...endpointsVariable(regions), 'npx bank'].join(' ');
      const screen = screenUrl === null ? '' : `In a browser:           ${screenUrl}\n`;
      out(`
${paint('good', 'The bank is up')}, on ${dynamodb}.

${screen}In a second terminal:   ${command} deposit joe 10
Here:                   kill ${regions[0]?.region}   (type help for all commands; Ctrl-C stops the bank)
`);
    },
    error: ({ message }) => err(message),
    fatal: ({ message }) => err(message),
    help: (text) => out(text),
  };
}

function printJson(value: object): void {
  console.log(JSON.stringify(value));
}

import type { UsageError } from '../tools/program.ts';
import type { LocalBankError } from './errors.ts';
import type { RegionStatus } from './region.ts';

const USUAL_ENDPOINTS = 'us-east-1=http://127.0.0.1:3020,us-east-2=http://127.0.0.1:3030';

/** How `npm start` speaks: to people, or to programs with `--json`. */
export interface Reporter {
  region(status: RegionStatus): void;
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

export const humanReporter: Reporter = {
  region: ({ region, url, pid, state }) => {
    console.log(`${region}  ${state.padEnd(6)}  ${url}${pid === null ? '' : `  pid ${pid}`}`);
  },
  ready: (dynamodb, regions, screenUrl) => {
    const endpoints = regions.map(({ region, url }) => `${region}=${url}`).join(',');
    // The command knows the usual ports by itself.
    const environment = endpoints === USUAL_ENDPOINTS ? '' : `BANK_ENDPOINTS=${endpoints} `;
    const screen = screenUrl === null ? '' : `In a browser:           ${screenUrl}\n`;
    console.log(`
The bank is up, on ${dynamodb}.

${screen}In a second terminal:   ${environment}npx bank deposit joe 10
Here:                   kill ${regions[0]?.region}   (help lists the rest, Ctrl-C ends it all)
`);
  },
  error: ({ message }) => console.error(message),
  fatal: ({ message }) => console.error(message),
  help: (text) => console.log(text),
};

function printJson(value: object): void {
  console.log(JSON.stringify(value));
}

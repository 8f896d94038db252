import { pathToFileURL } from 'node:url';
import { HEADERS } from '../../../client/contract/schemas.ts';
import { FUNCTION_TIMEOUT_MS } from '../../../infra/configuration.ts';
import { type Handler, invoke } from '../../../infra/local/lambda.ts';
import { moveEvent } from '../../support/events.ts';
import { newKey } from '../../support/keys.ts';
import { cpuMicrosOf, serve } from './serve.ts';

/** A function, called as Lambda does: with one event after the other. Replies with the CPU time of a call. */
const { bundleFile } = JSON.parse(process.argv[2] ?? '{}') as { bundleFile: string };
const { handler } = (await import(pathToFileURL(bundleFile).href)) as { handler: Handler };
const settings = { functionName: 'bench', region: 'us-east-1', timeoutMs: FUNCTION_TIMEOUT_MS };

serve<{ readonly calls: number }, number>(undefined, ({ calls }) =>
  cpuMicrosOf(
    async () => {
      const headers = { [HEADERS.replyCache]: 'no' };
      const event = moveEvent('/accounts/joe/deposits', newKey(), { amount: '10' }, headers);
      const { statusCode } = await invoke(handler, event, settings);
      if (statusCode !== 200) {
        throw new Error(`the function answered ${statusCode}`);
      }
    },
    { calls, atOnce: 1 },
  ),
);

import { pathToFileURL } from 'node:url';
import { FUNCTION_TIMEOUT_MS } from '../../../infra/configuration.ts';
import type { Handler } from '../../../infra/local/lambda.ts';
import { invoke } from '../../../infra/local/lambda.ts';
import { depositEvent } from '../cold-start/event.ts';
import { answerStarter } from '../programs/program.ts';
import type { Slice } from './result.ts';
import { runCalls } from './run-calls.ts';

/** What the process is told at its start. */
export interface HandlerInput {
  readonly bundleFile: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What it is asked. */
export interface HandlerRequest {
  readonly calls: number;
}

const { bundleFile, environment } = JSON.parse(process.argv[2] ?? '{}') as HandlerInput;
Object.assign(process.env, environment);
const { handler } = (await import(pathToFileURL(bundleFile).href)) as { handler: Handler };
const settings = { functionName: 'bench', region: 'us-east-1', timeoutMs: FUNCTION_TIMEOUT_MS };

/** Runs a function as Lambda does: one call after the other. */
answerStarter<HandlerRequest, Slice>(null, ({ calls }) =>
  runCalls(
    async () => {
      const { statusCode } = await invoke(handler, depositEvent('joe', '10'), settings);
      if (statusCode !== 200) throw new Error(`the function answered ${statusCode}`);
    },
    { calls, atOnce: 1 },
  ),
);

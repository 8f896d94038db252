import { pathToFileURL } from 'node:url';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type FunctionSettings, type Handler, invoke } from '../../../infra/local/lambda.ts';

/** What a process is told at its start. */
export interface StarterInput extends FunctionSettings {
  readonly bundleFile: string;
  readonly event: APIGatewayProxyEventV2;
}

/** What a process tells when its first call is answered. Times are in milliseconds. */
export interface StarterReport {
  readonly bootMs: number;
  readonly importMs: number;
  readonly firstCallMs: number;
  readonly processorMs: number;
  readonly statusCode: number | undefined;
  readonly body: string | undefined;
}

/**
 * The program of a process that starts cold: it imports a function, calls it once, says how long that took, and ends. It
 * is bundled like the functions, so that nothing but Node has to be loaded before them.
 */
const { bundleFile, event, ...settings } = JSON.parse(process.argv[2] ?? '{}') as StarterInput;
const bootMs = performance.now();
const { handler } = (await import(pathToFileURL(bundleFile).href)) as { handler: Handler };
const importedMs = performance.now();
const { statusCode, body } = await invoke(handler, event, settings);
const answeredMs = performance.now();
const { user, system } = process.cpuUsage();

const report: StarterReport = {
  bootMs,
  importMs: importedMs - bootMs,
  firstCallMs: answeredMs - importedMs,
  processorMs: (user + system) / 1000,
  statusCode,
  body,
};
// The connection that is kept open to DynamoDB would keep the process.
process.send?.(report, () => process.exit(0));

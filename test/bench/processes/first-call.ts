import { pathToFileURL } from 'node:url';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type FunctionSettings, type Handler, invoke } from '../../../infra/local/lambda.ts';
import { serve } from './serve.ts';

export interface FirstCallInput extends FunctionSettings {
  readonly bundleFile: string;
  readonly event: APIGatewayProxyEventV2;
}

/** What a function that was started cold has answered, and where its time went. */
export interface FirstCall {
  readonly importMs: number;
  readonly firstCallMs: number;
  readonly cpuMs: number;
  readonly status: number | undefined;
  readonly body: string | undefined;
}

/** Imports a function and calls it once. It is bundled, so that nothing but Node is loaded before the function. */
const { bundleFile, event, ...settings } = JSON.parse(process.argv[2] ?? '{}') as FirstCallInput;
const startedMs = performance.now();
const { handler } = (await import(pathToFileURL(bundleFile).href)) as { handler: Handler };
const importedMs = performance.now();
const { statusCode, body } = await invoke(handler, event, settings);
const answeredMs = performance.now();
const { user, system } = process.cpuUsage();
const firstCall: FirstCall = {
  importMs: importedMs - startedMs,
  firstCallMs: answeredMs - importedMs,
  cpuMs: (user + system) / 1000,
  status: statusCode,
  body,
};
serve(firstCall, () => Promise.resolve(undefined));

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createBank } from '../../functions/bank/bank.ts';
import type { Store } from '../../functions/bank/store.ts';
import { type CallLine, type CallLog, createHandler } from '../../functions/http/handler.ts';
import { fromResult, type HttpAnswer, type HttpRequest, toEvent } from '../../functions/memory/gateway.ts';
import { listen, stopServer } from './dead-endpoints.ts';

/** One Region over HTTP inside the test's process: the real handler behind the local bank's gateway. */
export interface HttpRegion extends AsyncDisposable {
  readonly url: string;
  readonly region: string;
  /** What the handler has logged. */
  readonly lines: readonly CallLine[];
}

/** Does what API Gateway and Lambda do with a request to a Region whose tables are in `store`. */
export function serveStore(
  store: Store,
  region: string,
  nowMs: () => number,
  log: CallLog = () => {},
): (request: HttpRequest) => Promise<HttpAnswer> {
  const handler = createHandler({
    bank: createBank({ store, nowMs, keysNotBeforeMs: 0 }),
    region,
    log,
    elapsedMs: () => performance.now(),
    nowMs,
    abortAfter: (timeMs) => AbortSignal.timeout(timeMs),
  });
  return async (request) => {
    const id = randomUUID();
    const context = { awsRequestId: id, getRemainingTimeInMillis: () => 10_000 };
    return fromResult(await handler(toEvent(request, id, nowMs()), context), id);
  };
}

/** Starts a Region on a store. */
export async function startHttpRegion(
  region: string,
  store: Store,
  nowMs: () => number,
): Promise<HttpRegion> {
  const lines: CallLine[] = [];
  const serve = serveStore(store, region, nowMs, (line) => lines.push(line));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const { method = '', url: target = '', rawHeaders } = request;
      const body = Buffer.concat(chunks);
      const answer = await serve({ method, target, rawHeaders, body, sourceIp: '127.0.0.1' });
      response.writeHead(answer.status, { ...answer.headers, date: new Date(nowMs()).toUTCString() });
      response.end(answer.body);
    });
  });
  return {
    url: await listen(server),
    region,
    lines,
    [Symbol.asyncDispose]: () => stopServer(server),
  };
}

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBank } from '../../functions/bank/bank.ts';
import type { Store } from '../../functions/bank/store.ts';
import { type CallLine, createHandler } from '../../functions/http/handler.ts';
import { fromResult, toEvent } from '../../functions/memory/gateway.ts';

/** One Region over HTTP inside the test's process: the real handler behind the local bank's gateway. */
export interface HttpRegion extends AsyncDisposable {
  readonly url: string;
  readonly region: string;
  /** What the handler has logged. */
  readonly lines: readonly CallLine[];
}

/** Starts a Region on a store. */
export async function startHttpRegion(
  region: string,
  store: Store,
  nowMs: () => number,
): Promise<HttpRegion> {
  const lines: CallLine[] = [];
  const handler = createHandler({
    bank: createBank({ store, nowMs, keysNotBeforeMs: 0 }),
    region,
    log: (line) => lines.push(line),
    elapsedMs: () => performance.now(),
    nowMs,
    abortAfter: (timeMs) => AbortSignal.timeout(timeMs),
  });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const { method = '', url: target = '', rawHeaders } = request;
      const body = Buffer.concat(chunks);
      const id = randomUUID();
      const event = toEvent({ method, target, rawHeaders, body, sourceIp: '127.0.0.1' }, id, nowMs());
      const context = { awsRequestId: id, getRemainingTimeInMillis: () => 10_000 };
      const answer = fromResult(await handler(event, context), id);
      response.writeHead(answer.status, { ...answer.headers, date: new Date(nowMs()).toUTCString() });
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region,
    lines,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

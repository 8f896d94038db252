import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  fromResult,
  gatewayAnswer,
  type HttpAnswer,
  MAX_REQUEST_BYTES,
  toEvent,
} from '../../functions/memory/gateway.ts';
import type { Handler } from './lambda.ts';
import { corsHeaders, isForeign, isThisMachine, listenOn, preflightHeaders } from './loopback.ts';

/** The OpenAPI document as it is checked in. A deployed bank has no such route. */
const DOCUMENT = new URL('../../client/openapi.json', import.meta.url);

type Call = (event: Parameters<Handler>[0]) => ReturnType<Handler>;

/** Serves the HTTP API of a Region on the loopback interface. `call` gives an event to the function. Throws `port_taken`. */
export async function listen(port: number, call: Call): Promise<void> {
  const document = await readFile(DOCUMENT);
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 60_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 10_240,
    },
    (request, response) => {
      void respond(call, document, request, response);
    },
  );
  server.maxConnections = 1_000;
  await listenOn(
    server,
    port,
    `Port ${port} is taken: end what listens there, or choose other ports with --ports.`,
  );
}

async function respond(
  call: Call,
  document: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomUUID();
  const headers = request.headers as Record<string, string>;
  const { method = '', url: target = '' } = request;
  if (!isThisMachine(headers['host'])) {
    request.resume();
    respondWith(
      response,
      gatewayAnswer(403, 'This bank answers at 127.0.0.1 and localhost only.', requestId),
    );
    return;
  }
  const preflight = preflightHeaders(method, headers);
  if (preflight === null && isForeign(headers['origin'])) {
    request.resume();
    respondWith(
      response,
      gatewayAnswer(403, 'Only pages of 127.0.0.1 and localhost may call this bank.', requestId),
    );
    return;
  }
  const answer = preflight
    ? { status: 200, headers: preflight, body: Buffer.alloc(0) }
    : (documentAnswer(method, target, document) ?? (await answerTo(call, request, requestId)));
  if (answer === null) {
    return;
  }
  try {
    respondWith(response, { ...answer, headers: { ...answer.headers, ...corsHeaders(headers['origin']) } });
  } catch (error) {
    // Node rejects headers that HTTP does not allow. That is an error of the function, and the Region goes on.
    console.error(error);
    respondWith(response, gatewayAnswer(500, 'Internal Server Error', requestId));
  }
}

/**
 * The answer to a request for the document, or null for any other request, which is the function's to answer. Node leaves
 * out the body of an answer to HEAD by itself.
 */
function documentAnswer(method: string, target: string, document: Buffer): HttpAnswer | null {
  const [path] = target.split('?', 1);
  if (path !== '/openapi.json' || (method !== 'GET' && method !== 'HEAD')) {
    return null;
  }
  return {
    status: 200,
    // A browser that asks again gets what is checked in now, not what a cache has kept.
    headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
    body: document,
  };
}

function respondWith(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  // A gateway dates every answer, and the client sets its clock by it.
  response.writeHead(status, { ...headers, date: new Date().toUTCString(), 'content-length': body.length });
  response.end(body);
}

/** The answer, or null when the client has gone before its request was complete. */
async function answerTo(call: Call, request: IncomingMessage, requestId: string): Promise<HttpAnswer | null> {
  let body: Buffer | null;
  try {
    body = await read(request);
  } catch {
    return null;
  }
  if (body === null) {
    return gatewayAnswer(413, 'Request Entity Too Large', requestId);
  }
  try {
    const { method = 'GET', url: target = '/', rawHeaders, socket } = request;
    const sourceIp = socket.remoteAddress ?? '';
    const event = toEvent({ method, target, rawHeaders, body, sourceIp }, requestId, Date.now());
    return fromResult(await call(event), requestId);
  } catch (error) {
    console.error(error);
    return gatewayAnswer(500, 'Internal Server Error', requestId);
  }
}

/**
 * The whole body, or null when it is too large. Even then it is read to its end, because a client that is still sending
 * would see its connection reset instead of the answer.
 */
async function read(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_REQUEST_BYTES) {
      chunks.push(chunk);
    } else {
      chunks.length = 0;
    }
  }
  return bytes <= MAX_REQUEST_BYTES ? Buffer.concat(chunks) : null;
}

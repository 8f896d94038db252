import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  fromResult,
  gatewayAnswer,
  type HttpAnswer,
  MAX_REQUEST_BYTES,
  toEvent,
} from '../../functions/memory/gateway.ts';
import { firstLine, LocalBankError, toLocalBankError } from './errors.ts';
import { type FunctionSettings, type Handler, invoke, type LambdaHandler } from './lambda.ts';
import { corsHeaders, isThisMachine, preflightHeaders } from './loopback.ts';
import type { FirstMessage } from './process.ts';

/** What a Region's process is told at its start. */
export interface ServeInput extends FunctionSettings {
  /** Path of the function's bundle. */
  readonly bundleFile: string;
  readonly port: number;
  /** The function that sweeps, and its bundle. */
  readonly sweep: FunctionSettings & { readonly bundleFile: string };
  /** Whether the starter receives what is logged, as it is logged. */
  readonly sendsLog: boolean;
}

/** What a Region's process sends once it is ready: what it has logged, or why it could not write its log, the first time. */
export type ServeMessage = { readonly logged: string } | { readonly logFailed: string };

/** The OpenAPI document as it is checked in. A deployed bank has no such route. */
const DOCUMENT = new URL('../../client/openapi.json', import.meta.url);

/** Time between two sweeps. Shorter than the minute of a deployed bank, because on one machine somebody is watching. */
const SWEEP_EVERY_MS = 5_000;

/** Longest that a line of the log waits to be sent, in milliseconds. A message for each would cost a call more than its log line. */
const LOG_EVERY_MS = 50;

/** The program of a Region's process: an API Gateway, a schedule and their Lambda functions in one, on the loopback interface. */
const input = JSON.parse(process.argv[2] ?? '{}') as ServeInput;

// Then the starter is gone, however it went, and nobody is left who could end this process.
process.once('disconnect', () => process.exit(0));
if (!process.connected) {
  process.exit(0);
}

let isReady = false;
let unsent = '';
/** Why the log could not be written, the first time. */
let logFailed: string | undefined;
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (text) => writeTo(stream.fd, text);
}

/**
 * Writes to the log. Node's own streams write nothing any more once a write has failed, and end the process unless somebody
 * hears the error; a disk that was full may have room again.
 */
function writeTo(fd: number, text: string | Uint8Array): boolean {
  try {
    writeSync(fd, Buffer.from(text));
  } catch (error) {
    if (logFailed === undefined && isReady) {
      tell({ logFailed: firstLine(error) });
    }
    logFailed ??= firstLine(error);
  }
  // Before it is ready, the starter expects that message, and no other.
  if (isReady && input.sendsLog) {
    if (unsent === '') {
      setTimeout(sendLogged, LOG_EVERY_MS);
    }
    unsent += Buffer.from(text).toString();
  }
  return true;
}

function sendLogged(): void {
  tell({ logged: unsent });
  unsent = '';
}

try {
  const handler = await load<Handler>(input.bundleFile);
  const sweep = await load<LambdaHandler<object, void>>(input.sweep.bundleFile);
  await listen(handler, await readFile(DOCUMENT));
  void sweepForEver(sweep);
  tell({ ready: null });
  isReady = true;
  if (logFailed !== undefined) {
    tell({ logFailed });
  }
} catch (error) {
  console.error(error);
  const { code, message } = toLocalBankError(error, 'region_failed');
  tell({ error: { code, message } });
  process.exit(1);
}

async function load<Loaded>(bundleFile: string): Promise<Loaded> {
  const { handler } = (await import(pathToFileURL(bundleFile).href)) as { handler: Loaded };
  return handler;
}

/** Sweeps as long as the Region runs: it ends, and stands still, with the process. */
async function sweepForEver(handler: LambdaHandler<object, void>): Promise<never> {
  for (;;) {
    await sleep(SWEEP_EVERY_MS);
    try {
      await invoke(handler, {}, input.sweep);
    } catch (error) {
      console.error(error);
    }
  }
}

function listen(handler: Handler, document: Buffer): Promise<void> {
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 60_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 10_240,
    },
    (request, response) => {
      void respond(handler, document, request, response);
    },
  );
  server.maxConnections = 1_000;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message = `Port ${input.port} is taken: end what listens there, or choose other ports with --ports.`;
      reject(error.code === 'EADDRINUSE' ? new LocalBankError('port_taken', message) : error);
    });
    server.listen({ host: '127.0.0.1', port: input.port, backlog: 511 }, resolve);
  });
}

async function respond(
  handler: Handler,
  document: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomUUID();
  const headers = request.headers as Record<string, string>;
  const { method = '', url: target = '' } = request;
  if (!isThisMachine(headers['host'])) {
    request.resume();
    send(response, gatewayAnswer(403, 'This bank answers at 127.0.0.1 and localhost only.', requestId));
    return;
  }
  const preflight = preflightHeaders(method, headers);
  const answer = preflight
    ? { status: 200, headers: preflight, body: Buffer.alloc(0) }
    : (documentAnswer(method, target, document) ?? (await answerTo(handler, request, requestId)));
  if (answer === null) {
    return;
  }
  try {
    send(response, { ...answer, headers: { ...answer.headers, ...corsHeaders(headers['origin']) } });
  } catch (error) {
    // Node turns down headers that HTTP cannot carry. That is the function's mistake, and no reason to end the Region.
    console.error(error);
    send(response, gatewayAnswer(500, 'Internal Server Error', requestId));
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

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  // A gateway dates its answers whatever the function says, and the client sets its clock by it.
  response.writeHead(status, { ...headers, date: new Date().toUTCString(), 'content-length': body.length });
  response.end(body);
}

/** The answer, or null when the client has gone before its request was complete. */
async function answerTo(
  handler: Handler,
  request: IncomingMessage,
  requestId: string,
): Promise<HttpAnswer | null> {
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
    return fromResult(await invoke(handler, event, input), requestId);
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

function tell(message: FirstMessage<null> | ServeMessage): void {
  if (process.connected) {
    process.send?.(message);
  }
}

/** The program of a Region's process: an API Gateway, a schedule and their Lambda functions in one, on the loopback interface. */
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
import { type FirstMessage, sendToStarter } from './process.ts';

/** The input of a Region's process at its start. */
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

/** Time between two sweeps. A deployed bank sweeps each minute; on one machine a person is watching. */
const SWEEP_EVERY_MS = 5_000;

/** Longest that a line of the log waits to be sent, in milliseconds. A message for each would cost a call more than its log line. */
const LOG_EVERY_MS = 50;

const input = JSON.parse(process.argv[2] ?? '{}') as ServeInput;

// The starter has ended, even by SIGKILL, and nothing else would end this process.
process.once('disconnect', () => process.exit(0));
if (!process.connected) {
  process.exit(0);
}

let isReady = false;
let unsent = '';
/** Why the log could not be written, the first time. */
let logFailed: string | undefined;
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (text: string | Uint8Array, ...rest: readonly unknown[]) => {
    const error = writeLog(stream.fd, text);
    const callback = rest.at(-1);
    if (typeof callback === 'function') {
      process.nextTick(callback, error);
    }
    return true;
  };
}

/**
 * Writes to the log, and returns the error of a failed write. After one, Node's own streams write no more, and end the process unless the
 * error is handled; a disk that was full may have room again.
 */
function writeLog(fd: number, text: string | Uint8Array): unknown {
  let failure: unknown;
  try {
    writeSync(fd, Buffer.from(text));
  } catch (error) {
    failure = error;
    if (logFailed === undefined) {
      logFailed = firstLine(error);
      reportLogFailed();
    }
  }
  if (isReady && input.sendsLog) {
    if (unsent === '') {
      setTimeout(sendLogged, LOG_EVERY_MS);
    }
    unsent += Buffer.from(text).toString();
  }
  return failure;
}

/** The first message that the starter expects is that the Region is ready, or why it is not. So this one waits for it. */
function reportLogFailed(): void {
  if (isReady && logFailed !== undefined) {
    send({ logFailed });
  }
}

function sendLogged(): void {
  send({ logged: unsent });
  unsent = '';
}

try {
  const handler = await load<Handler>(input.bundleFile);
  const sweep = await load<LambdaHandler<object, void>>(input.sweep.bundleFile);
  await listen(handler, await readFile(DOCUMENT));
  void sweepRepeatedly(sweep);
  send({ ready: null });
  isReady = true;
  reportLogFailed();
} catch (error) {
  console.error(error);
  const { code, message } = toLocalBankError(error, 'region_failed');
  send({ error: { code, message } });
  process.exit(1);
}

async function load<Loaded>(bundleFile: string): Promise<Loaded> {
  const { handler } = (await import(pathToFileURL(bundleFile).href)) as { handler: Loaded };
  return handler;
}

/** Sweeps until the process ends. A process that is frozen does not sweep. */
async function sweepRepeatedly(handler: LambdaHandler<object, void>): Promise<never> {
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
    respondWith(
      response,
      gatewayAnswer(403, 'This bank answers at 127.0.0.1 and localhost only.', requestId),
    );
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

function send(message: FirstMessage<null> | ServeMessage): void {
  sendToStarter(message);
}

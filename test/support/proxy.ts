import { randomUUID } from 'node:crypto';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { listen } from './dead-endpoints.ts';

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** A request on its way through a proxy. */
export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Sends it on, or another body in its place. Undefined when the server behind did not answer. */
  deliver(body?: Buffer): Promise<Answer | undefined>;
  /** Sends it on after a time, whether or not its sender still waits, and forgets the answer. */
  deliverLater(afterMs: number): void;
  /** Brings an answer; without one, resets the connection. Does nothing when the sender has stopped waiting. */
  reply(answer: Answer | undefined): void;
}

interface ProxyOptions {
  /** URL of the server behind. */
  readonly target: string;
  /** Handles each request. Must not reject. */
  readonly handle: (passing: Passing) => Promise<void>;
}

/** No request or answer of the bank or DynamoDB is larger. */
const MAX_BODY_BYTES = 1024 * 1024;
/** After this, a frozen server behind the proxy is given up. No client waits as long. */
const UPSTREAM_TIMEOUT_MS = 15_000;
const MAX_LATE = 1000;
const LISTEN_TRIES = 100;
const LISTEN_PAUSE_MS = 50;

/** An HTTP proxy on the loopback interface whose connections can be reset and refused. */
export class HttpProxy {
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 512 });
  readonly #sockets = new Set<Socket>();
  readonly #late = new Set<Promise<void>>();
  readonly #inFlight = new Set<ServerResponse>();
  #url = 'http://127.0.0.1:0';

  private constructor(options: ProxyOptions) {
    this.#options = options;
    this.#server = createServer((incoming, outgoing) => void this.#pass(incoming, outgoing));
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(options: ProxyOptions): Promise<HttpProxy> {
    const proxy = new HttpProxy(options);
    await proxy.admit();
    return proxy;
  }

  get url(): string {
    return this.#url;
  }

  /** Requests that are not answered yet. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Resets all connections, those to the server behind included. */
  cut(): void {
    const behind = [this.#agent.sockets, this.#agent.freeSockets].flatMap((sockets) =>
      Object.values(sockets).flatMap((each) => each ?? []),
    );
    for (const socket of [...this.#sockets, ...behind]) {
      socket.resetAndDestroy();
    }
  }

  /** Refuses connections, as the port of a process that was killed does. */
  async refuse(): Promise<void> {
    if (!this.#server.listening) {
      return;
    }
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  /** Accepts connections, always on the same port. */
  async admit(): Promise<void> {
    for (let tries = 1; !this.#server.listening; tries += 1) {
      try {
        this.#url = await listen(this.#server, Number(new URL(this.#url).port));
      } catch (error) {
        // While the port was closed, the system may have given it to a connection of another process.
        if (tries >= LISTEN_TRIES) {
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, LISTEN_PAUSE_MS));
      }
    }
  }

  /** Waits for everything that was to be delivered later. */
  async settled(): Promise<void> {
    while (this.#late.size > 0) {
      await Promise.all(this.#late);
    }
  }

  async stop(): Promise<void> {
    await this.refuse();
    this.#agent.destroy();
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.#inFlight.add(outgoing);
    outgoing.once('close', () => this.#inFlight.delete(outgoing));
    const body = await readAll(incoming);
    if (body === undefined) {
      outgoing.destroy();
      return;
    }
    const { method = 'GET', url: path = '/', headers } = incoming;
    const deliver = (other: Buffer = body) => this.#deliver({ method, path, headers, body: other });
    await this.#options.handle({
      method,
      path,
      headers,
      body,
      deliver,
      deliverLater: (afterMs) => this.#deliverLater(deliver, afterMs),
      reply: (answer) => reply(outgoing, answer),
    });
  }

  #deliverLater(deliver: () => Promise<unknown>, afterMs: number): void {
    if (this.#late.size >= MAX_LATE) {
      return;
    }
    const delivered = new Promise<void>((resolve) => {
      setTimeout(() => void deliver().finally(resolve), afterMs);
    }).finally(() => this.#late.delete(delivered));
    this.#late.add(delivered);
  }

  #deliver({ method, path, headers, body }: Pick<Passing, 'method' | 'path' | 'headers' | 'body'>) {
    return new Promise<Answer | undefined>((resolve) => {
      const sent = request(
        this.#options.target + path,
        {
          method,
          agent: this.#agent,
          headers: { ...endToEnd(headers), ...(body.length > 0 ? { 'content-length': body.length } : {}) },
          timeout: UPSTREAM_TIMEOUT_MS,
        },
        (answer) => {
          void readAll(answer).then((read) =>
            resolve(
              read && { status: answer.statusCode ?? 502, headers: endToEnd(answer.headers), body: read },
            ),
          );
        },
      );
      sent.once('timeout', () => sent.destroy());
      sent.once('error', () => resolve(undefined));
      sent.end(body);
    });
  }
}

function reply(outgoing: ServerResponse, answer: Answer | undefined): void {
  if (outgoing.destroyed || outgoing.headersSent) {
    return;
  }
  if (answer === undefined) {
    outgoing.socket?.resetAndDestroy();
    return;
  }
  const length = answer.status === 204 ? {} : { 'content-length': answer.body.length };
  outgoing.writeHead(answer.status, { ...answer.headers, ...length });
  outgoing.end(answer.body);
}

/** An error as DynamoDB answers it. */
export function dynamodbError(status: number, name: string, message: string): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() },
    body: Buffer.from(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message })),
  };
}

/** Errors that tests have DynamoDB answer. */
export const DYNAMODB_ERRORS = {
  conflict: dynamodbError(
    400,
    'ReplicatedWriteConflictException',
    'One or more items in this request are being modified by a request in another Region.',
  ),
  internal: dynamodbError(500, 'InternalServerError', 'Internal server error'),
  throttled: dynamodbError(400, 'ThrottlingException', 'Rate exceeded'),
};

/** All headers except those of one connection. */
function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const {
    connection: _,
    'keep-alive': __,
    'transfer-encoding': ___,
    'content-length': ____,
    ...rest
  } = headers;
  return rest;
}

/** The whole body; undefined when it broke off or is too large. */
async function readAll(stream: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) {
        return undefined;
      }
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

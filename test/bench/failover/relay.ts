import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { delaysFrom } from './delays.ts';

/** What a relay does with requests. */
export type Behaviour =
  | { readonly kind: 'pass' }
  /** Answers in the Region's place, with what API Gateway says when it has nobody to hand the request to. */
  | { readonly kind: 'answer_503' }
  /** Passes each request on after a while. */
  | { readonly kind: 'slow'; readonly seed: number };

/** Connections that the system takes for a relay that accepts none. Few, so that soon there are too many: see `black-hole.ts`. */
const BACKLOG = 16;
/** A request of the bank is far smaller. */
const MAX_BODY_BYTES = 64 * 1024;
/** Longer than a fault lasts, so that it finds connections open. */
const KEEP_ALIVE_MS = 60_000;

/** An HTTP relay in front of a Region, on the loopback interface. */
export class Relay {
  readonly #target: string;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #sleep: (delayMs: number) => Promise<unknown>;
  #behaviour: Behaviour = { kind: 'pass' };
  #delays = new Map<string, () => number>();

  private constructor(target: string, wait: (delayMs: number) => Promise<unknown>) {
    this.#target = target;
    this.#sleep = wait;
    this.#server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
      // Whoever asked sees the connection break, as with any relay that fails.
      this.#relay(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  /** Starts a relay that passes everything on. `wait` is how it waits when it is slow. */
  static async start(
    target: string,
    wait: (delayMs: number) => Promise<unknown> = (delayMs) => sleep(delayMs),
  ): Promise<Relay> {
    const relay = new Relay(target, wait);
    await new Promise<void>((resolve, reject) => {
      relay.#server.once('error', reject);
      relay.#server.listen({ host: '127.0.0.1', port: 0, backlog: BACKLOG }, resolve);
    });
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What it does with the requests that arrive from now on. */
  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
    this.#delays = new Map();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }

  async #relay(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const behaviour = this.#behaviour;
    const body = await readAll(incoming);
    switch (behaviour.kind) {
      case 'answer_503':
        outgoing.writeHead(503, { 'content-type': 'application/json' });
        outgoing.end(JSON.stringify({ message: 'Service Unavailable' }));
        return;
      case 'slow':
        await this.#sleep(this.#delayMs(incoming.url ?? '/', behaviour.seed));
        break;
      case 'pass':
    }
    await this.#pass(incoming, body, outgoing);
  }

  /** Each path has the same delays in the same order, so that callers who use accounts of their own are served alike. */
  #delayMs(path: string, seed: number): number {
    const delays = this.#delays.get(path) ?? delaysFrom(seed);
    this.#delays.set(path, delays);
    return delays();
  }

  #pass(
    { method, url = '/', headers }: IncomingMessage,
    body: Buffer,
    outgoing: ServerResponse,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const sent = request(
        this.#target + url,
        { method, headers: withoutConnection(headers), agent: this.#agent },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, withoutConnection(answer.headers));
          answer.once('error', reject).once('end', resolve).pipe(outgoing);
        },
      );
      sent.once('error', reject).end(body);
    });
  }
}

/** Headers but for those that speak of one connection, not of the request. */
function withoutConnection(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const { connection: _, 'keep-alive': __, ...others } = headers;
  return others;
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new RangeError('the body is too large for a relay of the bank');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

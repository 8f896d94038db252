import { createServer, type Server } from 'node:http';
import { HEADERS } from '../../client/contract/schemas.ts';
import { answer, type Behaviour, type Exchange, sendJson } from './behaviours.ts';
import { listen, stopServer } from './dead-endpoints.ts';
import type { MemoryBank, ReceivedRequest } from './memory-bank.ts';

interface ScriptedEndpointOptions {
  readonly region: string;
  readonly bank: MemoryBank;
  /** Shared by endpoints, it holds the requests of all of them in the order in which they arrived. */
  readonly arrivals?: ReceivedRequest[];
}

/**
 * A real HTTP server that plays one Region by a script: the next queued behaviour handles each request. If none is queued,
 * `usually` handles it, which answers as the bank does.
 */
export class ScriptedEndpoint implements AsyncDisposable {
  /** Calls that arrived here, without probes. */
  readonly requests: ReceivedRequest[] = [];
  /** Requests for `/health` that arrived here. `health` handles them, and no queued behaviour. */
  readonly probes: ReceivedRequest[] = [];
  readonly region: string;
  url = 'http://127.0.0.1:0';
  /** Handles requests for which nothing is queued. */
  usually: Behaviour = answer;
  /** Handles probes. */
  health: Behaviour = ({ response, request }) => sendJson(response, request.region, 200, { status: 'ok' });
  readonly #bank: MemoryBank;
  readonly #arrivals: ReceivedRequest[];
  readonly #queue: Behaviour[] = [];
  readonly #watchers = new Set<() => void>();
  #server: Server;

  private constructor({ region, bank, arrivals = [] }: ScriptedEndpointOptions) {
    this.region = region;
    this.#bank = bank;
    this.#arrivals = arrivals;
    this.#server = this.#createServer();
  }

  static async start(parts: ScriptedEndpointOptions): Promise<ScriptedEndpoint> {
    const endpoint = new ScriptedEndpoint(parts);
    await endpoint.#listen();
    return endpoint;
  }

  /** Queues behaviours for the next requests. */
  next(...behaviours: Behaviour[]): void {
    this.#queue.push(...behaviours);
  }

  /** Resolves once this many calls have arrived since the start. */
  received(count: number): Promise<ReceivedRequest> {
    return this.#arrived(this.requests, count);
  }

  /** Resolves once this many probes have arrived since the start. */
  probed(count: number): Promise<ReceivedRequest> {
    return this.#arrived(this.probes, count);
  }

  /** Cuts every connection and refuses new ones, as a process that was killed does. */
  stop(): Promise<void> {
    return stopServer(this.#server);
  }

  /** Starts again at the same address. */
  async restart(): Promise<void> {
    this.#server = this.#createServer();
    await this.#listen();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #listen(): Promise<void> {
    this.url = await listen(this.#server, Number(new URL(this.url).port));
  }

  #createServer(): Server {
    return createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const key = incoming.headers[HEADERS.idempotencyKey];
        const request: ReceivedRequest = {
          region: this.region,
          method: incoming.method ?? '',
          path: incoming.url ?? '',
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString('utf8'),
          key: typeof key === 'string' ? key : undefined,
        };
        void this.#handle({ request, response, bank: this.#bank });
      });
    });
  }

  async #handle(exchange: Exchange): Promise<void> {
    const isProbe = exchange.request.path === '/health';
    (isProbe ? this.probes : this.requests).push(exchange.request);
    this.#arrivals.push(exchange.request);
    const behaviour = isProbe ? this.health : (this.#queue.shift() ?? this.usually);
    await behaviour(exchange);
    for (const watcher of this.#watchers) {
      watcher();
    }
  }

  #arrived(requests: readonly ReceivedRequest[], count: number): Promise<ReceivedRequest> {
    return new Promise((resolve) => {
      const look = () => {
        const request = requests[count - 1];
        if (request !== undefined) {
          this.#watchers.delete(look);
          resolve(request);
        }
      };
      this.#watchers.add(look);
      look();
    });
  }
}

import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { DynamoDbRequest } from './business-write.ts';

/** What a relay does on its way. */
export interface RelayParts {
  /** URL of the server behind. */
  readonly target: string;
  /** True for the request whose answer is not brought any more. */
  readonly isLast: (request: DynamoDbRequest) => boolean;
  /** Hears that the last request was answered, and with which status. */
  readonly onLastAnswered: (status: number) => void;
}

/**
 * An HTTP relay on the loopback interface that knows of an answer before the one who asked. Everything passes it up to the
 * last request, which is delivered and never answered. Later ones are not even delivered.
 */
export class Relay implements AsyncDisposable {
  readonly #parts: RelayParts;
  readonly #server: Server;
  #isOver = false;

  private constructor(parts: RelayParts) {
    this.#parts = parts;
    this.#server = createServer((incoming, outgoing) => {
      // Whoever asked is gone, or the server behind is: both are told by a connection that breaks.
      this.#pass(incoming, outgoing).catch((error: Error) => outgoing.destroy(error));
    });
  }

  static async start(parts: RelayParts): Promise<Relay> {
    const relay = new Relay(parts);
    await new Promise<void>((resolve, reject) => {
      relay.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    if (this.#isOver) return;
    const isLast = this.#parts.isLast({ headers: incoming.headers, body });
    this.#isOver = isLast;
    const answer = await deliver(this.#parts.target, incoming, body);
    const answerBody = await buffer(answer);
    if (isLast) this.#parts.onLastAnswered(answer.statusCode ?? 0);
    else outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(answerBody);
  }
}

function deliver(
  target: string,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(target + (url ?? ''), { method, headers, agent: false }, resolve)
      .on('error', reject)
      .end(body);
  });
}

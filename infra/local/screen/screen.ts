import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LocalBank } from '../bank.ts';
import { LocalBankError, toLocalBankError } from '../errors.ts';
import { type Files, makeFiles } from './files.ts';
import { type Route, routeOf } from './guard.ts';
import type { News, Verb } from './news.ts';
import { type Changes, regionsNow, sendNews } from './send-news.ts';

/** The bank as far as a page can see and touch it. */
type ShownBank = Pick<LocalBank, 'status' | Verb>;

/** Most pages that receive the news at once. */
const MAX_PAGES = 20;

/** Serves a page on the loopback interface that shows the bank, lets its user call it, and kill and freeze its Regions. */
export class Screen {
  readonly #bank: ShownBank;
  readonly #changes: Changes;
  readonly #files: Files;
  readonly #paths: ReadonlySet<string>;
  readonly #policy: string;
  readonly #server: Server;
  readonly #closing = new AbortController();
  #pages = 0;

  private constructor(bank: ShownBank, changes: Changes, files: Files) {
    this.#bank = bank;
    this.#changes = changes.setMaxListeners(MAX_PAGES);
    this.#files = files;
    this.#paths = new Set(files.keys());
    this.#policy = policyFor(bank.status().map(({ url }) => url));
    this.#server = createServer(
      // A request that is never finished holds a connection for two seconds, and there are more of those than a page needs.
      {
        headersTimeout: 2_000,
        requestTimeout: 2_000,
        connectionsCheckingInterval: 500,
        maxHeaderSize: 10_240,
      },
      (request, response) => void this.#respond(request, response),
    );
    this.#server.maxConnections = 1_000;
  }

  /**
   * `changes` are what there is news of. Port 0 takes any that is free. Throws a `port_taken` when something else listens
   * there.
   */
  static async open(bank: ShownBank, changes: Changes, port: number): Promise<Screen> {
    const screen = new Screen(bank, changes, await makeFiles(bank.status()));
    await screen.#listen(port);
    return screen;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const message = `Port ${port} is taken, so there is no page to look at: choose another port with --screen.`;
        reject(error.code === 'EADDRINUSE' ? new LocalBankError('port_taken', message) : error);
      });
      this.#server.listen({ host: '127.0.0.1', port }, resolve);
    });
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // No request has a body that matters, and one that is not read would hold its connection up.
    request.resume();
    const { method = '', url = '', headers } = request;
    const path = url.split('?', 1)[0] ?? '';
    const route = routeOf(
      { method, path, host: headers.host, origin: headers.origin },
      this.#port,
      this.#paths,
    );
    try {
      await this.#handle(route, response);
    } catch (error) {
      const { code, message } = toLocalBankError(error);
      if (response.headersSent) {
        response.destroy();
      } else {
        sendJson(response, STATUSES[code] ?? 500, { code, message });
      }
    }
  }

  async #handle(route: Route, response: ServerResponse): Promise<void> {
    switch (route.kind) {
      case 'file':
        return this.#sendFile(route.path, response);
      case 'news':
        return await this.#sendNews(response);
      case 'act':
        await this.#bank[route.verb](route.region);
        return sendJson(response, 200, { regions: regionsNow(this.#bank), calls: [] } satisfies News);
      case 'refused': {
        const allow = route.allow === undefined ? {} : { allow: route.allow };
        return sendJson(response, route.status, { code: 'refused', message: route.why }, allow);
      }
    }
  }

  #sendFile(path: string, response: ServerResponse): void {
    const { type, content } = this.#files.get(path) ?? { type: 'text/plain', content: '' };
    response.writeHead(200, {
      'content-type': `${type}; charset=utf-8`,
      'content-security-policy': this.#policy,
      ...ALWAYS,
    });
    response.end(content);
  }

  async #sendNews(response: ServerResponse): Promise<void> {
    if (this.#pages >= MAX_PAGES) {
      return sendJson(response, 503, { code: 'refused', message: `Only ${MAX_PAGES} pages at once.` });
    }
    this.#pages += 1;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    response.writeHead(200, { 'content-type': 'text/event-stream', ...ALWAYS });
    try {
      await sendNews(
        this.#bank,
        this.#changes,
        response,
        AbortSignal.any([gone.signal, this.#closing.signal]),
      );
    } finally {
      this.#pages -= 1;
      response.end();
    }
  }
}

const ALWAYS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

const STATUSES: Readonly<Record<string, number>> = {
  region_unknown: 404,
  region_state: 409,
  port_taken: 409,
};

/** The page needs only itself and the two Regions, and no other page may put it into a frame to have its buttons clicked. */
function policyFor(urls: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${urls.join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...ALWAYS, ...headers });
  response.end(JSON.stringify(body));
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LocalBank } from '../bank.ts';
import { toLocalBankError } from '../errors.ts';
import { listenOn } from '../loopback.ts';
import { makeFiles } from './files.ts';
import { type Route, routeOf } from './guard.ts';
import type { News, Verb } from './news.ts';
import { type Changes, regionsNow, sendNews } from './send-news.ts';

/** Most pages that receive the news at once. */
const MAX_PAGES = 20;

/** A request that is never finished holds a connection for two seconds, and there are more of those than a page needs. */
const LIMITS = {
  headersTimeout: 2_000,
  requestTimeout: 2_000,
  connectionsCheckingInterval: 500,
  maxHeaderSize: 10_240,
};

/** A server of the page. */
export interface Screen {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Serves a page on the loopback interface that shows the bank, lets its user call it, and kill and freeze its Regions. The page is told
 * of `changes`. Port 0 takes any that is free. Throws `port_taken` when something else listens there.
 */
export async function openScreen(
  bank: Pick<LocalBank, 'status' | Verb>,
  changes: Changes,
  wantedPort: number,
): Promise<Screen> {
  const files = await makeFiles(bank.status());
  const paths = new Set(files.keys());
  const policy = policyFor(bank.status().map(({ url }) => url));
  const closing = new AbortController();
  changes.setMaxListeners(MAX_PAGES);
  let pages = 0;

  const streamNews = async (response: ServerResponse) => {
    if (pages >= MAX_PAGES) {
      return sendJson(response, 503, { code: 'refused', message: `Only ${MAX_PAGES} pages at once.` });
    }
    pages += 1;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    response.writeHead(200, { 'content-type': 'text/event-stream', ...ALWAYS });
    try {
      await sendNews(bank, changes, response, AbortSignal.any([gone.signal, closing.signal]));
    } finally {
      pages -= 1;
      response.end();
    }
  };

  const handle = async (route: Route, response: ServerResponse): Promise<void> => {
    switch (route.kind) {
      case 'file': {
        const { type, content } = files.get(route.path) ?? { type: 'text/plain', content: '' };
        const headers = { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': policy };
        response.writeHead(200, { ...headers, ...ALWAYS }).end(content);
        return;
      }
      case 'news':
        return await streamNews(response);
      case 'act':
        await bank[route.verb](route.region);
        return sendJson(response, 200, { regions: regionsNow(bank), calls: [] } satisfies News);
      case 'refused':
        return sendJson(response, route.status, { code: 'refused', message: route.why }, route.headers);
    }
  };

  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    // No request has a body that matters, and one that is not read would hold its connection up.
    request.resume();
    const { method = '', url = '', headers } = request;
    const asked = { method, path: url.split('?', 1)[0] ?? '', host: headers.host, origin: headers.origin };
    try {
      await handle(routeOf(asked, port, paths), response);
    } catch (error) {
      const { code, message } = toLocalBankError(error);
      if (response.headersSent) {
        response.destroy();
      } else {
        sendJson(response, STATUSES[code] ?? 500, { code, message });
      }
    }
  };

  const server = createServer(LIMITS, (request, response) => void respond(request, response));
  server.maxConnections = 1_000;
  await listenOn(
    server,
    wantedPort,
    `Port ${wantedPort} is taken, so there is no page to look at: choose another port with --screen.`,
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
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

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import type * as client from '../../client/index.ts';
import type { Bundle } from './bundle.ts';

declare global {
  /** The exports of the bundle, in the page. */
  var twinbank: typeof client;
  /** A client that a test keeps in the page from one step to the next. */
  var bankClient: client.BankClient;
}

const PAGE = '<!doctype html><script type="module">globalThis.twinbank = await import("/index.js");</script>';

/** A web page that has imported the client's bundle from a local server. */
export interface ClientPage extends AsyncDisposable {
  readonly page: Page;
  /** Paths that the page has requested from its server. */
  readonly loaded: readonly string[];
  /** Files that the server does not deliver. */
  readonly missing: Set<string>;
}

export async function openPage(browser: Browser, bundle: Bundle): Promise<ClientPage> {
  const files = new Map([bundle.entry, ...bundle.later].map(({ name, text }) => [`/${name}`, text]));
  const loaded: string[] = [];
  const missing = new Set<string>();
  const server = createServer((request, response) => {
    const path = String(request.url);
    loaded.push(path);
    const text = missing.has(path) ? undefined : files.get(path);
    if (path === '/') {
      response.setHeader('content-type', 'text/html').end(PAGE);
    } else if (text !== undefined) {
      response.setHeader('content-type', 'text/javascript').end(text);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => globalThis.twinbank !== undefined);
  return {
    page,
    loaded,
    missing,
    [Symbol.asyncDispose]: async () => {
      await page.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

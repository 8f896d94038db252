import { isThisMachine } from '../loopback.ts';
import { VERBS, type Verb } from './news.ts';

/** A request, as far as it matters who sends it and what for. */
interface Request {
  readonly method: string;
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** What a request asks for, or why it is refused. */
export type Route =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'news' }
  | { readonly kind: 'act'; readonly region: string; readonly verb: Verb }
  | { readonly kind: 'refused'; readonly status: number; readonly why: string; readonly headers: Headers };

type Headers = { readonly allow?: 'GET' | 'POST' };

/** The path of the news. */
const NEWS_PATH = '/events';

/**
 * Routes a request. A request that does not come from the page itself is refused, since any page that a developer has open
 * can send requests to this machine: one that made its own name point here is known by `Host`, every other one by `Origin`,
 * which browsers put on each request that is not a plain GET of the same page.
 */
export function routeOf(
  { method, path, host, origin }: Request,
  port: number,
  files: ReadonlySet<string>,
): Route {
  if (!isThisMachine(host)) {
    return refuse(403, `This page is at http://127.0.0.1:${port} only.`);
  }
  const isOwn = origin === `http://${host}`;
  if (!isOwn && (origin !== undefined || method !== 'GET')) {
    return refuse(403, 'Only the page of this bank may ask for that.');
  }
  const [, region, verb] = /^\/regions\/([a-z0-9-]{1,40})\/([a-z]+)$/.exec(path) ?? [];
  if (region !== undefined && isVerb(verb)) {
    return method === 'POST' ? { kind: 'act', region, verb } : methodRefused('POST');
  }
  if (path !== NEWS_PATH && !files.has(path)) {
    return refuse(404, 'There is nothing here.');
  }
  if (method !== 'GET') {
    return methodRefused('GET');
  }
  return path === NEWS_PATH ? { kind: 'news' } : { kind: 'file', path };
}

function isVerb(word: string | undefined): word is Verb {
  return VERBS.some((verb) => verb === word);
}

function methodRefused(allow: 'GET' | 'POST'): Route {
  return refuse(405, `Only ${allow} does something here.`, { allow });
}

function refuse(status: number, why: string, headers: Headers = {}): Route {
  return { kind: 'refused', status, why, headers };
}

import { MOVES, type Move, NO_ROUTE_KEY, routeKeyOf } from '../../client/contract.ts';

/** What a request asks for, with the parts of its path still unchecked. */
export type Route =
  | { readonly kind: 'health' }
  | { readonly kind: 'balance'; readonly account: string }
  | { readonly kind: 'move'; readonly account: string; readonly move: Move }
  | { readonly kind: KeyRoute; readonly account: string; readonly key: string }
  | { readonly kind: 'no_such_route' };

/** What can be done with one key of an account. */
export type KeyRoute = 'recorded_reply' | 'acknowledge' | 'cancel';

const NO_SUCH_ROUTE: Route = { kind: 'no_such_route' };

/** The route that the gateway has found, and the request that it found it for, its path decoded. */
export interface RoutedRequest {
  readonly routeKey: string;
  readonly method: string;
  readonly path: string;
}

/**
 * Finds the route of a request. The path is taken as it is: API Gateway has decoded it, and decoding once more would give
 * one account a second name that no policy knows.
 *
 * The gateway chose its route, and IAM allowed it, before the path was decoded. Where a `%2F` makes another route of it,
 * nobody has allowed that one: there is no such route. Nor is there one where the gateway has found none, whatever the path
 * looks like.
 */
export function routeOf({ routeKey, method, path }: RoutedRequest): Route {
  const isRouted = routeKey !== NO_ROUTE_KEY && routeKeyOf(method, path) === routeKey;
  return isRouted ? routeOfPath(method, path) : NO_SUCH_ROUTE;
}

function routeOfPath(method: string, path: string): Route {
  const [root, account, collection, key, ...rest] = path.split('/').slice(1);
  if (rest.length > 0) {
    return NO_SUCH_ROUTE;
  }
  if (root === 'health' && account === undefined) {
    return method === 'GET' ? { kind: 'health' } : NO_SUCH_ROUTE;
  }
  if (root !== 'accounts' || account === undefined) {
    return NO_SUCH_ROUTE;
  }
  if (collection === undefined) {
    return method === 'GET' ? { kind: 'balance', account } : NO_SUCH_ROUTE;
  }
  if (key !== undefined) {
    const kind = KEY_ROUTES.get(`${method} ${collection}`);
    return kind === undefined ? NO_SUCH_ROUTE : { kind, account, key };
  }
  const move = moveOf(collection);
  return method === 'POST' && move !== undefined ? { kind: 'move', account, move } : NO_SUCH_ROUTE;
}

const KEY_ROUTES: ReadonlyMap<string, KeyRoute> = new Map([
  ['GET replies', 'recorded_reply'],
  ['DELETE replies', 'acknowledge'],
  ['PUT cancellations', 'cancel'],
]);

function moveOf(collection: string): Move | undefined {
  return (Object.keys(MOVES) as Move[]).find((move) => MOVES[move] === collection);
}

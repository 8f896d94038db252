import { NO_ROUTE_KEY, type Operation, operationOf, routeKeyOf } from '../../client/contract/schemas.ts';

/** What a request asks for, with the parts of its path still unchecked. */
export interface Route {
  readonly operation: Operation | 'no_such_route';
  readonly account: string;
  readonly key: string | undefined;
  /** The account that money goes to. */
  readonly to: string | undefined;
  /** The key that names a hold. */
  readonly hold: string | undefined;
  /** The key that names a call to refund. */
  readonly call: string | undefined;
}

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
  const found = operationOf(method, path);
  const isRouted = found !== undefined && routeKey !== NO_ROUTE_KEY && routeKeyOf(method, path) === routeKey;
  const { account = '', key, to, hold, call } = found?.names ?? {};
  return { operation: isRouted ? found.operation : 'no_such_route', account, key, to, hold, call };
}
